"""Parquet files in Hugging Face's layout: columns ``image`` (PNG bytes) and ``label``.

Damaged files can crash polars, the underlying library, and with it the whole process. So it runs in
a separate process, `glassnet.data.readers.parquet_worker`; the size that a file claims is checked
beforehand.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from glassnet.data.dataset import Split
from glassnet.data.readers.csv_layout import Labels
from glassnet.data.readers.gzip_io import MAX_BYTES, read_up_to
from glassnet.data.readers.parquet_footer import unpacked_size
from glassnet.errors import DataError

TIMEOUT = 60.0  # seconds per file, plus one per megabyte
PROGRAM = "from glassnet.data.readers.parquet_worker import main; main()"


class ParquetReader:
    """Reader for Parquet files with a worker process, which starts on first use."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "ParquetReader":
        """Return the reader."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the worker process."""
        self._stop()

    def read(self, path: Path, *, label: str = "label", labels: Labels = "needed") -> Split:
        """Read a file, taking the labels from the column named `label`.

        Raises
        ------
        DataError
            If the file is damaged, lacks a column, or holds anything but greyscale PNG images of
            the same size and integer labels.
        """
        size = unpacked_size(path, self._max_bytes)
        request = {
            "path": str(path.resolve()),
            "where": str(path),
            "label": label,
            "is_needed": labels == "needed",
            "max_bytes": self._max_bytes,
            "size": size,
        }
        worker = self._worker = self._worker or _start()
        timer = threading.Timer(TIMEOUT + size / 1e6, worker.kill)
        timer.start()
        try:
            answer = _ask(worker, request)
        finally:
            timer.cancel()
            timer.join()
            if worker.poll() is not None:
                self._stop()
        if answer is None:
            self._stop()
            raise DataError(f"{path}: the Parquet data is damaged (polars crashed or timed out)")
        return answer

    def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.kill()
        worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            with suppress(OSError):  # unsent data cannot be flushed to an ended process
                if pipe is not None:
                    pipe.close()


def read_parquet(
    paths: Iterable[Path],
    *,
    label: str | None = None,
    labels: Labels = "needed",
    max_bytes: int = MAX_BYTES,
) -> Split:
    """Read and concatenate the files of one set.

    The options are those of `glassnet.data.readers.csv_table.parse_csv`; `label` is a column name.

    Raises
    ------
    DataError
        If a file is damaged, or the images differ in size.
    """
    parts: list[Split] = []
    with ParquetReader(max_bytes) as reader:
        for path in paths:
            parts.append(reader.read(path, label=label or "label", labels=labels))
            if parts[-1].images.shape[1:] != parts[0].images.shape[1:]:
                raise DataError(
                    f"{path}: needs images of {parts[0].images.shape[1:]} like the files before "
                    f"it, got {parts[-1].images.shape[1:]}"
                )
    if len(parts) == 1:
        return parts[0]
    return Split(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )


def find_parquet(folder: Path) -> dict[str, list[Path]]:
    """Map ``train`` and ``test`` to the Parquet files in a folder or one of its subfolders."""
    inner = sorted(path for path in folder.iterdir() if path.is_dir())
    for place in (folder, *inner):
        parts = {part: sorted(place.glob(f"{part}-*.parquet")) for part in ("train", "test")}
        if any(parts.values()):
            return {part: paths for part, paths in parts.items() if paths}
    return {}


def _start() -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        # The worker limits its address space, and each thread reserves some of it.
        "POLARS_MAX_THREADS": "2",
        "MALLOC_ARENA_MAX": "2",
    }
    return subprocess.Popen(  # noqa: S603 - Python with a fixed program
        [sys.executable, "-P", "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # panic messages from polars are of no use to users
        env=environment,
    )


def _ask(worker: subprocess.Popen[bytes], request: dict[str, Any]) -> Split | None:
    """Send a request and return the result, or None if the worker exits first."""
    if worker.stdin is None or worker.stdout is None:
        return None
    try:
        worker.stdin.write(json.dumps(request).encode() + b"\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
    except OSError:
        return None
    if not line:
        return None
    answer = json.loads(line)
    if "error" in answer:
        raise DataError(answer["error"])
    n, height, width = answer["shape"]
    content = read_up_to(worker.stdout, n * height * width)  # type: ignore[arg-type]
    labels = read_up_to(worker.stdout, n * 8)  # type: ignore[arg-type]
    if len(content) < n * height * width or len(labels) < n * 8:
        return None
    images = np.frombuffer(content, np.uint8).reshape(n, height, width)
    return Split(images, np.frombuffer(labels, np.int64))
