"""Unit rules: identical, dead or saturated units, and vanishing gradients."""

import math

from glassnet.diagnosis.case import Case, make_layer_picture
from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.finding import Finding

# Measured in docs/diagnosis.md.
MAX_UNIT_SIMILARITY = 0.999  # fraction of a layer's weights that all its units share
MAX_DEAD_SHARE, MAX_SATURATED_SHARE = 0.5, 0.5  # of a layer's units, after the first or last epoch
MAX_SATURATED_ACTIVATIONS = 0.25  # of a layer, in a run whose first loss is far above chance
# Gradient norm of the first layer divided by that of the last, and an upper bound for the skill.
VANISHING_LIMITS = ((0.01, 0.8), (0.03, 0.5), (0.1, 0.3))
MIN_UPDATE_RATIO = 1e-3  # if all steps are smaller, the learning rate explains a small gradient


def find_zero_initialisation(case: Case) -> Finding | None:
    """Detect hidden layers whose units have identical weights."""
    similarity = case.unit_similarity
    if not similarity or not max(similarity) >= MAX_UNIT_SIMILARITY:
        return None
    return Finding(
        cause="zero-initialisation",
        evidence=(Evidence("unit_similarity", max(similarity), MAX_UNIT_SIMILARITY),),
        picture=make_layer_picture(
            "unit_similarity", similarity, limit=MAX_UNIT_SIMILARITY, limit_label="max_similarity"
        ),
        change={"initializer": "he"},
    )


def find_saturated_sigmoids(case: Case) -> Finding | None:
    """Detect sigmoid and tanh units that are saturated for nearly all images."""
    units = "saturated_units", MAX_SATURATED_SHARE
    # Weights that start too large saturate activations, at either end of the range.
    activations = "saturated_activations", MAX_SATURATED_ACTIVATIONS
    limits = activations if case.starts_above_chance else units, units
    return _find_stuck(case, "saturated-sigmoids", limits)


def find_dead_relus(case: Case) -> Finding | None:
    """Detect ReLU units that output 0 for every image."""
    units = "dead", MAX_DEAD_SHARE
    return _find_stuck(case, "dead-relus", (units, units))


def _find_stuck(
    case: Case, cause: str, limits: tuple[tuple[str, float], tuple[str, float]]
) -> Finding | None:
    """Detect a layer with too many dead or saturated units in the first or the last record."""
    for record, (field, limit) in zip((case.first, case.last), limits, strict=True):
        shares = () if record is None else getattr(record, field)
        if max(shares, default=0.0) >= limit:
            break
    else:
        return None
    return Finding(
        cause=cause,
        evidence=(Evidence(field, max(shares), limit),),
        picture=make_layer_picture(field, shares, limit=limit, limit_label="max_share"),
        change={"bias": 0.0, "gain": 1.0, "batch_norm": True},
    )


def find_vanishing_gradients(case: Case) -> Finding | None:
    """Detect gradients that vanish before they reach the first layer."""
    norms = () if case.first is None else case.first.gradient_norms
    if len(norms) < 3 or not all(map(math.isfinite, norms)) or not norms[-1] or not case.is_finite:
        return None
    ratio = norms[0] / norms[-1]
    limits = [limit for limit, skill in VANISHING_LIMITS if ratio < limit and case.skill < skill]
    is_still = not case.update_ratio >= MIN_UPDATE_RATIO
    if not limits or (ratio >= VANISHING_LIMITS[1][0] and is_still):
        return None
    limit = limits[0]
    return Finding(
        cause="vanishing-gradients",
        evidence=(Evidence("gradient_ratio", ratio, limit),),
        picture=make_layer_picture(
            "gradient_norm",
            norms,
            is_logarithmic=True,
            limit=norms[-1] * limit,
            limit_label="min_gradient_norm",
        ),
        change={"activation": ("relu",), "initializer": "he"},
    )
