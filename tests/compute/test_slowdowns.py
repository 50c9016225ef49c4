"""Slowdowns, with simulated measurements in place of slow machines."""

from collections.abc import Callable
from typing import Any

import pytest

from glassnet.compute.slowdowns import Checkup, check_up
from glassnet.errors import GlassnetError

FAST, SLOW = [200.0, 210.0, 300.0], [100.0, 140.0, 160.0]
BLAS = {"blas": "openblas 0.3.31", "kernel": "SkylakeX", "threads": 2, "gflops": FAST}
Measure = Callable[[tuple[str, ...]], dict[str, Any]]


def examine(
    measure: Measure,
    cpu: str = "A CPU",
    cores: int = 2,
    load: float | None = 0.2,
    **settings: str,
) -> Checkup:
    here = {"cpu": cpu, "cores": cores, "settings": settings}
    return check_up(measure, lambda: here, lambda: load)


def always(**changes: Any) -> Measure:
    return lambda _left_out: BLAS | changes


def with_and_without(variable: str, forced: dict[str, Any], free: dict[str, Any]) -> Measure:
    return lambda left_out: BLAS | (free if variable in left_out else forced)


def test_no_slowdowns_without_a_cause() -> None:
    checkup = examine(always())
    assert checkup.slowdowns == ()
    assert checkup.found["kernel"] == "SkylakeX"
    assert checkup.found["cpu"] == "A CPU"


def test_a_slower_forced_kernel_is_reported() -> None:
    measure = with_and_without(
        "OPENBLAS_CORETYPE", {"kernel": "Haswell", "gflops": SLOW}, {"gflops": FAST}
    )
    checkup = examine(measure, OPENBLAS_CORETYPE="Haswell")
    (slowdown,) = checkup.slowdowns
    assert slowdown.what == (
        "OPENBLAS_CORETYPE=Haswell forces the kernel Haswell; by default the BLAS uses "
        "SkylakeX, which is up to 2.0 times as fast"
    )
    assert slowdown.fix == "unset OPENBLAS_CORETYPE"
    assert checkup.found["gflops"] == SLOW  # the current speed, not the possible one


def test_a_forced_kernel_of_equal_speed_is_not_reported() -> None:
    measure = with_and_without(
        "OPENBLAS_CORETYPE",
        {"kernel": "Cooperlake", "gflops": [190.0, 200.0, 290.0]},
        {"gflops": FAST},
    )
    assert examine(measure, OPENBLAS_CORETYPE="Cooperlake").slowdowns == ()


def test_a_forced_kernel_that_cannot_run_is_reported() -> None:
    def measure(left_out: tuple[str, ...]) -> dict[str, Any]:
        if "OPENBLAS_CORETYPE" not in left_out:
            raise GlassnetError("measuring: the process ended with code -4")
        return BLAS

    (slowdown,) = examine(measure, OPENBLAS_CORETYPE="Cooperlake").slowdowns
    assert slowdown.what == (
        "OPENBLAS_CORETYPE=Cooperlake forces a kernel that this processor cannot run"
    )
    assert slowdown.fix == "unset OPENBLAS_CORETYPE"


def test_threads_are_measured_without_a_kernel_that_cannot_run() -> None:
    def measure(left_out: tuple[str, ...]) -> dict[str, Any]:
        if "OPENBLAS_CORETYPE" not in left_out:
            raise GlassnetError("measuring: the process ended with code -4")
        return BLAS | ({} if "OMP_NUM_THREADS" in left_out else {"threads": 1, "gflops": SLOW})

    kernel, threads = examine(
        measure, OPENBLAS_CORETYPE="Cooperlake", OMP_NUM_THREADS="1"
    ).slowdowns
    assert "cannot run" in kernel.what
    assert "limits the BLAS to 1 of 2 cores" in threads.what


def test_forcing_the_default_kernel_is_not_reported() -> None:
    measure = with_and_without("OPENBLAS_CORETYPE", {"gflops": SLOW}, {"gflops": FAST})
    assert examine(measure, OPENBLAS_CORETYPE="SkylakeX").slowdowns == ()


