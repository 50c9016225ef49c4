"""Evidence: a measured number and its limit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """A measured number and the limit that it exceeds or falls below.

    Parameters
    ----------
    name : str
        A key of `glassnet.diagnosis.words.EVIDENCE`.
    limit : float
        Bound for the value in a healthy run.
    """

    name: str
    value: float
    limit: float
