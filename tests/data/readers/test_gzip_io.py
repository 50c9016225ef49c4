"""Gzipped files, and limits of their unpacked size."""

import gzip
import io
from pathlib import Path

import pytest

from glassnet.data.readers import gzip_io
from glassnet.errors import ConfigError, DataError

CONTENT = b"label,pixel0\n" + bytes(range(256))


def read(path: Path) -> bytes:
    with gzip_io.open_packed(path) as file:
        return file.read()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("plain.csv", CONTENT),
        ("packed.csv.gz", gzip.compress(CONTENT)),
        ("plain.csv.gz", CONTENT),
        ("packed.csv", gzip.compress(CONTENT)),
        ("parts.gz", gzip.compress(CONTENT[:9]) + gzip.compress(CONTENT[9:])),
    ],
    ids=["plain", "packed", "plain, named gzip_io", "packed, named plain", "two parts"],
)
def test_gzip_is_detected_by_the_first_bytes(tmp_path: Path, name: str, written: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(written)
    assert read(path) == CONTENT


@pytest.mark.parametrize("content", [b"", b"\x1f", b"\x8b\x1f"])
def test_files_too_short_for_gzip_are_read_unchanged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "short"
    path.write_bytes(content)
    assert read(path) == content


@pytest.mark.parametrize(
    "damaged",
    [
        b"\x1f\x8b",
        gzip.compress(CONTENT)[:-1],
        gzip.compress(CONTENT)[:30],
        gzip.compress(CONTENT)[:12] + b"\xff" * 40,
        gzip.compress(CONTENT) + b"trailing",
    ],
    # Gzip data holds a time stamp, so it cannot be in test ids, which must agree between workers.
    ids=["no header", "no checksum", "cut in the middle", "overwritten", "something after it"],
)
def test_damaged_gzip_data_raises(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(damaged)
    with pytest.raises(DataError) as raised:
        read(path)
    assert str(raised.value).startswith(f"{path}: gzip data is damaged or truncated")
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_opened_raises(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", tmp_path / ("x" * 300)):
        with pytest.raises(DataError, match="cannot be read") as raised:
            read(path)
        assert str(path) in str(raised.value)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("n_bytes", [0, 99, 100, 101, 5_000])
def test_no_more_than_the_requested_size_is_read(
    monkeypatch: pytest.MonkeyPatch, n_bytes: int
) -> None:
    monkeypatch.setattr(gzip_io, "CHUNK", 7)
    file = io.BytesIO(bytes(n_bytes))
    assert gzip_io.read_up_to(file, 100) == bytes(min(n_bytes, 100))
    assert file.tell() == min(n_bytes, 100)


def test_sizes_above_the_limit_raise() -> None:
    gzip_io.check_size(100, 100, "where")
    with pytest.raises(DataError, match=r"^where: unpacks to 101 bytes or more, above the limit"):
        gzip_io.check_size(101, 100, "where")


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_at_least_1(limit: int) -> None:
    with pytest.raises(ConfigError, match="max_bytes: needs"):
        gzip_io.check_limit(limit)
