"""What NumPy computes on."""

import os
import platform
import shutil
import subprocess
import sys

import numpy as np
import pytest

from glassnet.compute import describe, describe_cpu, machine


def test_the_processor_has_a_name_and_cores() -> None:
    found = describe_cpu()
    assert found["cpu"].strip()
    assert 1 <= found["cores"] <= (os.cpu_count() or 1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/cpuinfo with another program")
def test_the_name_is_the_one_that_the_system_tells() -> None:
    grep = shutil.which("grep")
    assert grep
    output = subprocess.run(
        [grep, "-i", "-m1", "model name", "/proc/cpuinfo"],
        capture_output=True,
        text=True,
        check=False,  # a processor that is no x86 has no such line
    ).stdout
    name = machine.cpu_name()
    assert name in output if output else name == (platform.processor() or platform.machine())


def test_variables_that_bear_on_speed_are_told_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in machine.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("OPENBLAS_UNHEARD_OF", "1")
    settings = {"OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "3"}
    assert describe_cpu()["settings"] == settings


def test_a_system_without_affinity_counts_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert machine.n_cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.n_cores() == 1


def test_a_system_that_does_not_tell_its_load(monkeypatch: pytest.MonkeyPatch) -> None:
    output = machine.load()
    assert output is None or output >= 0
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert machine.load() is None


def test_numpy_and_its_blas_are_described() -> None:
    found = describe()
    assert found["numpy"] == np.__version__
    assert found["threads"] is None or found["threads"] >= 1
