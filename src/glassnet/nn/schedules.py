"""Schedules for the learning rate or for the strength of distortions.

Each function returns a schedule, a function from the step number, counted from 0, to a rate. A step
is one update; `learning_rate` is the highest rate and `n_steps` the number of steps of the run.
"""

import math
from collections.abc import Callable

from glassnet.errors import ConfigError, check_range, lookup, whole_number

Schedule = Callable[[int], float]


def constant(learning_rate: float) -> Schedule:
    """Return a schedule with a constant rate.

    Examples
    --------
    >>> import glassnet as gn
    >>> schedule = gn.constant(0.1)
    >>> [schedule(step) for step in (0, 10, 1000)]
    [0.1, 0.1, 0.1]
    """
    return lambda _step: learning_rate


def step_decay(learning_rate: float, *, every: int, factor: float = 0.5) -> Schedule:
    """Return a schedule that multiplies the rate by `factor` after every `every` steps.

    eta_t = eta factor^floor(t / every).

    Examples
    --------
    >>> import glassnet as gn
    >>> schedule = gn.step_decay(0.8, every=10)
    >>> [schedule(step) for step in (0, 9, 10, 20, 30)]
    [0.8, 0.8, 0.4, 0.2, 0.1]
    """
    every = whole_number("every", every, 1)
    return lambda step: learning_rate * factor ** (step // every)  # equation 27


def warmup_cosine(learning_rate: float, *, n_steps: int, n_warmup: int) -> Schedule:
    """Return a schedule with a linear warm-up and a cosine decay to 0.

    Parameters
    ----------
    n_warmup : int
        Number of warm-up steps, at least 0 and below `n_steps`.

    References
    ----------
    Loshchilov and Hutter 2017, "SGDR", arXiv 1608.03983, equation 5 (without restarts).

    Examples
    --------
    >>> import glassnet as gn
    >>> schedule = gn.warmup_cosine(1.0, n_steps=8, n_warmup=4)
    >>> [round(schedule(step), 2) for step in range(9)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.85, 0.5, 0.15, 0.0]
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
    learning_rate: float,
    *,
    n_steps: int,
    pct_start: float = 0.3,
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> Schedule:
    """Return a one-cycle schedule: a linear rise, then a linear fall to far below the initial rate.

    A run of one step uses the highest rate.

    Parameters
    ----------
    pct_start : float
        Fraction of the steps during which the rate rises, in [0, 1).
    div_factor : float
        Highest rate divided by the first, at least 1.
    final_div_factor : float
        First rate divided by the last, at least 1.

    References
    ----------
    Smith and Topin 2018, "Super-convergence", arXiv 1708.07120; the arguments and defaults are
    those of PyTorch's ``OneCycleLR`` with ``anneal_strategy="linear"``.

    Examples
    --------
    >>> import glassnet as gn
    >>> schedule = gn.one_cycle(1.0, n_steps=10)
    >>> [round(schedule(step), 2) for step in range(10)]
    [0.04, 0.52, 1.0, 0.86, 0.71, 0.57, 0.43, 0.29, 0.14, 0.0]
    """
    n_steps = whole_number("n_steps", n_steps, 1)
    check_range("pct_start", pct_start, below=1)
    for name, divisor in (("div_factor", div_factor), ("final_div_factor", final_div_factor)):
        if not 1 <= divisor < math.inf:
            raise ConfigError(f"{name}: needs a finite number, at least 1, got {divisor}")
    if n_steps == 1:
        return constant(learning_rate)
    first, last = learning_rate / div_factor, learning_rate / div_factor / final_div_factor
    top = pct_start * n_steps - 1  # where the two lines meet, on a step or between two

    def schedule(step: int) -> float:  # equation 49
        if step < top:
            return first + (learning_rate - first) * step / top
        progress = min(1.0, (step - top) / (n_steps - 1 - top))
        return learning_rate + (last - learning_rate) * progress

    return schedule


def augment_decay(strength: float, *, n_steps: int, fraction: float) -> Schedule:
    """Return a schedule that halves the distortion strength for the last steps of a run.

    After training on strongly distorted images, the network is fitted, at a low learning rate, to
    images that are closer to undistorted ones.

    Parameters
    ----------
    strength : float
        Strength of the distortions before it is halved, from 0 to 1.
    fraction : float
        Fraction of the steps with half the strength, from 0 to 1.

    References
    ----------
    He et al. 2019, "Data augmentation revisited: rethinking the distribution gap between clean
    and augmented data", arXiv 1909.09148, where the last epochs have no strong distortions.

    Examples
    --------
    >>> import glassnet as gn
    >>> schedule = gn.augment_decay(0.8, n_steps=5, fraction=0.4)
    >>> [schedule(step) for step in range(5)]
    [0.8, 0.8, 0.8, 0.4, 0.4]
    """
    first = n_steps - round(fraction * n_steps)
    return lambda step: strength if step < first else strength / 2


# By name: (learning_rate, n_steps) -> schedule.
SCHEDULES: dict[str, Callable[[float, int], Schedule]] = {
    "constant": lambda rate, _n_steps: constant(rate),
    "one_cycle": lambda rate, n_steps: one_cycle(rate, n_steps=max(1, n_steps)),
    "step_decay": lambda rate, n_steps: step_decay(rate, every=max(1, math.ceil(n_steps / 4))),
    "warmup_cosine": lambda rate, n_steps: warmup_cosine(
        rate, n_steps=max(1, n_steps), n_warmup=n_steps // 10
    ),
}


def make_schedule(name: str, learning_rate: float, n_steps: int) -> Schedule:
    """Build a schedule by name for a run with `n_steps` steps.

    The names are ``"constant"``, ``"one_cycle"`` (the rate rises for three tenths of the steps),
    ``"step_decay"`` (halved after each quarter) and ``"warmup_cosine"`` (rises for a tenth).

    Raises
    ------
    ConfigError
        If no schedule has that name.
    """
    return lookup("schedule", SCHEDULES, name)(learning_rate, n_steps)
