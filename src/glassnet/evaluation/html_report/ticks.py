"""Ticks: round numbers for chart axes, and their labels."""

import math

N_TICKS = 5
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def nice_ticks(low: float, high: float) -> list[float]:
    """Choose round numbers that span a range: multiples of 1, 2 or 5 times a power of ten.

    The numbers ascend from at or below `low` to at or above `high`, which may equal `low`.
    """
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / N_TICKS))
    step = next(
        step for step in (power, 2 * power, 5 * power, 10 * power) if span <= N_TICKS * step
    )
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, max(last, first + 1) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Choose powers of ten that span a positive range, for a logarithmic axis."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = math.ceil((last - first) / N_TICKS)
    return [10.0**k for k in range(first, last + step, step)]


def format_tick(number: float) -> str:
    """Format a round number; small powers of ten have the form ``"10⁻⁵"``."""
    digits, _, power = f"{number:.4g}".partition("e-")
    if digits == "1" and power:
        return "10⁻" + power.lstrip("0").translate(SUPERSCRIPT)
    return f"{number:.4g}"
