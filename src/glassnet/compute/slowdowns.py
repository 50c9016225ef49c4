"""Slowdowns: settings that make NumPy slower than necessary, and the line that fixes each."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet.compute.gflops import measure_without
from glassnet.compute.machine import FORCING, THREADS, describe_cpu, load
from glassnet.errors import GlassnetError

# A smaller gain is noise: the same kernel, measured twice next to other work, differs by it.
MIN_GAIN = 1.15
# Of the large product: NumPy's own loops, used without a BLAS, reach 1.3 on one core of a server of
# 2021, OpenBLAS's oldest kernel 19.
MIN_GFLOPS = 5.0
MAX_LOAD_SHARE = 0.5  # of the cores; an idle machine stays below it
NUMPY_LOOPS = "NPY_DISABLE_CPU_FEATURES"
Measure = Callable[[tuple[str, ...]], dict[str, Any]]
EMULATORS = ("QEMU Virtual CPU", "QEMU TCG", "VirtualApple")


@dataclass(frozen=True)
class Slowdown:
    """A setting that costs time.

    Parameters
    ----------
    what : str
        The finding, with the figures that show it.
    fix : str
        What to do about it, in one line.
    """

    what: str
    fix: str


@dataclass(frozen=True)
class Checkup:
    """The result of `check_up`.

    Parameters
    ----------
    found : dict
        As `glassnet.compute.describe` and `describe_cpu` tell, with ``gflops``.
    slowdowns : tuple of Slowdown
        What costs time; empty where nothing does.
    """

    found: dict[str, Any]
    slowdowns: tuple[Slowdown, ...]


def check_up(
    measure: Measure = measure_without,
    describe_here: Callable[[], dict[str, Any]] = describe_cpu,
    busy: Callable[[], float | None] = load,
) -> Checkup:
    """Find settings that slow NumPy down; nothing is changed.

    Parameters
    ----------
    measure : callable
        Variables to leave out -> what NumPy then runs on and how fast.
    describe_here : callable
        -> the processor and the variables that are set.
    busy : callable
        -> how many programs are at work, before this one measures.

    Returns
    -------
    Checkup
        What is in use, and what is wrong with it.

    Raises
    ------
    GlassnetError
        If nothing can be measured.
    """
    here = {**describe_here(), "load": busy()}
    set_to = here["settings"]
    forcing = tuple(name for name in FORCING if name in set_to)
    slowdowns: list[Slowdown | None] = []
    # What a forced kernel cannot run is measured without it, and so is what follows.
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
    """Report a variable that disables vector instructions in NumPy's loops."""
    if NUMPY_LOOPS not in settings:
        return None
    return Slowdown(
        f"{_assigned((NUMPY_LOOPS,), settings)} turns off vector loops of NumPy",
        f"unset {NUMPY_LOOPS}",
    )


def _forced(found: dict[str, Any], measure: Measure) -> Slowdown | None:
    """Compare a kernel that the environment forces with the one that the BLAS would choose."""
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
        f"{_assigned(forcing, settings)} forces the kernel {found['kernel']}; left alone, the "
        f"BLAS takes {free['kernel']}, which multiplies up to {gain:.1f} times as fast"
        if found["kernel"] and free["kernel"]
        else f"{_assigned(forcing, settings)} forces a kernel; left alone, the BLAS multiplies up "
        f"to {gain:.1f} times as fast",
        f"unset {' '.join(forcing)}",
    )


def _threads(found: dict[str, Any], measure: Measure, left_out: tuple[str, ...]) -> Slowdown | None:
    """Compare the BLAS's threads with the cores."""
    threads, cores, settings = found["threads"], found["cores"], found["settings"]
    if threads is None or threads == cores:
        return None
    setting = tuple(name for name in THREADS if name in settings)
    fix = f"unset {' '.join(setting)}"
    if threads > cores:
        why = f"{_assigned(setting, settings)} makes" if setting else "There are"
        return Slowdown(
            f"{why} {threads} threads of the BLAS for {cores} core{'s' * (cores > 1)}",
            fix if setting else f"set OMP_NUM_THREADS to {cores}",
        )
    if not setting:
        return None
    gain = measure((*left_out, *setting))["gflops"][-1] / found["gflops"][-1]
    if gain < MIN_GAIN:
        return None
    return Slowdown(
        f"{_assigned(setting, settings)} leaves the BLAS {threads} of {cores} cores; with all of "
        f"them, large products are {gain:.1f} times as fast",
        fix,
    )


def _busy(found: dict[str, Any]) -> Slowdown | None:
    """Report other programs that use the processor."""
    at_work, cores = found["load"], found["cores"]
    if at_work is None or at_work < MAX_LOAD_SHARE * cores:
        return None
    return Slowdown(
        f"{at_work:.1f} programs were at work on {cores} core{'s' * (cores > 1)} in the last "
        "minute; threads of a BLAS that share cores wait for each other, and small products then "
        "take up to a hundred times as long",
        "let the others end, or set OPENBLAS_NUM_THREADS to 1",
    )


def _hidden(found: dict[str, Any]) -> Slowdown | None:
    """Report a processor that is emulated, or that reports fewer features than it has."""
    if any(name in found["cpu"] for name in EMULATORS):
        return Slowdown(
            f"the processor, {found['cpu']}, is emulated, or hides instructions that its host has",
            "use a Python made for this machine's own processor"
            if sys.platform == "darwin"
            else "give the virtual machine its host's processor (QEMU: -accel kvm -cpu host)",
        )
    return None


def _slow(found: dict[str, Any]) -> Slowdown | None:
    """Report a BLAS that is not optimised."""
    speed = found["gflops"][-1]
    if speed >= MIN_GFLOPS:
        return None
    return Slowdown(
        f"{found['blas'] or 'the BLAS, which does not tell its name,'} multiplies large matrices "
        f"at {speed:.1f} GFLOP/s",
        "install NumPy's own wheel, which brings OpenBLAS: "
        "pip install --force-reinstall --only-binary numpy numpy",
    )
