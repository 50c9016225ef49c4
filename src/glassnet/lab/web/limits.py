"""Limits: how much of the machine the visitors of the Lab may take, in one place."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """How much is allowed.

    Parameters
    ----------
    sessions : int
        Browsers at a time; beyond, the one that was idle longest makes room.
    idle_seconds : float
        After which a session is dropped.
    spare_seconds : float
        Idle for less, a session makes room for nobody.
    requests_per_second, burst : float
        Of one session: on average, and at once.
    live_trainings : int
        That run at a time; the rest wait in line.
    trainings : int
        Of one session, kept at a time.
    training_bytes : int
        Of one training's snapshots.
    all_training_bytes : int
        Of all trainings together, snapshots and images.
    traces : int
        Of one session, kept at a time.
    trace_bytes : int
        Of one trace.
    body_bytes, upload_bytes : int
        Of a request, and of one that brings a picture.
    upload_seconds : float
        For a request's body to arrive.
    uploads : int
        Pictures that are taken in at a time.
    reading_seconds : float
        For a picture to be read.
    slots : int
        Drawings and pictures that are read, or wait for it, at a time.
    """

    sessions: int = 200
    idle_seconds: float = 1_800.0
    spare_seconds: float = 60.0
    requests_per_second: float = 60.0
    burst: float = 180.0
    live_trainings: int = 2
    trainings: int = 4
    training_bytes: int = 64 * MEGABYTE
    all_training_bytes: int = 512 * MEGABYTE
    traces: int = 3
    trace_bytes: int = 32 * MEGABYTE
    body_bytes: int = MEGABYTE // 4
    upload_bytes: int = 20 * MEGABYTE
    upload_seconds: float = 15.0
    uploads: int = 4
    reading_seconds: float = 10.0
    slots: int = 16
