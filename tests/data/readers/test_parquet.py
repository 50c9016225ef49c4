"""Parquet files: errors for invalid tables, and crashes of polars."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from glassnet.data.readers.parquet import ParquetReader, read_parquet
from glassnet.data.readers.png import decode_pngs
from glassnet.errors import DataError
from tests.data.makers import images_and_labels, parquet_bytes, png_bytes

IMAGES, LABELS = images_and_labels(6, 3, 4)
PNG = png_bytes(IMAGES[0])


@pytest.fixture(scope="module")
def reader() -> Iterator[ParquetReader]:
    with ParquetReader(1_000_000) as started:
        yield started


def table(**columns: Any) -> bytes:
    content = io.BytesIO()
    pl.DataFrame(columns).write_parquet(content)
    return content.getvalue()


def error_message(reader: ParquetReader, tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "set.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        reader.read(path)
    message = str(raised.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(str(path))


def picture(mode: str, size: tuple[int, int] = (4, 3), kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new(mode, size).save(content, kind)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ", byte 0: needs Parquet, which begins and ends with 50415231, got an empty file"),
        (b"<html>not found</html>", "got 3c68746d ... 746d6c3e"),
        (b"PAR1" + bytes(40) + b"PAR1", "footer is damaged"),
        (b"PAR1" + bytes(10) + b"\xff\xff\xff\x7fPAR1", "claims 2,147,483,647 of 22 bytes"),
        (parquet_bytes(IMAGES, LABELS)[:-1], "byte 0"),
        (parquet_bytes(IMAGES, None), "needs a column 'label', got image"),
        (table(images=[PNG], label=[0]), "needs a column 'image', got images, label"),
        (table(image=["x"], label=[0]), "column image: needs PNG bytes, got String"),
        (table(image=[{"png": PNG}], label=[0]), "column image: needs PNG bytes, got Struct"),
        (table(image=[PNG], label=["0"]), "column label: needs whole numbers, got String"),
        (table(image=[PNG], label=[0.5]), "column label: needs whole numbers, got Float64"),
        (table(image=[PNG, PNG], label=[0, -1]), "label, row 1: needs a label from 0"),
        (table(image=[PNG, PNG], label=[0, 1000]), "from 0 to 999, got 1000"),
        (table(image=[PNG, PNG], label=[0, None]), "from 0 to 999, got nothing"),
        (table(image=[PNG, None], label=[0, 1]), "column image, row 1: needs a PNG picture"),
        (table(image=[PNG, b"abc"], label=[0, 1]), "row 1: needs a PNG picture, got 3 bytes"),
        (table(image=[picture("L", kind="JPEG")], label=[0]), "bytes that begin ffd8ffe0"),
        (table(image=[PNG, picture("L", (5, 3))], label=[0, 1]), "needs 3 x 4 pixels as in row 0"),
        (table(image=[picture("RGB")], label=[0]), "needs a grey picture of 8 bits, got mode RGB"),
        (table(image=[PNG[:48]], label=[0]), "row 0: the PNG picture is damaged"),
        (table(image=[picture("L", (1001, 1000))], label=[0]), "above the limit of 1,000,000"),
        (parquet_bytes(IMAGES[:0], LABELS[:0]), "holds no images"),
        (table(image=[bytes(2_000_000)], label=[0]), "above the limit of 1,000,000"),
    ],
)
def test_tables_without_images_or_labels_raise(
    reader: ParquetReader, tmp_path: Path, content: bytes, expected: str
) -> None:
    assert expected in error_message(reader, tmp_path, content)


def test_a_crashed_worker_raises_and_is_replaced(reader: ParquetReader, tmp_path: Path) -> None:
    good = tmp_path / "good.parquet"
    good.write_bytes(parquet_bytes(IMAGES, LABELS))
    assert np.array_equal(reader.read(good).images, IMAGES)
    assert reader._worker is not None
    reader._worker.kill()
    reader._worker.wait()
    with pytest.raises(DataError, match="polars crashed or timed out"):
        reader.read(good)
    assert np.array_equal(reader.read(good).images, IMAGES)


def test_files_of_one_part_need_images_of_one_size(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.parquet" for n in (1, 2)]
    for path, width in zip(paths, (3, 4), strict=True):
        path.write_bytes(parquet_bytes(*images_and_labels(4, 3, width)))
    with pytest.raises(DataError, match=r"2\.parquet: needs images of \(3, 3\)"):
        read_parquet(paths)


def test_a_picture_of_one_bit_is_black_and_white() -> None:
    content = io.BytesIO()
    Image.fromarray(np.array([[0, 255], [255, 0]], np.uint8)).convert("1").save(content, "PNG")
    assert decode_pngs([content.getvalue()], 100, "x").tolist() == [[[0, 255], [255, 0]]]


def test_reading_leaves_no_process_behind(tmp_path: Path) -> None:
    path = tmp_path / "set.parquet"
    path.write_bytes(parquet_bytes(IMAGES, LABELS))
    reader = ParquetReader()
    with reader:
        reader.read(path)
        assert reader._worker is not None
        process = reader._worker.pid
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
