"""Input to ``glassnet predict``: pictures, folders, patterns or datasets."""

import glob
import sys
from pathlib import Path

from glassnet.data.readers import idx, parquet
from glassnet.errors import ConfigError, DataError

STDIN = "-"
MAX_STDIN_BYTES = 200_000_000
PICTURES = (
    *(".avif", ".bmp", ".eps", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpeg", ".jpg"),
    *(".pbm", ".pgm", ".png", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
)


def expand(files: list[str]) -> list[str]:
    """Replace each pattern with the files that it matches, and each folder with its pictures.

    The shell expands most patterns; those in quotes are expanded here.

    Returns
    -------
    list of str
        Files, and names or paths of datasets, in the order given; pictures of a folder by name.

    Raises
    ------
    DataError
        If a pattern matches nothing, or a folder holds neither pictures nor a dataset.
    ConfigError
        If standard input is given more than once.
    """
    if files.count(STDIN) > 1:
        raise ConfigError("-: standard input can be read only once, got it twice")
    found: list[str] = []
    for file in files:
        path = Path(file)
        if any(sign in file for sign in "*?[") and not path.exists():
            matches = sorted(glob.glob(file, recursive=True))  # noqa: PTH207 - keeps "./" and "**"
            if not matches:
                raise DataError(f"{file}: no file matches this pattern")
            found += [file for match in matches for file in _pictures_in(Path(match))]
        elif path.is_dir():
            found += _pictures_in(path)
        else:
            found.append(file)
    return found


def is_picture(file: str) -> bool:
    """Return whether a file is a picture, judging by its suffix; standard input counts as one."""
    return file == STDIN or Path(file).suffix.lower() in PICTURES


def read_stdin() -> bytes:
    """Read a picture from standard input; raise if it exceeds ``MAX_STDIN_BYTES``."""
    content = sys.stdin.buffer.read(MAX_STDIN_BYTES + 1)
    if len(content) > MAX_STDIN_BYTES:
        raise DataError(f"standard input: needs a picture of at most {MAX_STDIN_BYTES:,} bytes")
    return content


def _pictures_in(path: Path) -> list[str]:
    if not path.is_dir():
        return [str(path)]
    if idx.find_pairs(path) or parquet.find_parquet(path):
        return [str(path)]
    pictures = sorted(file for file in path.iterdir() if file.suffix.lower() in PICTURES)
    if not pictures:
        raise DataError(
            f"{path}: needs pictures (.png, .jpg, ...) or a dataset, "
            "found none; subfolders are not searched (use a pattern: 'folder/**/*.png')"
        )
    return [str(file) for file in pictures]
