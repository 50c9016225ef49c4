"""Schedules: how a rate, or the strength of distortions, changes while training: step -> number.

A step is one update; the first has number 0.
"""

import math
from collections.abc import Callable

from glassnet.errors import ConfigError, lookup, whole_number

Schedule = Callable[[int], float]


def constant(learning_rate: float) -> Schedule:
    """Keep one rate.

    Parameters
    ----------
    learning_rate : float
        The rate.

    Returns
    -------
    callable
        step -> learning rate.
    """
    return lambda _step: learning_rate


def step_decay(learning_rate: float, *, every: int, factor: float = 0.5) -> Schedule:
    """Multiply the rate by `factor` every so many steps: eta_t = eta factor^floor(t / every).

    Parameters
    ----------
    learning_rate : float
        The first rate.
    every : int
        Steps between two cuts, at least 1.
    factor : float
        What a cut multiplies by.

    Returns
    -------
    callable
        step -> learning rate.
    """
    every = whole_number("every", every, 1)
    return lambda step: learning_rate * factor ** (step // every)  # equation 27


def warmup_cosine(learning_rate: float, *, n_steps: int, n_warmup: int) -> Schedule:
    """Rise in a straight line, then fall to 0 along half a cosine.

    Parameters
    ----------
    learning_rate : float
        The highest rate.
    n_steps : int
        Steps in all.
    n_warmup : int
        Steps of the rise, less than `n_steps`.

    Returns
    -------
    callable
        step -> learning rate.

    References
    ----------
    Loshchilov and Hutter 2017, "SGDR", arXiv 1608.03983, equation 5 (without restarts).
    """
    n_warmup = whole_number("n_warmup", n_warmup, 0)
    n_steps = whole_number("n_steps", n_steps, n_warmup + 1)

    def schedule(step: int) -> float:  # equation 28
        if step < n_warmup:
            return learning_rate * (step + 1) / n_warmup
        progress = min(1.0, (step - n_warmup) / (n_steps - n_warmup))
        return learning_rate * 0.5 * (1 + math.cos(math.pi * progress))

    return schedule


def one_cycle(
    learning_rate: float, *, n_steps: int, rise: float = 0.3, start: float = 25.0, end: float = 1e4
) -> Schedule:
    """Rise in a straight line, then fall in one, far below where it began.

    Parameters
    ----------
    learning_rate : float
        The highest rate.
    n_steps : int
        Steps in all, at least 1. A single one is made at the highest rate.
    rise : float
        Share of the steps that rise, from 0 to below 1.
    start : float
        The first rate is the highest divided by this, at least 1.
    end : float
        The last rate is the first divided by this, at least 1.

    Returns
    -------
    callable
        step -> learning rate.

    References
    ----------
    Smith and Topin 2018, "Super-convergence", arXiv 1708.07120; the numbers are those of
    PyTorch's ``OneCycleLR`` with ``anneal_strategy="linear"``.
    """
    n_steps = whole_number("n_steps", n_steps, 1)
    if not 0 <= rise < 1:
        raise ConfigError(f"rise: needs a share of the steps, at least 0 and below 1, got {rise}")
    for name, divisor in (("start", start), ("end", end)):
        if not 1 <= divisor < math.inf:
            raise ConfigError(f"{name}: needs a finite number, at least 1, got {divisor}")
    if n_steps == 1:
        return constant(learning_rate)
    first, last = learning_rate / start, learning_rate / start / end
    top = rise * n_steps - 1  # where the two lines meet, on a step or between two

    def schedule(step: int) -> float:  # equation 49
        if step < top:
            return first + (learning_rate - first) * step / top
        progress = min(1.0, (step - top) / (n_steps - 1 - top))
        return learning_rate + (last - learning_rate) * progress

    return schedule


def augment_decay(strength: float, *, n_steps: int, share: float) -> Schedule:
    """Halve how strongly images are distorted for the last part of a training.

    The network has learnt the wide range of distorted images; now, at a low rate, it settles on
    those that look more as what it will be asked to read.

    Parameters
    ----------
    strength : float
        Before.
    n_steps : int
        Steps in all.
    share : float
        Of the steps, how many are augment_decay_fraction, from 0 to 1.

    Returns
    -------
    callable
        step -> strength.

    References
    ----------
    He et al. 2019, "Data augmentation revisited: rethinking the distribution gap between clean
    and augmented data", arXiv 1909.09148, where the last epochs have no strong distortions.
    """
    first = n_steps - round(share * n_steps)
    return lambda step: strength if step < first else strength / 2


# By name, fitted to a training of `n_steps`: three cuts by half, or a tenth of it warming up.
SCHEDULES: dict[str, Callable[[float, int], Schedule]] = {
    "constant": lambda rate, _n_steps: constant(rate),
    "one_cycle": lambda rate, n_steps: one_cycle(rate, n_steps=max(1, n_steps)),
    "step_decay": lambda rate, n_steps: step_decay(rate, every=max(1, math.ceil(n_steps / 4))),
    "warmup_cosine": lambda rate, n_steps: warmup_cosine(
        rate, n_steps=max(1, n_steps), n_warmup=n_steps // 10
    ),
}


def make_schedule(name: str, learning_rate: float, n_steps: int) -> Schedule:
    """Build a named schedule, fitted to the length of a training.

    Parameters
    ----------
    name : str
        ``"constant"``, ``"one_cycle"`` (three tenths of the steps rising), ``"step_decay"``
        (halved after each quarter) or ``"warmup_cosine"`` (a tenth of the steps rising).
    learning_rate : float
        The highest rate.
    n_steps : int
        Updates in the whole training.

    Returns
    -------
    callable
        step -> learning rate.

    Raises
    ------
    ConfigError
        If no schedule has that name.
    """
    return lookup("schedule", SCHEDULES, name)(learning_rate, n_steps)
