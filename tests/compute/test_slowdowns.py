"""What slows NumPy down: each case made up, so that no machine of that kind is needed."""

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


def test_where_nothing_is_wrong_nothing_is_said() -> None:
    checkup = examine(always())
    assert checkup.slowdowns == ()
    assert checkup.found["kernel"] == "SkylakeX"
    assert checkup.found["cpu"] == "A CPU"


def test_a_forced_kernel_that_is_slower() -> None:
    measure = with_and_without(
        "OPENBLAS_CORETYPE", {"kernel": "Haswell", "gflops": SLOW}, {"gflops": FAST}
    )
    checkup = examine(measure, OPENBLAS_CORETYPE="Haswell")
    (slowdown,) = checkup.slowdowns
    assert slowdown.what == (
        "OPENBLAS_CORETYPE=Haswell forces the kernel Haswell; left alone, the BLAS takes "
        "SkylakeX, which multiplies up to 2.0 times as fast"
    )
    assert slowdown.fix == "unset OPENBLAS_CORETYPE"
    assert checkup.found["gflops"] == SLOW  # what is in use, not what could be


def test_a_forced_kernel_that_is_as_fast_is_left_alone() -> None:
    measure = with_and_without(
        "OPENBLAS_CORETYPE",
        {"kernel": "Cooperlake", "gflops": [190.0, 200.0, 290.0]},
        {"gflops": FAST},
    )
    assert examine(measure, OPENBLAS_CORETYPE="Cooperlake").slowdowns == ()


def test_a_forced_kernel_that_the_processor_cannot_run() -> None:
    def measure(left_out: tuple[str, ...]) -> dict[str, Any]:
        if "OPENBLAS_CORETYPE" not in left_out:
            raise GlassnetError("measuring: the process ended with code -4")
        return BLAS

    (slowdown,) = examine(measure, OPENBLAS_CORETYPE="Cooperlake").slowdowns
    assert slowdown.what == (
        "OPENBLAS_CORETYPE=Cooperlake forces a kernel that this processor cannot run"
    )
    assert slowdown.fix == "unset OPENBLAS_CORETYPE"


def test_threads_are_compared_without_a_kernel_that_cannot_run() -> None:
    def measure(left_out: tuple[str, ...]) -> dict[str, Any]:
        if "OPENBLAS_CORETYPE" not in left_out:
            raise GlassnetError("measuring: the process ended with code -4")
        return BLAS | ({} if "OMP_NUM_THREADS" in left_out else {"threads": 1, "gflops": SLOW})

    kernel, threads = examine(
        measure, OPENBLAS_CORETYPE="Cooperlake", OMP_NUM_THREADS="1"
    ).slowdowns
    assert "cannot run" in kernel.what
    assert "leaves the BLAS 1 of 2 cores" in threads.what


def test_the_same_kernel_measured_twice_is_the_same() -> None:
    measure = with_and_without("OPENBLAS_CORETYPE", {"gflops": SLOW}, {"gflops": FAST})
    assert examine(measure, OPENBLAS_CORETYPE="SkylakeX").slowdowns == ()


def test_a_blas_that_does_not_tell_its_kernel() -> None:
    measure = with_and_without(
        "MKL_ENABLE_INSTRUCTIONS", {"kernel": None, "gflops": SLOW}, {"kernel": None}
    )
    (slowdown,) = examine(measure, MKL_ENABLE_INSTRUCTIONS="SSE4_2").slowdowns
    assert slowdown.what == (
        "MKL_ENABLE_INSTRUCTIONS=SSE4_2 forces a kernel; left alone, the BLAS multiplies up to "
        "2.0 times as fast"
    )


def test_a_failure_that_nothing_explains_is_an_error() -> None:
    def measure(_left_out: tuple[str, ...]) -> dict[str, Any]:
        raise GlassnetError("measuring: no")

    with pytest.raises(GlassnetError, match="measuring: no"):
        examine(measure)


def test_vector_loops_that_are_turned_off() -> None:
    (slowdown,) = examine(always(), NPY_DISABLE_CPU_FEATURES="AVX2").slowdowns
    assert slowdown.what == "NPY_DISABLE_CPU_FEATURES=AVX2 turns off vector loops of NumPy"
    assert slowdown.fix == "unset NPY_DISABLE_CPU_FEATURES"


def test_one_thread_on_many_cores() -> None:
    measure = with_and_without(
        "OMP_NUM_THREADS", {"threads": 1, "gflops": SLOW}, {"threads": 2, "gflops": FAST}
    )
    (slowdown,) = examine(measure, OMP_NUM_THREADS="1").slowdowns
    assert slowdown.what == (
        "OMP_NUM_THREADS=1 leaves the BLAS 1 of 2 cores; with all of them, large products are "
        "1.9 times as fast"
    )
    assert slowdown.fix == "unset OMP_NUM_THREADS"


def test_fewer_threads_that_cost_nothing_or_that_nobody_set_are_left_alone() -> None:
    assert examine(always(threads=1), OMP_NUM_THREADS="1").slowdowns == ()
    assert examine(always(threads=1)).slowdowns == ()
    assert examine(always(threads=None)).slowdowns == ()


def test_more_threads_than_cores() -> None:
    (slowdown,) = examine(always(threads=8), cores=1).slowdowns
    assert slowdown.what == "There are 8 threads of the BLAS for 1 core"
    assert slowdown.fix == "set OMP_NUM_THREADS to 1"
    (slowdown,) = examine(always(threads=8), OPENBLAS_NUM_THREADS="8").slowdowns
    assert slowdown.what == "OPENBLAS_NUM_THREADS=8 makes 8 threads of the BLAS for 2 cores"
    assert slowdown.fix == "unset OPENBLAS_NUM_THREADS"


def test_other_programs_at_work() -> None:
    (slowdown,) = examine(always(), load=1.75).slowdowns
    assert slowdown.what.startswith("1.8 programs were at work on 2 cores in the last minute")
    assert "OPENBLAS_NUM_THREADS" in slowdown.fix
    assert examine(always(), load=0.9).slowdowns == ()
    assert examine(always(), load=None).slowdowns == ()


@pytest.mark.parametrize("cpu", ["QEMU Virtual CPU version 2.5+", "VirtualApple @ 2.50GHz"])
def test_an_emulated_processor(cpu: str) -> None:
    (slowdown,) = examine(always(), cpu=cpu).slowdowns
    assert slowdown.what.startswith(f"the processor, {cpu}, is emulated, or hides")
    assert slowdown.fix


@pytest.mark.parametrize(
    ("blas", "name"), [("blis", "blis"), (None, "the BLAS, which does not tell its name,")]
)
def test_a_slow_blas(blas: str | None, name: str) -> None:
    (slowdown,) = examine(always(blas=blas, gflops=[1.0, 1.1, 1.3])).slowdowns
    assert slowdown.what == f"{name} multiplies large matrices at 1.3 GFLOP/s"
    assert "pip install" in slowdown.fix


def test_two_things_at_once_are_both_told() -> None:
    measure = with_and_without("OPENBLAS_CORETYPE", {"kernel": "Haswell", "gflops": SLOW}, {})
    checkup = examine(measure, OPENBLAS_CORETYPE="Haswell", NPY_DISABLE_CPU_FEATURES="AVX2")
    loops, kernel = checkup.slowdowns
    assert "NPY_DISABLE_CPU_FEATURES" in loops.fix
    assert kernel.fix == "unset OPENBLAS_CORETYPE"
