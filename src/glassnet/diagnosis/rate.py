"""What is wrong with the learning rate: steps too long, or too short."""

import math

from glassnet.diagnosis.case import Case
from glassnet.diagnosis.finding import Evidence, Finding

# Measured: docs/diagnosis.md.
LONG, VERY_LONG = 0.25, 1.0  # a step, as a share of the weights that it moves
RAISED = 1.4  # the worst batch's loss over the first one's
SPOILT = 0.3  # share of a layer's units that such steps leave dead or saturated
UNSTEADY = 1.3  # the last validation loss over the lowest
POOR = 0.6  # skill
SHORT, STILL = 1e-3, 0.5  # a step; all steps of a training together
UNFINISHED = 0.85  # skill
GOOD = 0.02  # a first step, to aim at


def find_rate_too_high(case: Case) -> Finding | None:
    """Look for steps so long that they made things worse.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``learning-rate-too-high``.
    """
    longest, raised = case.update_ratio, _raised(case)
    spoilt = max((s for r in case.records for s in (*r.dead, *r.saturated_units)), default=0.0)
    is_long = longest >= LONG and raised >= RAISED
    is_long |= longest >= VERY_LONG and spoilt >= SPOILT
    is_harmful = not case.is_finite or case.learnt < POOR or spoilt >= SPOILT or _is_unsteady(case)
    if not (is_long and is_harmful):
        return None
    rate = sensible(case.rate * min(0.1, GOOD / _first_step(case)))
    return Finding(
        "learning-rate-too-high",
        (
            Evidence(
                "update_ratio",
                "longest step measured, as a share of the weights it moved",
                longest,
                LONG,
            ),
            Evidence("raised", "loss of the worst batch over that of the first", raised, RAISED),
        ),
        f"Steps at the rate {case.rate:g} are as long as {longest:.3g} times the weights that they "
        "move, so they jump over the valley that the gradient points into. The loss rises, and "
        "units are thrown to where they have no slope.",
        f"A smaller learning rate: {rate:g}.",
        case.draw_loss("The loss rises above where it began"),
        {"learning_rate": rate},
    )


def find_rate_too_low(case: Case) -> Finding | None:
    """Look for steps so short that a training ends near where it began.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``learning-rate-too-low``.
    """
    longest = case.update_ratio
    # Weights that nothing moves, and those too large from the start, are no matter of the rate.
    if not 0 < longest < SHORT or case.starts_broken or not case.is_finite:
        return None
    if not case.whole or case.learnt >= UNFINISHED:
        return None
    way = sum(_way(case))
    if way >= STILL:
        return None
    rate = sensible(case.rate * GOOD / longest)
    return Finding(
        "learning-rate-too-low",
        (
            Evidence(
                "update_ratio",
                "longest step measured, as a share of the weights it moved",
                longest,
                SHORT,
            ),
            Evidence("way", "all steps together, as a share of the weights", way, STILL),
        ),
        f"At the rate {case.rate:g} a step moves the weights by {longest:.1g} of their length, and "
        "all steps together have hardly moved them. The loss still falls as it did at the start, "
        "only too slowly to get anywhere.",
        f"A higher learning rate: {rate:g}.",
        case.draw_loss("The loss has hardly left where it began"),
        {"learning_rate": rate},
    )


def sensible(rate: float) -> float:
    """Round a rate to 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    rate : float
        Above 0; from 1e-6 on, since no smaller one has a use.

    Returns
    -------
    float
        The nearest of these below.
    """
    rate = max(rate, 1e-6)
    power = math.floor(math.log10(rate) + 1e-9)
    digit = max(d for d in (1, 2, 5) if d <= rate / 10**power + 1e-9)
    return float(f"{digit}e{power}")


def _first_step(case: Case) -> float:
    """Return the length of the first step, which shows the rate before it has done any harm."""
    first = case.first.first_update if case.first is not None else None
    return first or case.update_ratio


def _raised(case: Case) -> float:
    """Return the loss of the worst batch over that of the first; infinite where one was not."""
    first = case.first.first_loss if case.first is not None else None
    peaks = [record.peak_loss for record in case.records if record.peak_loss is not None]
    if first is None or not peaks or not math.isfinite(first):
        return math.nan
    if not case.is_finite or not all(map(math.isfinite, peaks)):
        return math.inf
    return max(peaks) / first if first else math.inf


def _is_unsteady(case: Case) -> bool:
    """Tell whether training and validation loss both end well above where they have been."""
    held_out = [r.validation_loss for r in case.whole if r.validation_loss is not None]
    train = [record.train_loss for record in case.whole]
    return len(train) > 1 and all(
        not losses or losses[-1] > UNSTEADY * min(losses) for losses in (held_out, train)
    )


def _way(case: Case) -> list[float]:
    """Return how far each epoch may have moved the weights: its steps by the longest of them."""
    steps = [0, *(record.step for record in case.whole)]
    return [
        (after - before) * max(record.update_ratios, default=0.0)
        for record, before, after in zip(case.whole, steps, steps[1:], strict=False)
    ]
