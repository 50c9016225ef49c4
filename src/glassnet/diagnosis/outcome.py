"""What came of it: numbers that are none, and images learnt by heart."""

import math

from glassnet.diagnosis.case import Case, finite_or_none
from glassnet.diagnosis.finding import Evidence, Finding, Picture

# Measured: docs/diagnosis.md.
RISEN, GAP = 1.5, 0.05  # the last validation loss over the lowest; accuracy, training less it
TURNED, WIDE, APART = 1.03, 0.1, 10.0  # less of a rise, where the two are far apart


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
    if len(losses) < 2 or len(losses) < len(held_out):
        return None
    last = case.whole[-1]
    risen = losses[-1] / min(losses) if min(losses) else 1.0
    gap = last.train_accuracy - (last.validation_accuracy or 0.0)
    apart = losses[-1] / last.train_loss if last.train_loss else math.inf
    is_far = risen >= TURNED and gap >= WIDE and apart >= APART
    if not (is_far or (risen >= RISEN and gap >= GAP)):
        return None
    best = case.whole[losses.index(min(losses))].epoch
    return Finding(
        "over-fitting",
        (
            Evidence(
                "risen",
                "validation loss at the end over its lowest",
                risen,
                TURNED if is_far else RISEN,
            ),
            Evidence(
                "gap", "training accuracy less validation accuracy", gap, WIDE if is_far else GAP
            ),
            Evidence("apart", "validation loss over training loss", apart, APART),
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
