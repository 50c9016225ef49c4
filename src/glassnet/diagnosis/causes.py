"""Causes: every rule, in the order in which one brings the other."""

from glassnet.diagnosis.case import Case
from glassnet.diagnosis.data import (
    find_labels_shuffled,
    find_leak,
    find_rows_not_shuffled,
    find_unscaled_input,
)
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.outcome import find_not_finite, find_over_fitting
from glassnet.diagnosis.rate import find_rate_too_high, find_rate_too_low
from glassnet.diagnosis.units import (
    find_dead_relus,
    find_saturated_sigmoids,
    find_vanishing_gradients,
    find_zero_initialisation,
)

# What a training is given comes before what it is told, that before what its units do, and last
# what comes of it.
RULES = (
    find_unscaled_input,
    find_rows_not_shuffled,
    find_zero_initialisation,
    find_leak,
    find_labels_shuffled,
    find_rate_too_high,
    find_saturated_sigmoids,
    find_dead_relus,
    find_vanishing_gradients,
    find_rate_too_low,
    find_not_finite,
    find_over_fitting,
)


def name_causes(case: Case) -> tuple[Finding, ...]:
    """Ask every rule.

    Parameters
    ----------
    case : Case
        A training, live or finished.

    Returns
    -------
    tuple of Finding
        The cause that brought the others first; empty where nothing was found.
    """
    return tuple(finding for rule in RULES if (finding := rule(case)) is not None)