def test_a_slower_forced_kernel_of_unknown_name_is_reported() -> None:
    measure = with_and_without(
        "MKL_ENABLE_INSTRUCTIONS", {"kernel": None, "gflops": SLOW}, {"kernel": None}
    )
    (slowdown,) = examine(measure, MKL_ENABLE_INSTRUCTIONS="SSE4_2").slowdowns
    assert slowdown.what == (
        "MKL_ENABLE_INSTRUCTIONS=SSE4_2 forces a kernel; the default of the BLAS is up to "
        "2.0 times as fast"
    )


def test_an_unexplained_failure_raises() -> None:
    def measure(_left_out: tuple[str, ...]) -> dict[str, Any]:
        raise GlassnetError("measuring: no")

    with pytest.raises(GlassnetError, match="measuring: no"):
        examine(measure)


def test_disabled_vector_instructions_are_reported() -> None:
    (slowdown,) = examine(always(), NPY_DISABLE_CPU_FEATURES="AVX2").slowdowns
    assert (
        slowdown.what
        == "NPY_DISABLE_CPU_FEATURES=AVX2 disables vector instructions in NumPy's loops"
    )
    assert slowdown.fix == "unset NPY_DISABLE_CPU_FEATURES"


def test_fewer_threads_than_cores_are_reported() -> None:
    measure = with_and_without(
        "OMP_NUM_THREADS", {"threads": 1, "gflops": SLOW}, {"threads": 2, "gflops": FAST}
    )
    (slowdown,) = examine(measure, OMP_NUM_THREADS="1").slowdowns
    assert slowdown.what == (
        "OMP_NUM_THREADS=1 limits the BLAS to 1 of 2 cores; with all of them, large products are "
        "1.9 times as fast"
    )
    assert slowdown.fix == "unset OMP_NUM_THREADS"


def test_fewer_threads_without_a_cost_or_a_setting_are_not_reported() -> None:
    assert examine(always(threads=1), OMP_NUM_THREADS="1").slowdowns == ()
    assert examine(always(threads=1)).slowdowns == ()
    assert examine(always(threads=None)).slowdowns == ()


def test_more_threads_than_cores_are_reported() -> None:
    (slowdown,) = examine(always(threads=8), cores=1).slowdowns
    assert slowdown.what == "the BLAS uses 8 threads on 1 core"
    assert slowdown.fix == "set OMP_NUM_THREADS to 1"
    (slowdown,) = examine(always(threads=8), OPENBLAS_NUM_THREADS="8").slowdowns
    assert slowdown.what == "OPENBLAS_NUM_THREADS=8 makes the BLAS use 8 threads on 2 cores"
    assert slowdown.fix == "unset OPENBLAS_NUM_THREADS"


def test_a_high_load_average_is_reported() -> None:
    (slowdown,) = examine(always(), load=1.75).slowdowns
    assert slowdown.what.startswith("the load average over the last minute is 1.8 on 2 cores")
    assert "OPENBLAS_NUM_THREADS" in slowdown.fix
    assert examine(always(), load=0.9).slowdowns == ()
    assert examine(always(), load=None).slowdowns == ()


@pytest.mark.parametrize("cpu", ["QEMU Virtual CPU version 2.5+", "VirtualApple @ 2.50GHz"])
def test_an_emulated_processor_is_reported(cpu: str) -> None:
    (slowdown,) = examine(always(), cpu=cpu).slowdowns
    assert slowdown.what.startswith(f"the processor, {cpu}, is emulated, or hides")
    assert slowdown.fix


@pytest.mark.parametrize(("blas", "name"), [("blis", "blis"), (None, "the BLAS (name unknown)")])
def test_a_slow_blas_is_reported(blas: str | None, name: str) -> None:
    (slowdown,) = examine(always(blas=blas, gflops=[1.0, 1.1, 1.3])).slowdowns
    assert slowdown.what == f"{name} multiplies large matrices at only 1.3 GFLOP/s"
    assert "pip install" in slowdown.fix


def test_several_slowdowns_are_all_reported() -> None:
    measure = with_and_without("OPENBLAS_CORETYPE", {"kernel": "Haswell", "gflops": SLOW}, {})
    checkup = examine(measure, OPENBLAS_CORETYPE="Haswell", NPY_DISABLE_CPU_FEATURES="AVX2")
    loops, kernel = checkup.slowdowns
    assert "NPY_DISABLE_CPU_FEATURES" in loops.fix
    assert kernel.fix == "unset OPENBLAS_CORETYPE"
