"""Folder of a run: file names, creation, removal and locking."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glassnet.errors import ConfigError, GlassnetError

RUNS = Path("runs")
CONFIG = "config.json"
CHECKPOINT = "checkpoint.safetensors"
METRICS = "metrics.json"
HISTORY = "history.csv"
LOCK = ".lock"
MEMBER = "member-"  # with a number, the folder of a member in the ensemble's folder


def make_folder(folder: Path | None, recipe_name: str) -> Path:
    """Make a new folder for a run.

    Parameters
    ----------
    folder : Path or None
        A new or empty folder; None for the next free ``runs/<recipe_name>-<n>``.
    recipe_name : str

    Raises
    ------
    ConfigError
        If the folder is not empty.
    GlassnetError
        If the folder cannot be created.
    """
    if folder is not None and folder.exists() and not folder.is_dir():
        raise ConfigError(f"--out: needs a folder, got the file {folder}")
    try:
        if folder is None:
            RUNS.mkdir(exist_ok=True)
            return _next_free(recipe_name)
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = all(map(_is_remnant, folder.iterdir()))
    except NotADirectoryError as error:
        raise ConfigError(f"--out: needs a folder, got {folder}, which is below a file") from error
    except OSError as error:
        raise GlassnetError(
            f"--out: needs a writable folder, got {(folder or RUNS).absolute()} "
            f"({error.strerror}); choose another"
        ) from error
    if not is_empty:
        raise ConfigError(
            f"--out: needs a new or empty folder, got {folder}; choose another, or resume the "
            f"run in it: --resume {folder}"
        )
    return folder


def _is_remnant(path: Path) -> bool:
    """Return whether a file was left by a process that was killed before its run started."""
    return path.name == LOCK or (path.name[0] == "." and path.suffix == ".part")


def _next_free(recipe_name: str) -> Path:
    while True:
        taken = (path.name.rsplit("-", 1) for path in RUNS.glob(f"{recipe_name}-*"))
        numbers = [int(last) for _, last in taken if last.isdigit()]
        folder = RUNS / f"{recipe_name}-{max(numbers, default=0) + 1}"
        try:
            folder.mkdir()
        except FileExistsError:  # another process was faster
            continue
        return folder


def remove_folder(folder: Path) -> None:
    """Remove the folder of a run that could not start, and ``runs`` if it is empty."""
    with suppress(OSError):
        (folder / LOCK).unlink(missing_ok=True)
        folder.rmdir()
        RUNS.rmdir()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a run's folder for this process; it is released, at the latest, when the process ends.

    Raises
    ------
    ConfigError
        If another process has locked the folder.
    GlassnetError
        If the folder cannot be locked.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ConfigError(
            f"{folder}: another process is using this run; wait for it or stop it"
        ) from error
    except OSError as error:
        raise GlassnetError(f"{folder}: cannot be locked ({error.strerror or error})") from error
    try:
        yield
    finally:
        lock.release()  # the file stays: without it, two waiting processes could both lock
