"""What is wrong with the units: copies of each other, dead, saturated, or without a gradient."""

import math

from glassnet.diagnosis.case import Case
from glassnet.diagnosis.finding import Evidence, Finding

# Measured: docs/diagnosis.md.
ALIKE = 0.999  # share of a layer's weights that all of its units have in common
DEAD, SATURATED = 0.5, 0.5  # share of a layer's units, after the first epoch or at the end
PRESSED = 0.25  # share of a layer's activations, in a training that starts worse than chance
# The first layer's gradient over the last one's, with the skill that a training reaches at most.
VANISHED = ((0.01, 0.8), (0.03, 0.5), (0.1, 0.3))
MOVING = 1e-3  # the longest step; where all are shorter, a small gradient is the rate's


def find_zero_initialisation(case: Case) -> Finding | None:
    """Look for hidden layers whose units are copies of each other.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``zero-initialisation``.
    """
    alike = case.unit_similarity
    if not alike or not max(alike) >= ALIKE:
        return None
    return Finding(
        "zero-initialisation",
        (
            Evidence(
                "unit_similarity",
                "share of the weights that all units of a layer have in common",
                max(alike),
                ALIKE,
            ),
        ),
        "The units of a hidden layer have the same weights, so they compute the same and get the "
        "same gradient. They stay copies of one another, and the layer is worth one unit.",
        "Start the weights at random: the initializer he, or glorot for sigmoid and tanh.",
        case.draw_layers(
            "How alike the units of each hidden layer are",
            "share in common",
            alike,
            limit=ALIKE,
            limit_says="copies of each other",
        ),
        {"initializer": "he"},
    )


def find_saturated_sigmoids(case: Case) -> Finding | None:
    """Look for sigmoid and tanh units that are pressed against an end of their range.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``saturated-sigmoids``.
    """
    limits = ("saturated_units", SATURATED), ("saturated_units", SATURATED)
    if case.starts_broken:  # weights too large press a unit against one end or the other
        limits = ("saturated_activations", PRESSED), ("saturated_units", SATURATED)
    return _find_stuck(
        case,
        "saturated-sigmoids",
        limits,
        "Units lie within 1 % of an end of their range for nearly all images, where sigmoid and "
        "tanh are flat. No slope means no gradient, so what feeds them does not learn.",
        "Smaller weights at the start, and normalise each hidden layer over the batch.",
    )


def find_dead_relus(case: Case) -> Finding | None:
    """Look for ReLUs that are 0 for every image.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``dead-relus``.
    """
    return _find_stuck(
        case,
        "dead-relus",
        (("dead", DEAD), ("dead", DEAD)),
        "Units give 0 for every image, since what they add up is always negative. There a ReLU has "
        "no slope, so no gradient ever brings them back.",
        "Start the biases at 0, and normalise each hidden layer over the batch.",
    )


def _find_stuck(
    case: Case,
    cause: str,
    limits: tuple[tuple[str, float], tuple[str, float]],
    explanation: str,
    experiment: str,
) -> Finding | None:
    """Name a cause where one layer has too many units that do not move, from the start or now."""
    for record, (field, limit) in zip((case.first, case.last), limits, strict=True):
        shares = () if record is None else getattr(record, field)
        if max(shares, default=0.0) >= limit:
            break
    else:
        return None
    what = "activations" if field == "saturated_activations" else "units"
    return Finding(
        cause,
        (Evidence(field, f"share of a layer's {what} that are {field}", max(shares), limit),),
        explanation,
        experiment,
        case.draw_layers(
            f"Hidden {what} that are {field}",
            f"share of the layer's {what}",
            shares,
            limit=limit,
            limit_says="too many above",
        ),
        {"bias": 0.0, "gain": 1.0, "batch_norm": True},
    )


def find_vanishing_gradients(case: Case) -> Finding | None:
    """Look for a gradient that does not reach the first layer.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``vanishing-gradients``.
    """
    norms = () if case.first is None else case.first.gradient_norms
    if len(norms) < 3 or not all(map(math.isfinite, norms)) or not norms[-1] or not case.is_finite:
        return None
    share = norms[0] / norms[-1]
    limits = [limit for limit, most in VANISHED if share < limit and case.learnt < most]
    if not limits or (share >= VANISHED[1][0] and not case.update_ratio >= MOVING):
        return None
    limit = limits[0]
    return Finding(
        "vanishing-gradients",
        (
            Evidence(
                "gradient_share",
                "gradient of the first layer over that of the last, after the first epoch",
                share,
                limit,
            ),
        ),
        "Each layer on the way back multiplies the gradient by the slope of its activation, which "
        "is at most 1/4 for a sigmoid. Little of it reaches the first layers, so they stay as they "
        "were drawn.",
        "An activation whose slope is 1 where it is on: relu, with the initializer he.",
        case.draw_layers(
            "The gradient of each layer",
            "Euclidean norm",
            norms,
            is_logarithmic=True,
            limit=norms[-1] * limit,
            limit_says="vanished below",
        ),
        {"activation": ("relu",), "initializer": "he"},
    )
