"""Files of the same images in all formats that glassnet reads, written by other libraries."""

import csv
import gzip
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from glassnet.types import Array

FORMATS = ("idx", "idx.gz", "csv", "csv.gz", "zip", "npz", "parquet")
IMAGE = pl.Struct({"bytes": pl.Binary, "path": pl.String})


def images_and_labels(n: int, height: int, width: int, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, height, width), np.uint8), np.arange(n) % 3


def idx_bytes(array: Array) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def csv_bytes(images: Array, labels: Array | None, *, has_header: bool = True) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    pixels = images.reshape(len(images), -1).tolist()
    if has_header:
        rows.writerow(["label"] * (labels is not None) + [f"p{k}" for k in range(len(pixels[0]))])
    for row, values in enumerate(pixels):
        rows.writerow(values if labels is None else [labels[row], *values])
    return text.getvalue().encode()


def zip_bytes(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def npz_bytes(**arrays: Any) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def png_bytes(image: Array) -> bytes:
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    return content.getvalue()


def parquet_bytes(
    images: Array, labels: Array | None, *, compression: Any = "snappy", is_struct: bool = True
) -> bytes:
    pngs = [png_bytes(image) for image in images]
    rows: list[Any] = [{"bytes": png, "path": None} for png in pngs] if is_struct else pngs
    table: dict[str, Any] = {"image": pl.Series(rows, dtype=IMAGE if is_struct else pl.Binary)}
    if labels is not None:
        table["label"] = pl.Series(labels, dtype=pl.Int64)
    content = io.BytesIO()
    pl.DataFrame(table).write_parquet(content, compression=compression)
    return content.getvalue()


def write(folder: Path, kind: str, images: Array, labels: Array) -> Path:
    """Write a dataset without a test set or, as npz, with the same images as its test set."""
    small = labels.astype(np.uint8)
    if kind.startswith("idx"):
        pack = gzip.compress if kind.endswith("gz") else bytes
        ending = ".gz" if kind.endswith("gz") else ""
        path = folder / f"set-images-idx3-ubyte{ending}"
        path.write_bytes(pack(idx_bytes(images)))
        (folder / f"set-labels-idx1-ubyte{ending}").write_bytes(pack(idx_bytes(small)))
        return path
    path = folder / f"set.{kind}"
    if kind == "npz":
        content = npz_bytes(x_train=images, y_train=small, x_test=images, y_test=small)
    elif kind == "parquet":
        content = parquet_bytes(images, labels)
    else:
        content = csv_bytes(images, labels)
        content = gzip.compress(content) if kind == "csv.gz" else content
        content = zip_bytes({"train.csv": content}) if kind == "zip" else content
    path.write_bytes(content)
    return path
