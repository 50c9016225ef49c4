"""CSV tables, written by the standard library's csv, gzip and zipfile."""

import csv
import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from glassnet.data.dataset import Split
from glassnet.data.readers import csv_blocks
from glassnet.data.readers.csv_table import read_csv, read_kaggle_zip
from glassnet.errors import ConfigError, DataError
from glassnet.types import Array

Rows = Sequence[Sequence[object]]

KAGGLE_HEADER = ["label", *(f"pixel{number}" for number in range(784))]
SMALL_HEADER = ["label", "p0", "p1", "p2", "p3"]


def table(rows: Iterable[Sequence[object]], *, newline: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=newline).writerows(rows)
    return text.getvalue().encode()


def digits(n: int, n_pixels: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(n_pixels)
    labels = np.arange(n) * 7 % 10
    return labels, rng.integers(0, 256, (n, n_pixels))


def check(split: Split, labels: Array, pixels: Array, shape: tuple[int, int]) -> None:
    assert split.images.dtype == np.uint8
    assert split.labels.dtype == np.int64
    assert split.images.shape == (len(labels), *shape)
    np.testing.assert_array_equal(split.images.reshape(len(labels), -1), pixels)
    np.testing.assert_array_equal(split.labels, labels)


def error_message(
    tmp_path: Path,
    content: bytes,
    *,
    name: str = "digits.csv",
    read: Callable[[Path], Split] = read_csv,
) -> str:
    """Return the error message without the path at its start."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        read(path)
    message = str(raised.value)
    assert message.isprintable()  # one line, without terminal control characters
    assert message.startswith(str(path))
    return message.removeprefix(str(path))


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_table_in_kaggles_format_is_read(tmp_path: Path, newline: str, is_packed: bool) -> None:
    labels, pixels = digits(12, 784)
    content = table([KAGGLE_HEADER, *np.column_stack([labels, pixels])], newline=newline)
    path = tmp_path / "train.csv"
    path.write_bytes(gzip.compress(content) if is_packed else content)
    check(read_csv(path), labels, pixels, (28, 28))


def test_pixels_are_in_row_major_order(tmp_path: Path) -> None:
    path = tmp_path / "digits.csv"
    path.write_text("label,p0,p1,p2,p3\n9,1,2,3,4\n0,5,6,7,255\n")
    split = read_csv(path)
    assert split.images.tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 255]]]
    assert split.labels.tolist() == [9, 0]


@pytest.mark.parametrize("place", [0, 1, 400, 784])
def test_the_column_called_label_holds_the_labels(tmp_path: Path, place: int) -> None:
    labels, pixels = digits(6, 784)
    header = [*KAGGLE_HEADER[1 : place + 1], "Label", *KAGGLE_HEADER[place + 1 :]]
    path = tmp_path / "digits.csv"
    path.write_bytes(table([header, *np.insert(pixels, place, labels, axis=1)]))
    check(read_csv(path), labels, pixels, (28, 28))


def test_without_a_header_the_first_column_is_the_label(tmp_path: Path) -> None:
    labels, pixels = digits(6, 784)
    path = tmp_path / "digits.csv"
    path.write_bytes(table(np.column_stack([labels, pixels])))
    check(read_csv(path), labels, pixels, (28, 28))


def test_without_a_header_a_constant_first_column_holds_pixels(tmp_path: Path) -> None:
    labels, pixels = digits(6, 784)
    pixels[:, 0] = 0
    path = tmp_path / "digits.csv"
    path.write_bytes(table(np.column_stack([pixels, labels])))
    check(read_csv(path), labels, pixels, (28, 28))


@pytest.mark.parametrize("has_header", [True, False])
@pytest.mark.parametrize("has_mark", [True, False])
@pytest.mark.parametrize("has_last_newline", [True, False])
def test_a_byte_order_mark_and_the_last_newline_change_nothing(
    tmp_path: Path, has_header: bool, has_mark: bool, has_last_newline: bool
) -> None:
    labels, pixels = digits(5, 4)
    content = table([SMALL_HEADER] * has_header + [*np.column_stack([labels, pixels])])
    content = content if has_last_newline else content.rstrip()
    path = tmp_path / "digits.csv"
    path.write_bytes(b"\xef\xbb\xbf" * has_mark + content)
    check(read_csv(path), labels, pixels, (2, 2))


def test_quoted_cells_are_parsed(tmp_path: Path) -> None:
    labels, pixels = digits(5, 4)
    text = io.StringIO(newline="")
    rows = [SMALL_HEADER, *np.column_stack([labels, pixels]).tolist()]
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    path = tmp_path / "digits.csv"
    path.write_text(text.getvalue(), newline="")
    check(read_csv(path), labels, pixels, (2, 2))


@pytest.mark.parametrize(
    ("n_pixels", "given_shape", "shape"),
    [
        (1, None, (1, 1)),
        (400, None, (20, 20)),
        (783, (27, 29), (27, 29)),
        (783, (1, 783), (1, 783)),
        (36, (4, 9), (4, 9)),
    ],
)
def test_images_are_square_unless_a_shape_is_given(
    tmp_path: Path, n_pixels: int, given_shape: tuple[int, int] | None, shape: tuple[int, int]
) -> None:
    labels, pixels = digits(5, n_pixels)
    header = ["label", *(f"pixel{number}" for number in range(n_pixels))]
    path = tmp_path / "digits.csv"
    path.write_bytes(table([header, *np.column_stack([labels, pixels])]))
    check(read_csv(path, shape=given_shape), labels, pixels, shape)


@pytest.mark.parametrize("n_pixels", [2, 782, 783])
def test_a_number_of_pixels_that_is_not_square_needs_a_shape(tmp_path: Path, n_pixels: int) -> None:
    labels, pixels = digits(5, n_pixels)
    content = table(np.column_stack([labels, pixels]))
    message = error_message(tmp_path, content)
    assert message.startswith(", row 1: needs a square number of pixels, got ")
    assert f"got {n_pixels}; " in message
    assert "--shape" in message

    def read_as(path: Path) -> Split:
        return read_csv(path, shape=(28, 28))

    message = error_message(tmp_path, content, read=read_as)
    assert message == f", row 1: needs 784 pixels for images of 28 x 28, got {n_pixels}"


@pytest.mark.parametrize("has_header", [True, False])
@pytest.mark.parametrize("label", ["first", "last", "digit", " Digit"])
def test_the_label_column_can_be_given(tmp_path: Path, label: str, has_header: bool) -> None:
    labels, pixels = digits(6, 9)
    pixels[:, 0] = pixels[:, -1] = 0  # constant, so not taken as the label
    place = 9 if label == "last" else 0
    rows = np.insert(pixels, place, labels, axis=1)
    header = [f"p{number}" for number in range(9)]
    header.insert(place, "digit")
    path = tmp_path / "digits.csv"
    path.write_bytes(table([header] * has_header + [*rows]))
    if has_header or label in ("first", "last"):
        check(read_csv(path, label=label), labels, pixels, (3, 3))
    else:
        with pytest.raises(ConfigError, match="needs first or last"):
            read_csv(path, label=label)


def test_a_constant_column_can_be_given_as_the_label(tmp_path: Path) -> None:
    path = tmp_path / "digits.csv"
    path.write_text("3,1\n3,2\n")
    assert read_csv(path, label="first").labels.tolist() == [3, 3]
    assert read_csv(path).labels.tolist() == [1, 2]


def test_a_missing_label_column_raises(tmp_path: Path) -> None:
    def read(path: Path) -> Split:
        return read_csv(path, label="digits")

    message = error_message(tmp_path, b"digit,p0\n1,2\n", read=read)
    assert message.startswith(", row 1: needs one column 'digits', got digit, p0")
    assert "Did you mean 'digit'?" in message


@pytest.mark.parametrize(
    ("content", "shape", "pixels"),
    [
        (b"pixel0,pixel1,pixel2,pixel3\n1,2,3,4\n", None, [1, 2, 3, 4]),
        (b"1,2,3,4\n", None, [1, 2, 3, 4]),
        (b"label,p0,p1,p2,p3\n9,1,2,3,4\n", None, [1, 2, 3, 4]),
        (b"9,1,2,3,4\n", None, [1, 2, 3, 4]),
        (b"1,2,3\n", (1, 3), [1, 2, 3]),
        (b"9,1,2,3\n", (3, 1), [1, 2, 3]),
    ],
)
def test_labels_may_be_missing_where_they_are_optional(
    tmp_path: Path, content: bytes, shape: tuple[int, int] | None, pixels: list[int]
) -> None:
    path = tmp_path / "test.csv"
    path.write_bytes(content)
    split = read_csv(path, labels="optional", shape=shape)
    assert split.images.shape == (1, *(shape or (2, 2)))
    assert split.images.ravel().tolist() == pixels


@pytest.mark.parametrize("n_blank", [0, 1, 3])
@pytest.mark.parametrize("block", [1, 7, 64, 1_000])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_block_size_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, newline: str, n_blank: int
) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK", block)
    labels, pixels = digits(9, 4)
    path = tmp_path / "digits.csv"
    rows = [SMALL_HEADER, *np.column_stack([labels, pixels])]
    path.write_bytes(table(rows, newline=newline) + newline.encode() * n_blank)
    check(read_csv(path), labels, pixels, (2, 2))
    bad = [*rows, [1, 2, 300, 4, 5], [1, 2, 3, "x", 5]]
    assert ", row 11, column p1: " in error_message(tmp_path, table(bad, newline=newline))
    gap = table(rows, newline=newline) + 2 * newline.encode() + b"1,2,3,4,5"
    assert ", row 11: needs 5 columns, got 0" in error_message(tmp_path, gap)


def test_an_endless_line_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK", 100)
    monkeypatch.setattr(csv_blocks, "MAX_LINE_BYTES", 1_000)
    assert "needs one image per line" in error_message(tmp_path, b"1," * 3_000)


@pytest.mark.parametrize(
    "cell",
    [
        *("300", "256", "-1", "", "abc", "3.7", "1e3", "nan", "70000", "9" * 30, "0x1", "5\0"),
        *("٣", "NA", "5 5", "inf", "-0.0"),
    ],
)
@pytest.mark.parametrize("row", [2, 3, 5])
@pytest.mark.parametrize("column", [1, 4])
def test_a_bad_cell_is_named(tmp_path: Path, cell: str, row: int, column: int) -> None:
    rows = [list(SMALL_HEADER), *([str(number), "0", "0", "0", "0"] for number in range(4))]
    rows[row - 1][column] = cell
    message = error_message(tmp_path, table(rows))
    assert message == (
        f", row {row}, column {SMALL_HEADER[column]}: "
        f"needs a whole number from 0 to 255, got {cell!r}"
    )


@pytest.mark.parametrize("cell", ["300", "-1", "", "abc", "3.7"])
def test_without_a_header_columns_are_counted_from_1(tmp_path: Path, cell: str) -> None:
    message = error_message(tmp_path, table([[1, 0, 0, 0, 0], [2, 0, cell, 0, 0]]))
    assert message.startswith(", row 2, column 3: ")


def test_a_bad_cell_in_a_packed_table_is_named(tmp_path: Path) -> None:
    content = gzip.compress(table([SMALL_HEADER, [1, 0, 0, 0, 0], [2, 0, 0, 300, 0]]))
    assert error_message(tmp_path, content, name="digits.csv.gz").startswith(", row 3, column p2: ")


def test_the_first_of_several_bad_cells_is_named(tmp_path: Path) -> None:
    content = table([SMALL_HEADER, [1, 0, 0, 0, 0], [2, 0, 300, "abc", 0], [3, "", 0, 0, 0]])
    assert error_message(tmp_path, content).startswith(", row 3, column p1: ")


def test_a_long_cell_is_abbreviated_in_the_message(tmp_path: Path) -> None:
    message = error_message(tmp_path, table([SMALL_HEADER, [1, "x" * 9_000, 0, 0, 0]]))
    assert message.startswith(", row 2, column p0: ")
    assert len(message) < 200


@pytest.mark.parametrize(
    "cell",
    [
        "05",
        '"5"',
        " 5",
        "+5",
    ],
)
def test_unusual_cells_are_accepted_or_rejected_consistently(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "digits.csv"
    path.write_text(f"label,p0\n1,{cell}\n2,0\n")
    try:
        is_taken = read_csv(path).images.tolist() == [[[5]], [[0]]]
    except DataError:
        is_taken = False
    message = error_message(tmp_path, f"label,p0\n1,{cell}\n2,abc\n".encode())
    assert message.startswith(", row 3, " if is_taken else ", row 2, ")


@pytest.mark.parametrize(
    "cell",
    [
        "9" * 5_000,
        "x" * 140_000,
    ],
)
def test_a_giant_cell_raises(tmp_path: Path, cell: str) -> None:
    assert error_message(tmp_path, table([SMALL_HEADER, [1, cell, 0, 0, 0]])).startswith(", row 2")


@pytest.mark.parametrize("label", [0, 9, 255, 256, 300, 999])
def test_labels_go_up_to_999(tmp_path: Path, label: int) -> None:
    path = tmp_path / "digits.csv"
    path.write_bytes(table([SMALL_HEADER, [label, 1, 2, 3, 4], [1, 0, 0, 0, 0]]))
    assert read_csv(path).labels.tolist() == [label, 1]
    path.write_bytes(table([[label, 1, 2, 3, 4], [1, 0, 0, 0, 0]]))
    assert read_csv(path).labels.tolist() == [label, 1]


@pytest.mark.parametrize("label", ["1000", "65535", "65536", "-1", "", "seven", "1.0"])
def test_invalid_labels_raise(tmp_path: Path, label: str) -> None:
    message = error_message(tmp_path, table([SMALL_HEADER, [1, 0, 0, 0, 0], [label, 1, 2, 3, 4]]))
    assert message.startswith(", row 3, column label: ")
    assert label in message


@pytest.mark.parametrize(
    "first",
    [
        b"label,p0,p1,p2,p3\n300,0,0,0,0\n",
        b"Label,p0,p1,p2,p3\n300,0,0,0,0\n",
        b"5,0,0,0,0\n300,0,0,0,0\n",
    ],
)
def test_the_error_names_the_invalid_pixel_not_a_high_label(tmp_path: Path, first: bytes) -> None:
    assert error_message(tmp_path, first + b"1,0,abc,0,0\n").startswith(", row 3, ")


@pytest.mark.parametrize(
    ("row", "actual"), [([2, 0, 0], 3), ([2, 0, 0, 0, 0, 0], 6), ([2, 0, 0, 0, 0, ""], 6)]
)
@pytest.mark.parametrize("has_more", [True, False])
def test_a_ragged_row_is_named(
    tmp_path: Path, row: list[object], actual: int, has_more: bool
) -> None:
    good: list[object] = [1, 0, 0, 0, 0]
    rows: list[Sequence[object]] = [SMALL_HEADER, good, row, *([good] * has_more)]
    message = error_message(tmp_path, table(rows))
    assert message == f", row 3: needs 5 columns, got {actual}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty file"),
        (b"\n", "empty"),
        (b"   \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (table([KAGGLE_HEADER]), "only a header"),
        (table([KAGGLE_HEADER]).rstrip(), "only a header"),
        (table([KAGGLE_HEADER], newline="\r\n"), "only a header"),
        (b"label\n1\n2\n", "row 1"),
        (b"p0,p1,p2\n1,2,3\n", "'label'"),
        (b"labels,p0,p1\n1,2,3\n", "Did you mean 'labels'?"),
        (b"label;p0;p1\n1;2;3\n", "row 1"),
        (b"label\tp0\tp1\n1\t2\t3\n", "row 1"),
        (table([SMALL_HEADER, [1, 0, 0, 0, 0]]).decode().encode("utf-16"), "row 1"),
        (table([SMALL_HEADER, [1, 0, 0, 0, 0]]).decode().encode("utf-16-le"), "row 1"),
        (table([SMALL_HEADER, [1, 0, 0, 0, 0]]).decode().encode("utf-32"), "row 1"),
        (bytes(4_000), "row 1"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "row 1"),
        (b"PK\x03\x04" + bytes(100), "row 1"),
        (b"label,p0\n1,2\n" + bytes(100), "row 3"),
        (b"label,p0\n1,2\n1,\xff\n", "row 3, column p0"),
        (b"<!DOCTYPE html>\n<html>\n<body>Please, sign in</body>\n</html>\n", "row 1"),
        (b'<html lang="en"><script>f(1,2);</script>\n<body>\n</html>\n', "row"),
        (b'label,p0\n1,"0\n2,0\n3,0\n', "row 2, column p0"),
        (b'label,"p0,p1\n1,0,0\n2,0,0\n', ""),
        (b"label,p0\n1,2\n\n3,4\n", "row 3"),
        (b'label,p0\n1,"2\n3"\n', "row 2, column p0"),
        (b"label,p0\r1,2\r3,4\r", "row"),
        (b"<html>" + b"x" * 200_000, "row 1"),
        (b"label,p0,label\n1,0,300\n", "row 1"),
        (b"la\x0bbel,p0\n1,2\n", "row 1"),
        (b"\x1b[2Jlabel,p0\n1,2\n", r"\x1b[2J"),
    ],
)
def test_files_other_than_tables_of_images_raise(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    assert expected in error_message(tmp_path, content)


@pytest.mark.parametrize("length", [11, 30, 60])
def test_a_truncated_gzipped_table_raises(tmp_path: Path, length: int) -> None:
    content = gzip.compress(table([SMALL_HEADER, *([n, n, 0, n, 0] for n in range(50))]))
    assert "gzip" in error_message(tmp_path, content[:length], name="digits.csv.gz")


def test_a_table_above_the_size_limit_raises(tmp_path: Path) -> None:
    content = b"label,p0\n" + b"1,2\n" * 300

    def read(path: Path) -> Split:
        return read_csv(path, max_bytes=1_000)

    def read_zip(path: Path) -> Split:
        return read_kaggle_zip(path, max_bytes=1_000)

    message = error_message(tmp_path, gzip.compress(content), name="digits.csv.gz", read=read)
    assert "above the limit of 1,000 (--max-bytes raises it)" in message
    message = error_message(
        tmp_path, zipped({"train.csv": content}), name="digits.zip", read=read_zip
    )
    assert message.startswith(
        "/train.csv: unpacks to 1,209 bytes or more, above the limit of 1,000"
    )


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed_bytes = io.BytesIO()
    with zipfile.ZipFile(packed_bytes, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return packed_bytes.getvalue()


def zip_error(tmp_path: Path, content: bytes) -> str:
    return error_message(tmp_path, content, name="digit-recognizer.zip", read=read_kaggle_zip)


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_kaggles_zip_is_read_as_downloaded(tmp_path: Path, method: int) -> None:
    labels, pixels = digits(12, 784)
    content = table([KAGGLE_HEADER, *np.column_stack([labels, pixels])], newline="\r\n")
    path = tmp_path / "digit-recognizer.zip"
    others = {"sample_submission.csv": b"ImageId,Label\r\n", "test.csv": b"pixel0\r\n"}
    path.write_bytes(zipped(others | {"train.csv": content}, method))
    check(read_kaggle_zip(path), labels, pixels, (28, 28))


def test_a_bad_cell_inside_the_zip_is_named(tmp_path: Path) -> None:
    content = zipped({"train.csv": table([SMALL_HEADER, [1, 0, 0, 0, 0], [2, 0, 0, 0, 300]])})
    assert zip_error(tmp_path, content).startswith("/train.csv, row 3, column p3: ")


@pytest.mark.parametrize(
    ("members", "actual"),
    [
        ({}, "an empty zip"),
        ({"test.csv": b"pixel0\n1\n"}, "test.csv"),
        ({"digits/train.csv": b"label,p0\n1,2\n"}, "digits/train.csv"),
        ({f"{number}.csv": b"" for number in range(30)}, "0.csv, 1.csv, 2.csv, 3.csv, 4.csv"),
        ({"a\nb.csv": b""}, "a"),
    ],
)
def test_a_zip_without_train_csv_raises(
    tmp_path: Path, members: dict[str, bytes], actual: str
) -> None:
    message = zip_error(tmp_path, zipped(members))
    assert message.startswith(": needs a member train.csv, got ")
    assert actual in message


def test_a_truncated_zip_raises(tmp_path: Path) -> None:
    content = zipped({"train.csv": table([SMALL_HEADER, *([n, n, 0, n, 0] for n in range(50))])})
    for length in range(0, len(content), 7):
        zip_error(tmp_path, content[:length])


def test_a_file_that_is_not_a_zip_raises(tmp_path: Path) -> None:
    zip_error(tmp_path, b"")
    zip_error(tmp_path, b"<html>\n<body>Please sign in</body>\n")
    for path in (tmp_path, tmp_path / "nothing.zip"):
        with pytest.raises(DataError) as raised:
            read_kaggle_zip(path)
        assert str(path) in str(raised.value)


LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
LOCAL_FLAGS, CENTRAL_FLAGS = 6, 8  # offsets in the two headers: APPNOTE 4.3.7 and 4.3.12
METHOD = 2  # offset after the flags
IS_ENCRYPTED, IS_UTF_8 = 0x1, 0x800


def patched(content: bytes, offset: int, value: int) -> bytes:
    """Write a 16-bit number into both headers of the only member."""
    changed = bytearray(content)
    struct.pack_into("<H", changed, content.index(LOCAL) + LOCAL_FLAGS + offset, value)
    struct.pack_into("<H", changed, content.index(CENTRAL) + CENTRAL_FLAGS + offset, value)
    return bytes(changed)


def test_an_encrypted_zip_or_unknown_compression_raises(tmp_path: Path) -> None:
    content = zipped({"train.csv": b"label,p0\n1,2\n0,3\n"})
    assert "encrypted" in zip_error(tmp_path, patched(content, 0, IS_ENCRYPTED))
    zip_error(tmp_path, patched(content, METHOD, 99))


def test_a_zip_with_a_damaged_member_name_raises(tmp_path: Path) -> None:
    content = zipped({"train.csv": b"label,p0\n1,2\n0,3\n"})
    damaged = patched(content, 0, IS_UTF_8).replace(b"train.csv", b"tr\xffin.csv")
    zip_error(tmp_path, damaged)


@pytest.mark.parametrize(
    "method",
    [
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
        zipfile.ZIP_BZIP2,
        zipfile.ZIP_LZMA,
    ],
)
def test_a_zip_with_damaged_content_raises(tmp_path: Path, method: int) -> None:
    content = table([SMALL_HEADER, *([n, n, 0, n, 0] for n in range(100))])
    content = zipped({"train.csv": content}, method)
    start = content.index(b"train.csv") + len(b"train.csv")
    for place in range(start + 20, start + 60, 5):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        zip_error(tmp_path, bytes(damaged))
