"""Fuzzing: damaged files load or raise DataError, quickly and with little memory.

``GLASSNET_FUZZ`` is the number of files per format; ``make fuzz`` uses 6,000, a third of them for
each compression of Parquet.
"""

import gzip
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from glassnet.data.readers.csv_table import read_csv, read_kaggle_zip
from glassnet.data.readers.idx import read_idx
from glassnet.data.readers.npz import read_npz
from glassnet.data.readers.parquet import ParquetReader
from glassnet.errors import DataError
from tests.data.makers import (
    csv_bytes,
    idx_bytes,
    images_and_labels,
    npz_bytes,
    parquet_bytes,
    zip_bytes,
)

N_FILES = int(os.environ.get("GLASSNET_FUZZ", "300"))
MOST_SECONDS = 2.0
MOST_BYTES = 500_000_000
SPLICES = (b"", b"\0", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\n", b",", b'"', b"9" * 12, b"-1", b"\r")

IMAGES, LABELS = images_and_labels(12, 4, 4)
TABLE = csv_bytes(IMAGES, LABELS)
ARRAYS = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:4], "y_test": LABELS[:4]}


def read_parquet_with(reader: ParquetReader) -> Callable[[Path], object]:
    return lambda path: reader.read(path)


READERS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "idx": (idx_bytes(IMAGES), lambda path: read_idx(path, 3)),
    "idx.gz": (gzip.compress(idx_bytes(IMAGES)), lambda path: read_idx(path, 3)),
    "csv": (TABLE, read_csv),
    "csv.gz": (gzip.compress(TABLE), read_csv),
    "zip": (zip_bytes({"train.csv": TABLE, "test.csv": TABLE}), read_kaggle_zip),
    "npz": (npz_bytes(**ARRAYS), read_npz),
}


def mutated(good: bytes, rng: random.Random) -> bytes:
    """Flip bits, overwrite, truncate, insert, delete or repeat bytes, once or a few times."""
    content = bytearray(good)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(content) + 1)
        to = min(len(content), at + rng.choice((1, 2, 4, 30)))
        kind = rng.randrange(7)
        if kind == 0 and at < len(content):
            content[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and at < len(content):
            content[at] = rng.randrange(256)
        elif kind == 2:
            content[at:to] = rng.choice(SPLICES)
        elif kind == 3:
            content[at:at] = rng.randbytes(rng.choice((1, 3, 20)))
        elif kind == 4:
            del content[at:to]
        elif kind == 5:
            other = rng.randrange(len(content) + 1)
            content[at:to] = content[other : other + rng.choice((1, 4, 30))]
        elif rng.random() < 0.3:
            del content[at:]
    return bytes(content)


@contextmanager
def limited_memory() -> Iterator[None]:
    """Limit the growth of this process to MOST_BYTES, where supported."""
    if sys.platform != "linux":
        yield
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + MOST_BYTES
    if before[1] != resource.RLIM_INFINITY:
        limit = min(limit, before[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def peak_of(pid: int) -> int:
    """Return the peak memory of a process in bytes, or 0 if unknown."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def attack(path: Path, good: bytes, read: Callable[[Path], object], n: int) -> tuple[int, float]:
    """Return the number of damaged files that raised, and the longest time for a file."""
    rng = random.Random(2026)  # noqa: S311 - the same files each time
    n_raised, slowest, is_message_valid = 0, 0.0, True
    for number in range(n):
        content = mutated(good, rng)
        path.write_bytes(content)
        started = time.process_time()  # not affected by other programs
        try:
            read(path)
        except DataError as error:
            n_raised += 1
            is_message_valid &= str(error).startswith(str(path)) and str(error).isprintable()
        except BaseException:
            path.with_name(f"fault-{number}").write_bytes(content)
            raise
        slowest = max(slowest, time.process_time() - started)
    assert is_message_valid
    return n_raised, slowest


@pytest.mark.parametrize("kind", READERS)
def test_damaged_files_load_or_raise_data_error(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good, read = READERS[kind]
    path = tmp_path / f"file.{kind}"
    path.write_bytes(good)
    read(path)
    with limited_memory():
        n_raised, slowest = attack(path, good, read, N_FILES)
    with capsys.disabled():
        if "GLASSNET_FUZZ" in os.environ:
            print(f"\n{kind}: {n_raised:,} of {N_FILES:,} raised, slowest {slowest:.3f} s")  # noqa: T201
    assert n_raised > N_FILES / 4
    assert slowest < MOST_SECONDS


@pytest.mark.parametrize("compression", ["snappy", "uncompressed", "zstd"])
def test_damaged_parquet_loads_or_raises_data_error(
    tmp_path: Path, compression: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good = parquet_bytes(IMAGES, LABELS, compression=compression)
    path = tmp_path / "file.parquet"
    path.write_bytes(good)
    pids: set[int] = set()
    peak = 0

    def read(path: Path) -> None:
        nonlocal peak
        try:
            reader.read(path)
        finally:
            if reader._worker is not None:
                pids.add(reader._worker.pid)
                peak = max(peak, peak_of(reader._worker.pid))

    n_files = max(1, N_FILES // 3)
    with ParquetReader() as reader:
        read(path)
        with limited_memory():
            n_raised, slowest = attack(path, good, read, n_files)
    with capsys.disabled():
        if "GLASSNET_FUZZ" in os.environ:
            print(  # noqa: T201
                f"\nparquet ({compression}): {n_raised:,} of {n_files:,} raised, slowest "
                f"{slowest:.3f} s, {len(pids)} processes, at most {peak / 1e6:.0f} MB"
            )
    assert n_raised > n_files / 4
    assert slowest < MOST_SECONDS
    assert peak < MOST_BYTES
