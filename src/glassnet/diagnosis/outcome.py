"""What came of it: numbers that are none, and images learnt by heart."""

import math

from glassnet.diagnosis.case import Case, finite_or_none
from glassnet.diagnosis.finding import Evidence, Finding, Picture

# Measured: docs/diagnosis.md.
# Together: the last validation loss over the lowest; training less validation accuracy; the
# validation loss over the training loss. The more it has risen, the less the two need to differ.
LATE = 3  # epochs at the end, at least, which all have to show it
OVER_FITTED = ((1.03, 0.1, 10.0), (1.2, 0.075, 3.0), (1.5, 0.05, 3.0))


def find_not_finite(case: Case) -> Finding | None:
    """Look for a loss or a weight that is infinite or NaN.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``not-finite``.
    """
    if case.is_finite:
        return None
    step = 0 if case.last is None else case.last.step
    return Finding(
        "not-finite",
        (
            Evidence(
                "step", "steps made before a number was no longer finite", float(step), math.inf
            ),
        ),
        "A number has outgrown what a float can hold, and has become infinite or NaN. Whatever is "
        "computed from it is NaN too, so nothing more can be learnt.",
        "Weights of the usual size at the start (the initializer he, gain 1), and a smaller rate.",
        case.draw_loss("The loss, up to where it was last a number"),
        {"initializer": "he", "gain": 1.0},
    )


def find_over_fitting(case: Case) -> Finding | None:
    """Look for a validation loss that has turned while the training loss falls.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``over-fitting``.
    """
    held_out = [record.validation_loss for record in case.whole]
    losses = [loss for loss in held_out if loss is not None]
    if len(losses) <= LATE or len(losses) < len(held_out):
        return None
    # Not the last epoch alone: a loss that jumps comes back.
    late = case.whole[-max(LATE, len(losses) // 10) :]
    risen = min(losses[-len(late) :]) / min(losses) if min(losses) else 1.0
    gap = min(record.train_accuracy - (record.validation_accuracy or 0.0) for record in late)
    apart = min((record.validation_loss or 0.0) / max(record.train_loss, 1e-12) for record in late)
    measured = (risen, gap, apart)
    limits = next(
        (
            row
            for row in OVER_FITTED
            if all(x >= least for x, least in zip(measured, row, strict=True))
        ),
        None,
    )
    if limits is None:
        return None
    best = case.whole[losses.index(min(losses))].epoch
    return Finding(
        "over-fitting",
        (
            Evidence(
                "risen",
                "lowest validation loss of the last epochs over that of all",
                risen,
                limits[0],
            ),
            Evidence("gap", "training accuracy less validation accuracy", gap, limits[1]),
            Evidence("apart", "validation loss over training loss", apart, limits[2]),
        ),
        f"Since epoch {best} the validation loss has risen while the training loss went on "
        "falling. The network learns the training images by heart, their accidents too, and is the "
        "surer of what it reads wrongly.",
        f"Stop after epoch {best}, and silence some units in each step; more images help most.",
        Picture(
            "lines",
            "Training loss falls, validation loss rises",
            "epoch",
            "loss",
            tuple(record.epoch for record in case.whole),
            {
                "train": finite_or_none([record.train_loss for record in case.whole]),
                "validation": finite_or_none(held_out),
            },
            limit=min(losses),
            limit_says=f"lowest, epoch {best}",
        ),
        {"epochs": best, "dropout": 0.3},
    )
