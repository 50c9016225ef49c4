"""Wilson score interval for a proportion."""

import math

Z_95 = 1.959963984540054  # the normal distribution's 97.5% point


def wilson_interval(n_correct: int, n: int) -> tuple[float, float]:
    """Compute the 95% Wilson interval for a proportion; it is accurate even near 0 and 1.

    Parameters
    ----------
    n_correct : int, 0 to `n`
    n : int, at least 1

    References
    ----------
    Wilson 1927, "Probable inference, the law of succession, and statistical inference"; equation
    32 of ``docs/math.md``.
    """
    p, z2 = n_correct / n, Z_95 * Z_95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half_width = Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    lower = 0.0 if n_correct == 0 else centre - half_width  # rounding would leave 1e-17
    return lower, 1.0 if n_correct == n else centre + half_width
