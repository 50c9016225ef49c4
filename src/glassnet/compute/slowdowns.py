"""Slowdowns: settings that make NumPy slower than necessary, with a fix for each."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet.compute.gflops import measure_without
from glassnet.compute.machine import FORCING, THREADS, describe_cpu, load
from glassnet.errors import GlassnetError

# Smaller gains are noise: two measurements of the same kernel on a busy machine differ as much.
MIN_GAIN = 1.15
# For the large product. On one core of a server of 2021, NumPy's own loops, used without a BLAS,
# reach 1.3, and OpenBLAS's oldest kernel 19.
MIN_GFLOPS = 5.0
MAX_LOAD_SHARE = 0.5  # of the cores; the load of an idle machine is lower
NUMPY_LOOPS = "NPY_DISABLE_CPU_FEATURES"
Measure = Callable[[tuple[str, ...]], dict[str, Any]]
EMULATORS = ("QEMU Virtual CPU", "QEMU TCG", "VirtualApple")


@dataclass(frozen=True)
class Slowdown:
    """A setting that slows NumPy down, with its remedy.

    Parameters
    ----------
    what : str
        The cause, with the measured figures.
    fix : str
        The remedy, in one line.
    """

    what: str
    fix: str


@dataclass(frozen=True)
class Checkup:
    """The result of `check_up`.

    Parameters
    ----------
    found : dict
        The results of `describe` and `describe_cpu`, with ``gflops`` and ``load``.
    slowdowns : tuple of Slowdown
        Empty if there are none.
    """

    found: dict[str, Any]
    slowdowns: tuple[Slowdown, ...]


def check_up(
    measure: Measure = measure_without,
    describe_here: Callable[[], dict[str, Any]] = describe_cpu,
    busy: Callable[[], float | None] = load,
) -> Checkup:
    """Find settings that slow NumPy down, without changing them.

    The parameters replace the measurements in tests.

    Raises
    ------
    GlassnetError
        If the speed cannot be measured.
    """
    here = {**describe_here(), "load": busy()}
    set_to = here["settings"]
    forcing = tuple(name for name in FORCING if name in set_to)
    slowdowns: list[Slowdown | None] = []
    # If the forced kernel cannot run, this and later measurements leave its variables out.
    left_out: tuple[str, ...] = ()
    try:
        found = {**here, **measure(())}
    except GlassnetError:
        if not forcing:
            raise
        left_out = forcing
        found = {**here, **measure(forcing)}
        what = f"{_assigned(forcing, set_to)} forces a kernel that this processor cannot run"
        slowdowns.append(Slowdown(what, f"unset {' '.join(forcing)}"))
    else:
        slowdowns += [_vector_loops(set_to), _forced(found, measure)]
    slowdowns += [_threads(found, measure, left_out), _busy(found), _hidden(found), _slow(found)]
    return Checkup(found, tuple(slowdown for slowdown in slowdowns if slowdown))


def _assigned(names: tuple[str, ...], settings: dict[str, str]) -> str:
    return " ".join(f"{name}={settings[name]}" for name in names)


def _vector_loops(settings: dict[str, str]) -> Slowdown | None:
    """Report an environment variable that disables vector instructions in NumPy's loops."""
    if NUMPY_LOOPS not in settings:
        return None
    return Slowdown(
        f"{_assigned((NUMPY_LOOPS,), settings)} disables vector instructions in NumPy's loops",
        f"unset {NUMPY_LOOPS}",
    )


def _forced(found: dict[str, Any], measure: Measure) -> Slowdown | None:
    """Compare a kernel forced by the environment with the BLAS's own choice."""
    settings = found["settings"]
    forcing = tuple(name for name in FORCING if name in settings and name != NUMPY_LOOPS)
    if not forcing:
        return None
    free = measure(forcing)
    gain = max(fast / slow for fast, slow in zip(free["gflops"], found["gflops"], strict=True))
    is_same = found["kernel"] is not None and found["kernel"] == free["kernel"]
    if is_same or gain < MIN_GAIN:
        return None
    return Slowdown(
        f"{_assigned(forcing, settings)} forces the kernel {found['kernel']}; by default the BLAS "
        f"uses {free['kernel']}, which is up to {gain:.1f} times as fast"
        if found["kernel"] and free["kernel"]
        else f"{_assigned(forcing, settings)} forces a kernel; the default of the BLAS is up to "
        f"{gain:.1f} times as fast",
        f"unset {' '.join(forcing)}",
    )


def _threads(found: dict[str, Any], measure: Measure, left_out: tuple[str, ...]) -> Slowdown | None:
    """Compare the number of BLAS threads with the number of cores."""
    threads, cores, settings = found["threads"], found["cores"], found["settings"]
    if threads is None or threads == cores:
        return None
    setting = tuple(name for name in THREADS if name in settings)
    fix = f"unset {' '.join(setting)}"
    if threads > cores:
        cause = f"{_assigned(setting, settings)} makes the BLAS use" if setting else "the BLAS uses"
        return Slowdown(
            f"{cause} {threads} threads on {cores} core{'s' * (cores > 1)}",
            fix if setting else f"set OMP_NUM_THREADS to {cores}",
        )
    if not setting:
        return None
    gain = measure((*left_out, *setting))["gflops"][-1] / found["gflops"][-1]
    if gain < MIN_GAIN:
        return None
    return Slowdown(
        f"{_assigned(setting, settings)} limits the BLAS to {threads} of {cores} cores; with all "
        f"of them, large products are {gain:.1f} times as fast",
        fix,
    )


def _busy(found: dict[str, Any]) -> Slowdown | None:
    """Report other programs that are using the processor."""
    load_average, cores = found["load"], found["cores"]
    if load_average is None or load_average < MAX_LOAD_SHARE * cores:
        return None
    return Slowdown(
        f"the load average over the last minute is {load_average:.1f} on {cores} "
        f"core{'s' * (cores > 1)}; BLAS threads that share cores wait for each other, and small "
        "products then take up to a hundred times as long",
        "wait for other programs to end, or set OPENBLAS_NUM_THREADS to 1",
    )


def _hidden(found: dict[str, Any]) -> Slowdown | None:
    """Report a processor that is emulated, or that hides instructions of its host."""
    if any(name in found["cpu"] for name in EMULATORS):
        return Slowdown(
            f"the processor, {found['cpu']}, is emulated, or hides instructions of its host",
            "install a Python built for this machine's processor"
            if sys.platform == "darwin"
            else "give the virtual machine the processor of its host (QEMU: -accel kvm -cpu host)",
        )
    return None


def _slow(found: dict[str, Any]) -> Slowdown | None:
    """Report a BLAS that is not optimised."""
    speed = found["gflops"][-1]
    if speed >= MIN_GFLOPS:
        return None
    return Slowdown(
        f"{found['blas'] or 'the BLAS (name unknown)'} multiplies large matrices at only "
        f"{speed:.1f} GFLOP/s",
        "install NumPy's wheel from PyPI, which includes OpenBLAS: "
        "pip install --force-reinstall --only-binary numpy numpy",
    )
