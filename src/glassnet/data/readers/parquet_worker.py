"""Worker process in which polars reads Parquet files, isolated because it may crash.

Each line of standard input is a request in JSON. The response is a line of JSON with an error, or
with the shape of the images, followed by the bytes of pixels (uint8) and labels (int64).
"""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.dataset import MAX_CLASSES
from glassnet.data.readers.png import decode_pngs
from glassnet.errors import DataError, did_you_mean, printable
from glassnet.types import Array

if TYPE_CHECKING:
    import polars as pl


# Address space in bytes beyond the size that the file claims. Threads reserve more than they use:
# with 300 MB, valid files failed occasionally on a busy machine.
SPARE_BYTES = 1_000_000_000
N_COPIES = 4  # compressed, unpacked, as a table, as Python bytes


def main() -> None:
    """Serve requests until standard input ends."""
    import polars as pl
    from PIL import PngImagePlugin  # noqa: F401 - imported before memory is limited

    pl.DataFrame({"x": [1]}).lazy().select(
        pl.col("x").sum()
    ).collect()  # starts the threads of polars
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            images, labels = read(request)
        except DataError as error:
            _answer({"error": str(error)})
            continue
        _answer({"shape": images.shape})
        sys.stdout.buffer.write(images.data)
        sys.stdout.buffer.write(labels.data)
        sys.stdout.buffer.flush()


def read(request: dict[str, Any]) -> tuple[Array, Array]:
    """Read the file named in a request from `glassnet.data.readers.parquet.ParquetReader.read`.

    Returns
    -------
    images : ndarray of uint8, (n, height, width)
        Grey values, 0 to 255.
    labels : ndarray of int64, (n,)
        All 0 if the table has no labels.
    """
    import polars as pl

    where = str(request["where"])
    _limit_memory(SPARE_BYTES + N_COPIES * int(request["size"]))
    try:
        table = pl.scan_parquet(Path(request["path"]), glob=False, parallel="none")
        schema = table.collect_schema()
        columns = _columns(schema, request, where)
        frame = table.select(columns).collect()
    except DataError:
        raise
    except Exception as error:  # polars raises many kinds for damaged data
        reason = printable(str(error).strip().splitlines()[0][:120]) if str(error) else "no reason"
        raise DataError(f"{where}: the Parquet data is damaged ({reason})") from error
    _limit_memory(None)
    labels = _labels(frame, columns, where)
    pictures = frame["image"]
    if isinstance(pictures.dtype, pl.Struct):
        pictures = pictures.struct.field("bytes")
    n = len(pictures)
    images = decode_pngs(pictures.to_list(), int(request["max_bytes"]), f"{where}, column image")
    return images, np.zeros(n, np.int64) if labels is None else labels


def _columns(schema: "pl.Schema", request: dict[str, Any], where: str) -> list[str]:
    import polars as pl

    columns = ["image", request["label"]]
    if not request["is_needed"] and request["label"] not in schema:
        columns = ["image"]
    for name in columns:
        if name not in schema:
            actual = printable(", ".join(schema.names()[:5])) or "none"
            hint = did_you_mean(name, schema.names())
            raise DataError(f"{where}: needs a column {name!r}, got {actual}{hint}")
    kind: Any = schema["image"]
    if isinstance(kind, pl.Struct):
        kinds = {field.name: field.dtype for field in kind.fields}
        kind = kinds.get("bytes", kind)
    if kind != pl.Binary:
        raise DataError(f"{where}, column image: needs PNG bytes, got {printable(str(kind))}")
    if len(columns) == 2 and not schema[columns[1]].is_integer():
        raise DataError(
            f"{where}, column {columns[1]}: needs whole numbers, "
            f"got {printable(str(schema[columns[1]]))}"
        )
    return columns


def _labels(frame: "pl.DataFrame", columns: list[str], where: str) -> Array | None:
    if len(columns) == 1:
        return None
    column = frame[columns[1]]
    is_wrong = (column.is_null() | (column < 0) | (column >= MAX_CLASSES)).to_numpy()
    if is_wrong.any():
        row = int(is_wrong.argmax())
        raise DataError(
            f"{where}, column {columns[1]}, row {row}: needs a label from 0 to "
            f"{MAX_CLASSES - 1}, got {'nothing' if column[row] is None else column[row]}"
        )
    return np.ascontiguousarray(column.to_numpy(), dtype=np.int64)


def _limit_memory(spare: int | None) -> None:
    """Limit the memory growth of this process, in bytes, if supported; None lifts the limit."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = hard if spare is None else pages * resource.getpagesize() + spare
        if hard == resource.RLIM_INFINITY or soft <= hard:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _answer(content: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(content).encode() + b"\n")
    sys.stdout.buffer.flush()
