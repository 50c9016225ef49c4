"""Download files over the network; writes are atomic.

pooch downloads into a temporary file in the same folder, checks the hash and renames it, so that
processes do not disturb each other. In addition, hosts that do not answer, or stop answering, are
given up after `TIMEOUT` seconds over all mirrors. A slow transfer that continues is not.
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

TIMEOUT = 5.0  # seconds without an answer, over all mirrors
CHUNK = 1 << 10  # bytes; fewer than this in the time above is silence
MAX_FILE = 200_000_000  # bytes; no file of these sets is near it

Progress = Callable[[int, int], None]  # bytes so far, of about how many


class _FailedError(Exception):
    """A mirror that keeps silent, or answers with something else."""


def is_whole(folder: Path, entry: RegistryEntry) -> bool:
    """Return whether a folder holds all files of a dataset, undamaged."""
    return all(_is_right(folder / name, digest) for name, digest in (entry.sha256 or {}).items())


def download(
    name: str, entry: RegistryEntry, folder: Path, progress: Progress | None = None
) -> None:
    """Download the files of a dataset that a folder lacks.

    Parameters
    ----------
    name : str
        Of the dataset, for error messages.
    progress : callable, optional
        Called with the bytes so far and their approximate total.

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
        while not _is_right(path, digest):
            if not mirrors:
                reasons = "; ".join(f"{host}: {reason}" for host, reason in failures.items())
                raise DataNotFoundError(
                    f"{name}: not found on this machine, and cannot be downloaded "
                    f"({reasons or 'no mirror is known'}). Put its IDX files into a folder {name}/ "
                    "and set GLASSNET_DATA to the folder above it, or use --data sample"
                )
            wait = _Wait(seconds_left / len(mirrors))
            try:
                _fetch(mirrors[0] + file, digest, path, wait, _shifted(progress, n_done, entry))
            except _FailedError as error:
                # A mirror that failed is not asked again: its timeout would add up for each file.
                failures[urlsplit(mirrors.pop(0)).netloc] = str(error)
                seconds_left -= wait.spent()
            except OSError as error:
                raise DataNotFoundError(
                    f"{name}: cannot be kept in {folder}: {error.strerror or error}. "
                    "Set GLASSNET_CACHE to a folder that can be written"
                ) from error
        n_done += path.stat().st_size


def _shifted(progress: Progress | None, n_done: int, entry: RegistryEntry) -> Callable[[int], None]:
    """Count on from the files before."""

    def tell(n_bytes: int) -> None:
        if progress is not None:
            progress(n_done + n_bytes, max(entry.n_bytes or 0, n_done + n_bytes))

    return tell


class _Wait:
    """How long a mirror may keep silent: its share before its first word, then the full time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since = time.monotonic()
        self._is_heard = False

    def start(self) -> None:
        """Begin to wait."""
        self._since = time.monotonic()

    def left(self) -> float:
        """Return the seconds that are left for the next word."""
        return max(0.0, self._seconds - (time.monotonic() - self._since))

    def spent(self) -> float:
        """Return the seconds that were waited for a first word that never came."""
        return 0.0 if self._is_heard else min(self._seconds, time.monotonic() - self._since)

    def hear(self) -> None:
        """Note a word."""
        self._is_heard, self._seconds = True, TIMEOUT
        self.start()

    def give_up(self) -> _FailedError:
        """Return what to raise."""
        how = "fell silent for" if self._is_heard else "no answer within"
        return _FailedError(f"{how} {self._seconds:.3g} s")


def _fetch(url: str, digest: str, path: Path, wait: _Wait, tell: Callable[[int], None]) -> None:
    import pooch

    wait.start()
    pooch.get_logger().setLevel("ERROR")  # what it does, we tell ourselves

    def transfer(url: str, output: str, _pooch: object) -> None:
        with Path(output).open("wb") as file:
            n_bytes = 0
            for chunk in _chunks(url, wait):
                file.write(chunk)
                n_bytes += len(chunk)
                tell(n_bytes)
                if n_bytes > MAX_FILE:
                    raise _FailedError(f"{path.name} does not end")

    try:
        pooch.retrieve(
            url, f"sha256:{digest}", fname=path.name, path=path.parent, downloader=transfer
        )
    except ValueError as error:  # pooch: the hash is another
        raise _FailedError(f"sent a wrong {path.name}") from error


def _chunks(url: str, wait: _Wait) -> Iterator[bytes]:
    """Receive a file in a separate thread, which can be abandoned if it hangs.

    Neither the look-up of a name nor headers that come byte by byte know a time limit.
    """
    channel = _Channel()
    threading.Thread(target=_receive, args=(url, channel), daemon=True).start()
    try:
        while True:
            try:
                piece = channel.pieces.get(timeout=wait.left())
            except queue.Empty:
                raise wait.give_up() from None
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise _reason(piece) from piece
            wait.hear()
            yield piece
    finally:
        channel.is_over.set()


class _Channel:
    """What a download writes to: a file that somebody reads at the other end, or no more."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes | Exception | None] = queue.Queue(maxsize=64)
        self.is_over = threading.Event()

    def write(self, piece: bytes | Exception | None) -> None:
        """Hand over a piece, what went wrong, or None for the end."""
        while not self.is_over.is_set():
            try:
                self.pieces.put(piece, timeout=0.2)
            except queue.Full:
                continue
            return
        raise OSError("nobody listens")

    def flush(self) -> None:
        """Do nothing; pooch asks for it."""


def _receive(url: str, channel: _Channel) -> None:
    import pooch

    end: Exception | None = None
    responses: list[Any] = []  # pooch closes none of them
    try:
        pooch.HTTPDownloader(
            chunk_size=CHUNK,
            timeout=2 * TIMEOUT,  # ends a thread that was left behind
            headers={"Accept-Encoding": "identity"},  # a .gz is to stay one
            hooks={"response": lambda response, **_: responses.append(response)},
        )(url, channel, None)
    except Exception as error:  # carried over to whom it concerns
        end = error
    for response in responses:
        response.close()
    with suppress(OSError):
        channel.write(end)


def _reason(error: Exception) -> _FailedError:
    """Say in a few words why a transfer failed; the library's own are long and of many layers."""
    response = getattr(error, "response", None)
    if response is not None:
        return _FailedError(f"HTTP {response.status_code}")
    innermost: BaseException = error
    while innermost.__cause__ is not None or innermost.__context__ is not None:
        innermost = innermost.__cause__ or innermost.__context__ or innermost
    words = getattr(innermost, "strerror", None) or str(innermost).split(":")[-1]
    return _FailedError(printable(words.strip())[:80] or type(error).__name__)


def _is_right(path: Path, digest: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False
