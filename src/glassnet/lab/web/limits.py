"""Limits on requests, memory and time, per visitor and in total."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits on requests, memory and time, per visitor and in total.

    Parameters
    ----------
    sessions : int
        Number of sessions; above it, the one that has been idle longest is dropped.
    idle_seconds : float
        Idle time after which a session is dropped.
    spare_seconds : float
        Idle time below which a session is not dropped for another.
    requests_per_second, burst : float
        Requests of a session: average rate, and number that may be sent at once.
    live_runs : int
        Number of runs trained at a time; the others wait.
    runs : int
        Number of runs kept per session.
    run_bytes, all_runs_bytes : int
        Memory of the snapshots of a run, and of the snapshots and images of all runs.
    traces : int
        Number of traces kept per session.
    trace_bytes : int
        Memory of a trace.
    body_bytes, upload_bytes : int
        Size of the body of a request without and with a picture.
    upload_seconds : float
        Time in which the body of a request must arrive.
    uploads : int
        Number of pictures received at a time.
    reading_seconds : float
        Time in which a picture must be read.
    slots : int
        Number of drawings and pictures being classified or waiting, at a time.
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
