"""Evidence: a measured number and its limit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """A measured number next to the limit that it was compared with.

    Parameters
    ----------
    name : str
        A key of `glassnet.diagnosis.words.EVIDENCE`.
    value : float
        As measured.
    limit : float
        The bound that a healthy run keeps.
    """

    name: str
    value: float
    limit: float
