"""Downloads with mirrors, timeouts and checksums; writes are atomic.

pooch downloads to a temporary file in the same folder, verifies the checksum and renames the file,
so concurrent downloads do not interfere. Mirrors that do not respond are abandoned after a total of
`TIMEOUT` seconds, and so is a transfer that stalls for that long; a slow transfer continues.
"""

import hashlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from glassnet.data.sources.registry import RegistryEntry
from glassnet.errors import DataNotFoundError, printable

TIMEOUT = 5.0  # seconds without a response, over all mirrors
CHUNK = 1 << 10  # bytes; a transfer with fewer than this within TIMEOUT has stalled
MAX_FILE = 200_000_000  # bytes; well above the largest file of the registry

Progress = Callable[[int, int], None]  # bytes received, approximate total


class _FailedError(Exception):
    """Raised if a mirror does not respond, or sends something other than the file."""


def is_complete(folder: Path, entry: RegistryEntry) -> bool:
    """Return whether a folder holds all files of a dataset with the correct checksums."""
    return all(_has_digest(folder / name, digest) for name, digest in (entry.sha256 or {}).items())


def download(
    name: str, entry: RegistryEntry, folder: Path, progress: Progress | None = None
) -> None:
    """Download the files of a dataset that are missing from a folder.

    Parameters
    ----------
    name : str
        Name of the dataset in error messages.
    progress : callable, optional
        Called with the bytes received and the approximate total.

    Raises
    ------
    DataNotFoundError
        If no mirror has an intact file, or the folder cannot be written.
    """
    mirrors, n_done = list(entry.mirrors), 0
    failures: dict[str, str] = {}
    seconds_left = TIMEOUT
    for file, digest in (entry.sha256 or {}).items():
        path = folder / file
        while not _has_digest(path, digest):
            if not mirrors:
                reasons = "; ".join(f"{host}: {reason}" for host, reason in failures.items())
                raise DataNotFoundError(
                    f"{name}: not found on this machine, and cannot be downloaded "
                    f"({reasons or 'no mirror is known'}). Put its IDX files into a folder {name}/ "
                    "and set GLASSNET_DATA to the folder above it, or use --data sample"
                )
            wait = _Wait(seconds_left / len(mirrors))
            try:
                _fetch(mirrors[0] + file, digest, path, wait, _add_offset(progress, n_done, entry))
            except _FailedError as error:
                # A failed mirror is not tried again, or its timeout would add up over the files.
                failures[urlsplit(mirrors.pop(0)).netloc] = str(error)
                seconds_left -= wait.spent()
            except OSError as error:
                raise DataNotFoundError(
                    f"{name}: cannot be saved in {folder}: {error.strerror or error}. "
                    "Set GLASSNET_CACHE to a writable folder"
                ) from error
        n_done += path.stat().st_size


def _add_offset(
    progress: Progress | None, n_done: int, entry: RegistryEntry
) -> Callable[[int], None]:
    """Return a progress callback for one file that adds the bytes of the files before it."""

    def report(n_bytes: int) -> None:
        if progress is not None:
            progress(n_done + n_bytes, max(entry.n_bytes or 0, n_done + n_bytes))

    return report


class _Wait:
    """Timeout for one mirror: a share of `TIMEOUT` until the first bytes, then all of it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since = time.monotonic()
        self._has_started = False

    def start(self) -> None:
        """Start the clock."""
        self._since = time.monotonic()

    def left(self) -> float:
        """Return the seconds left until the timeout."""
        return max(0.0, self._seconds - (time.monotonic() - self._since))

    def spent(self) -> float:
        """Return the seconds spent waiting for the first bytes, or 0 once they have arrived."""
        return 0.0 if self._has_started else min(self._seconds, time.monotonic() - self._since)

    def restart(self) -> None:
        """Restart the clock when bytes have arrived, with the full `TIMEOUT`."""
        self._has_started, self._seconds = True, TIMEOUT
        self.start()

    def error(self) -> _FailedError:
        """Return the error for a timeout."""
        reason = "no more data for" if self._has_started else "no response within"
        return _FailedError(f"{reason} {self._seconds:.3g} s")


def _fetch(url: str, digest: str, path: Path, wait: _Wait, report: Callable[[int], None]) -> None:
    """Download a file with pooch, reporting the bytes received."""
    import pooch

    wait.start()
    pooch.get_logger().setLevel("ERROR")  # progress and errors are reported by the caller

    def transfer(url: str, output: str, _pooch: object) -> None:
        with Path(output).open("wb") as file:
            n_bytes = 0
            for chunk in _chunks(url, wait):
                file.write(chunk)
                n_bytes += len(chunk)
                report(n_bytes)
                if n_bytes > MAX_FILE:
                    raise _FailedError(f"{path.name} has more than {MAX_FILE:,} bytes")

    try:
        pooch.retrieve(
            url, f"sha256:{digest}", fname=path.name, path=path.parent, downloader=transfer
        )
    except ValueError as error:  # raised by pooch for a wrong checksum
        raise _FailedError(f"{path.name} has a wrong checksum") from error


def _chunks(url: str, wait: _Wait) -> Iterator[bytes]:
    """Yield the chunks of a file, received in a thread that can be abandoned if it hangs.

    Neither DNS look-ups nor headers that arrive byte by byte are subject to a timeout.
    """
    channel = _Channel()
    threading.Thread(target=_receive, args=(url, channel), daemon=True).start()
    try:
        while True:
            try:
                piece = channel.pieces.get(timeout=wait.left())
            except queue.Empty:
                raise wait.error() from None
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise _reason(piece) from piece
            wait.restart()
            yield piece
    finally:
        channel.is_over.set()


class _Channel:
    """Queue between the download thread and its reader, with the file interface for pooch."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes | Exception | None] = queue.Queue(maxsize=64)
        self.is_over = threading.Event()

    def write(self, piece: bytes | Exception | None) -> None:
        """Enqueue a chunk, an error, or None for the end; raise `OSError` if the reader is gone."""
        while not self.is_over.is_set():
            try:
                self.pieces.put(piece, timeout=0.2)
            except queue.Full:
                continue
            return
        raise OSError("the reader is gone")

    def flush(self) -> None:
        """Do nothing; pooch requires the method."""


def _receive(url: str, channel: _Channel) -> None:
    """Download a file into a channel."""
    import pooch

    end: Exception | None = None
    responses: list[Any] = []  # pooch does not close them
    try:
        pooch.HTTPDownloader(
            chunk_size=CHUNK,
            timeout=2 * TIMEOUT,  # ends an abandoned thread
            headers={"Accept-Encoding": "identity"},  # do not decompress .gz files
            hooks={"response": lambda response, **_: responses.append(response)},
        )(url, channel, None)
    except Exception as error:  # raised in the reading thread
        end = error
    for response in responses:
        response.close()
    with suppress(OSError):
        channel.write(end)


def _reason(error: Exception) -> _FailedError:
    """Summarise the error behind a failed transfer; errors may be nested several levels deep."""
    response = getattr(error, "response", None)
    if response is not None:
        return _FailedError(f"HTTP {response.status_code}")
    innermost: BaseException = error
    while innermost.__cause__ is not None or innermost.__context__ is not None:
        innermost = innermost.__cause__ or innermost.__context__ or innermost
    words = getattr(innermost, "strerror", None) or str(innermost).split(":")[-1]
    return _FailedError(printable(words.strip())[:80] or type(error).__name__)


def _has_digest(path: Path, digest: str) -> bool:
    """Return whether a file exists and has the given SHA-256 digest."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False
