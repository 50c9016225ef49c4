"""Description of the processor and the BLAS."""

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
def test_the_processor_name_is_that_of_proc_cpuinfo() -> None:
    grep = shutil.which("grep")
    assert grep
    output = subprocess.run(
        [grep, "-i", "-m1", "model name", "/proc/cpuinfo"],
        capture_output=True,
        text=True,
        check=False,  # only x86 processors have this line
    ).stdout
    name = machine.cpu_name()
    assert name in output if output else name == (platform.processor() or platform.machine())


def test_only_variables_that_affect_speed_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in machine.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("OPENBLAS_UNHEARD_OF", "1")
    settings = {"OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "3"}
    assert describe_cpu()["settings"] == settings


def test_all_cores_are_counted_without_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert machine.n_cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.n_cores() == 1


def test_the_load_is_none_where_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    output = machine.load()
    assert output is None or output >= 0
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert machine.load() is None


def test_numpy_and_its_blas_are_described() -> None:
    found = describe()
    assert found["numpy"] == np.__version__
    assert found["threads"] is None or found["threads"] >= 1
