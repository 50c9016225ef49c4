"""Learning-rate rules: steps that are too large or too small."""

import math

from glassnet.diagnosis.case import Case
from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.finding import Finding

# Measured in docs/diagnosis.md.
LONG_STEP, VERY_LONG_STEP = 0.25, 1.0  # norm of an update relative to that of the weights
MAX_PEAK_LOSS_RATIO = 1.4  # the worst batch's loss divided by the first one's
MAX_STUCK_SHARE = 0.3  # of a layer's units that such steps leave dead or saturated
MAX_FINAL_LOSS_RATIO = 1.3  # the last loss divided by the lowest
HARMED_SKILL = 0.6  # a lower skill indicates harm
SHORT_STEP, MIN_TOTAL_UPDATE = 1e-3, 0.5  # one step; all steps of a run together
SLOW_SKILL = 0.85  # a higher skill excludes slow learning
TARGET_STEP = 0.02  # relative size of the first step at the proposed rate


def find_rate_too_high(case: Case) -> Finding | None:
    """Detect steps so large that the loss rises or units stop learning."""
    longest, peak_ratio = case.update_ratio, _compute_peak_loss_ratio(case)
    stuck = max((s for r in case.records for s in (*r.dead, *r.saturated_units)), default=0.0)
    is_long = longest >= LONG_STEP and peak_ratio >= MAX_PEAK_LOSS_RATIO
    is_long |= longest >= VERY_LONG_STEP and stuck >= MAX_STUCK_SHARE
    is_harmful = (
        not case.is_finite
        or case.skill < HARMED_SKILL
        or stuck >= MAX_STUCK_SHARE
        or _is_unsteady(case)
    )
    if not (is_long and is_harmful):
        return None
    rate = round_rate_down(case.max_learning_rate * min(0.1, TARGET_STEP / _get_first_step(case)))
    return Finding(
        cause="learning-rate-too-high",
        evidence=(
            Evidence("update_ratio", longest, LONG_STEP),
            Evidence("peak_loss_ratio", peak_ratio, MAX_PEAK_LOSS_RATIO),
        ),
        values={"rate": case.max_learning_rate, "step": longest, "new_rate": rate},
        picture=case.make_loss_picture(),
        change={"learning_rate": rate},
    )


def find_rate_too_low(case: Case) -> Finding | None:
    """Detect steps so small that the weights hardly change over the whole run."""
    longest = case.update_ratio
    # A zero gradient and weights that start too large are not due to the learning rate.
    if not 0 < longest < SHORT_STEP or case.starts_above_chance or not case.is_finite:
        return None
    if not case.finished or case.skill >= SLOW_SKILL:
        return None
    total = sum(_bound_epoch_updates(case))
    if total >= MIN_TOTAL_UPDATE:
        return None
    rate = round_rate_down(case.max_learning_rate * TARGET_STEP / longest)
    return Finding(
        cause="learning-rate-too-low",
        evidence=(
            Evidence("update_ratio", longest, SHORT_STEP),
            Evidence("total_update_ratio", total, MIN_TOTAL_UPDATE),
        ),
        values={"rate": case.max_learning_rate, "step": longest, "new_rate": rate},
        picture=case.make_loss_picture(),
        change={"learning_rate": rate},
    )


def round_rate_down(rate: float) -> float:
    """Round a learning rate down to 1, 2 or 5 times a power of ten, at least 1e-6."""
    rate = max(rate, 1e-6)
    power = math.floor(math.log10(rate) + 1e-9)
    digit = max(d for d in (1, 2, 5) if d <= rate / 10**power + 1e-9)
    return float(f"{digit}e{power}")


def _get_first_step(case: Case) -> float:
    """Return the relative size of the first step, before any divergence affects it."""
    first = case.first.first_update if case.first is not None else None
    return first or case.update_ratio


def _compute_peak_loss_ratio(case: Case) -> float:
    """Return the highest batch loss divided by the first, or infinity if any is not finite."""
    first = case.first.first_loss if case.first is not None else None
    peaks = [record.peak_loss for record in case.records if record.peak_loss is not None]
    if first is None or not peaks or not math.isfinite(first):
        return math.nan
    if not case.is_finite or not all(map(math.isfinite, peaks)):
        return math.inf
    return max(peaks) / first if first else math.inf


def _is_unsteady(case: Case) -> bool:
    """Return whether the training and validation losses both end well above their minima."""
    held_out = [r.validation_loss for r in case.finished if r.validation_loss is not None]
    train = [record.train_loss for record in case.finished]
    return len(train) > 1 and all(
        not losses or losses[-1] > MAX_FINAL_LOSS_RATIO * min(losses)
        for losses in (held_out, train)
    )


def _bound_epoch_updates(case: Case) -> list[float]:
    """Return an upper bound on each epoch's relative update: number of steps times the largest."""
    steps = [0, *(record.step for record in case.finished)]
    return [
        (after - before) * max(record.update_ratios, default=0.0)
        for record, before, after in zip(case.finished, steps, steps[1:], strict=False)
    ]
