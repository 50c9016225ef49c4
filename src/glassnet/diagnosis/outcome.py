"""Outcome rules: non-finite values and over-fitting."""

import math

from glassnet.diagnosis.case import Case
from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.picture import Picture, finite_or_none

# Measured in docs/diagnosis.md.
MIN_LAST_EPOCHS = 3  # number of final epochs that must all show over-fitting
# Minimum of: the last validation loss divided by the lowest; training minus validation accuracy;
# the validation loss divided by the training loss. All three must be reached in one of the rows.
OVER_FITTING_LIMITS = ((1.03, 0.1, 10.0), (1.2, 0.075, 3.0), (1.5, 0.05, 3.0))


def find_not_finite(case: Case) -> Finding | None:
    """Detect an infinite or NaN loss or parameter."""
    if case.is_finite:
        return None
    step = 0 if case.last is None else case.last.step
    return Finding(
        cause="not-finite",
        evidence=(Evidence("step", float(step), math.inf),),
        picture=case.make_loss_picture(),
        change={"initializer": "he", "gain": 1.0},
    )


def find_over_fitting(case: Case) -> Finding | None:
    """Detect a validation loss that rises while the training loss falls."""
    held_out = [record.validation_loss for record in case.finished]
    losses = [loss for loss in held_out if loss is not None]
    if len(losses) <= MIN_LAST_EPOCHS or len(losses) < len(held_out):
        return None
    # More than the last epoch: a loss may jump in one epoch and recover in the next.
    late = case.finished[-max(MIN_LAST_EPOCHS, len(losses) // 10) :]
    rise = min(losses[-len(late) :]) / min(losses) if min(losses) else 1.0
    gap = min(record.train_accuracy - (record.validation_accuracy or 0.0) for record in late)
    ratio = min((record.validation_loss or 0.0) / max(record.train_loss, 1e-12) for record in late)
    measured = (rise, gap, ratio)
    limits = next(
        (
            row
            for row in OVER_FITTING_LIMITS
            if all(value >= limit for value, limit in zip(measured, row, strict=True))
        ),
        None,
    )
    if limits is None:
        return None
    best = case.finished[losses.index(min(losses))].epoch
    names = ("validation_loss_ratio", "accuracy_gap", "loss_ratio")
    return Finding(
        cause="over-fitting",
        evidence=tuple(map(Evidence, names, measured, limits)),
        values={"epoch": best},
        picture=Picture(
            kind="lines",
            x_label="epoch",
            y_label="loss",
            x=tuple(record.epoch for record in case.finished),
            series={
                "train_loss": finite_or_none([record.train_loss for record in case.finished]),
                "validation_loss": finite_or_none(held_out),
            },
            limit=min(losses),
            limit_label="lowest_validation_loss",
        ),
        change={"epochs": best, "dropout": 0.3},
    )
