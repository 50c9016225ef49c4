"""Causes: all rules, ordered from causes to their effects."""

from glassnet.diagnosis.case import Case
from glassnet.diagnosis.data import (
    find_labels_shuffled,
    find_leak,
    find_rows_not_shuffled,
    find_unscaled_input,
)
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.learning_rate import find_rate_too_high, find_rate_too_low
from glassnet.diagnosis.outcome import find_not_finite, find_over_fitting
from glassnet.diagnosis.units import (
    find_dead_relus,
    find_saturated_sigmoids,
    find_vanishing_gradients,
    find_zero_initialisation,
)

# First the data, then the options, the units and the outcome.
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


def find_causes(case: Case) -> tuple[Finding, ...]:
    """Apply all rules to a run, and return the findings with the root cause first."""
    return tuple(finding for rule in RULES if (finding := rule(case)) is not None)
