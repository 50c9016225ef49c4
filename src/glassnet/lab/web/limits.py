"""Limits: the share of the machine that visitors may use, in one place."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The share of the machine that visitors may use.

    Parameters
    ----------
    sessions : int
        Browsers at a time; beyond that, the one that has been idle longest is dropped.
    idle_seconds : float
        Idle time after which a session is dropped.
    spare_seconds : float
        A session that has been idle for less is never dropped for another.
    requests_per_second, burst : float
        Requests of a session: on average, and at once.
    live_runs : int
        Runs that train at a time; the others wait.
    runs : int
        Runs that a session keeps.
    run_bytes, all_runs_bytes : int
        Memory of one run's snapshots; of the snapshots and images of all runs.
    traces : int
        Traces that a session keeps.
    trace_bytes : int
        Memory of one trace.
    body_bytes, upload_bytes : int
        Size of a request, and of one with a picture.
    upload_seconds : float
        Time in which the body of a request must arrive.
    uploads : int
        Pictures that are received at a time.
    reading_seconds : float
        Time in which a picture must be read.
    slots : int
        Drawings and pictures that are read, or wait for it, at a time.
    """

    sessions: int = 200
    idle_seconds: float = 1_800.0
    spare_seconds: float = 60.0
    requests_per_second: float = 60.0
    burst: float = 180.0
    live_runs: int = 2
    runs: int = 4
    run_bytes: int = 64 * MEGABYTE
    all_runs_bytes: int = 512 * MEGABYTE
    traces: int = 3
    trace_bytes: int = 32 * MEGABYTE
    body_bytes: int = MEGABYTE // 4
    upload_bytes: int = 20 * MEGABYTE
    upload_seconds: float = 15.0
    uploads: int = 4
    reading_seconds: float = 10.0
    slots: int = 16
