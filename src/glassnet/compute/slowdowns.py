"""What makes NumPy slower than it need be on this machine, and the line that mends it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet.compute.gflops import measure_without
from glassnet.compute.machine import FORCING, THREADS, describe_cpu
from glassnet.errors import GlassnetError

# Less gain than this is noise: the same kernel, measured twice beside other work, differs by it.
WORTH_SAYING = 1.15
# In 1e9 operations a second, the large product: NumPy's own loops, which it falls back on without
# a BLAS, were measured at 1.3 on one core of a server of 2021, OpenBLAS's oldest kernel at 19.
SLOW = 5.0
EMULATORS = ("QEMU Virtual CPU", "QEMU TCG", "VirtualApple")


@dataclass(frozen=True)
class Slowdown:
    """One thing that costs time.

    Parameters
    ----------
    what : str
        The finding, with the figures that show it.
    mend : str
        What to do about it, in one line.
    """

    what: str
    mend: str


@dataclass(frozen=True)
class Checkup:
    """What was found.

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
    measure: Callable[[tuple[str, ...]], dict[str, Any]] = measure_without,
    describe_here: Callable[[], dict[str, Any]] = describe_cpu,
) -> Checkup:
    """Look for what slows NumPy down. Nothing is changed.

    Parameters
    ----------
    measure : callable
        Variables to leave out -> what NumPy then runs on and how fast.
    describe_here : callable
        -> the processor and the variables that are set.

    Returns
    -------
    Checkup
        What is in use, and what is wrong with it.

    Raises
    ------
    GlassnetError
        If nothing can be measured.
    """
    here = describe_here()
    forcing = tuple(name for name in FORCING if name in here["settings"])
    set_to = " ".join(f"{name}={here['settings'][name]}" for name in forcing)
    mend = f"unset {' '.join(forcing)}"
    slowdowns: list[Slowdown | None] = []
    try:
        found = {**here, **measure(())}
    except GlassnetError:
        if not forcing:
            raise
        found = {**here, **measure(forcing)}
        slowdowns.append(Slowdown(f"{set_to} forces a kernel that this processor cannot run", mend))
    else:
        if forcing:
            slowdowns.append(_forced(found, measure(forcing), set_to, mend))
    slowdowns += [_threads(found, measure), _emulated(found), _slow(found)]
    return Checkup(found, tuple(slowdown for slowdown in slowdowns if slowdown))


def _forced(found: dict[str, Any], free: dict[str, Any], set_to: str, mend: str) -> Slowdown | None:
    """Compare a kernel that the environment forces with the one that the BLAS would choose."""
    gain = max(fast / slow for fast, slow in zip(free["gflops"], found["gflops"], strict=True))
    if "NPY_DISABLE_CPU_FEATURES" in set_to:
        return Slowdown(f"{set_to} turns off vector loops of NumPy", mend)
    if gain < WORTH_SAYING:
        return None
    return Slowdown(
        f"{set_to} forces the kernel {found['kernel']}; left alone, the BLAS takes "
        f"{free['kernel']}, which multiplies up to {gain:.1f} times as fast",
        mend,
    )


def _threads(found: dict[str, Any], measure: Callable[..., dict[str, Any]]) -> Slowdown | None:
    """Compare the BLAS's threads with the cores."""
    threads, cores = found["threads"], found["cores"]
    if threads is None or threads == cores:
        return None
    if threads > cores:
        return Slowdown(
            f"the BLAS uses {threads} threads on {cores} core{'s' * (cores > 1)}: they wait for "
            "each other",
            f"export OMP_NUM_THREADS={cores}",
        )
    limiting = [name for name in THREADS if name in found["settings"]]
    if not limiting:
        return None
    free = measure(tuple(limiting))
    gain = free["gflops"][-1] / found["gflops"][-1]
    set_to = " ".join(f"{name}={found['settings'][name]}" for name in limiting)
    if gain < WORTH_SAYING:
        return None
    return Slowdown(
        f"{set_to} leaves the BLAS {threads} of {cores} cores; with all of them, large products "
        f"are {gain:.1f} times as fast",
        f"unset {' '.join(limiting)}",
    )


def _emulated(found: dict[str, Any]) -> Slowdown | None:
    """Tell a processor that is itself a program."""
    if any(name in found["cpu"] for name in EMULATORS):
        return Slowdown(
            f"the processor, {found['cpu']}, is emulated",
            "use a Python made for this machine's own processor"
            if sys.platform == "darwin"
            else "give the virtual machine its host's processor (QEMU: -accel kvm -cpu host)",
        )
    return None


def _slow(found: dict[str, Any]) -> Slowdown | None:
    """Tell a BLAS that is none."""
    speed = found["gflops"][-1]
    if speed >= SLOW:
        return None
    return Slowdown(
        f"{found['blas'] or 'the BLAS, which does not tell its name,'} multiplies large matrices "
        f"at {speed:g} GFLOP/s",
        "install NumPy's own wheel, which brings OpenBLAS: "
        "pip install --force-reinstall --only-binary numpy numpy",
    )
