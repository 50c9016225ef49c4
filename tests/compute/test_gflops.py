"""The speed of matrix products, measured in another process."""

import os
import platform

import pytest

from glassnet.compute import describe
from glassnet.compute.gflops import SHAPES, measure_without
from glassnet.errors import GlassnetError


def test_each_shape_is_measured_in_another_process() -> None:
    measured = measure_without(())
    assert len(measured["gflops"]) == len(SHAPES)
    assert all(0.01 < speed < 100_000 for speed in measured["gflops"])
    assert {name: measured[name] for name in ("numpy", "blas", "kernel", "threads")} == {
        name: describe()[name] for name in ("numpy", "blas", "kernel", "threads")
    }


def test_the_blas_of_another_library_is_ignored() -> None:
    before = describe()
    import cv2  # noqa: F401 - loads its own BLAS

    assert describe() == before


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64") or "openblas" not in str(describe()["blas"]),
    reason="Nehalem is a kernel of OpenBLAS for x86-64",
)
def test_removing_a_variable_restores_the_default_kernel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    assert measure_without(())["kernel"] == "Nehalem"
    assert measure_without(("OPENBLAS_CORETYPE",))["kernel"] != "Nehalem"
    assert os.environ["OPENBLAS_CORETYPE"] == "Nehalem"


def test_the_error_of_a_failed_process_has_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.compute.gflops.sys.executable", "/bin/false")
    with pytest.raises(GlassnetError, match=r"exited with code 1 \(no output\)\. To run it alone"):
        measure_without(())
