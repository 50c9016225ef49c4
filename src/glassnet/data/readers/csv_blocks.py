"""Blocks of complete lines, so that a table is never in memory as text."""

from collections.abc import Iterator
from typing import BinaryIO

from glassnet.data.readers.gzip_io import check_size
from glassnet.errors import DataError

BLOCK = 8 << 20
MAX_LINE_BYTES = 64 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def text_blocks(file: BinaryIO, max_bytes: int, where: str) -> Iterator[bytes]:
    """Split a text into blocks of complete lines, without byte order mark and trailing blank lines.

    Raises
    ------
    DataError
        If the text is longer than `max_bytes`, or a line is longer than any image.
    """
    rest, n_bytes, is_first = bytearray(), 0, True
    while piece := file.read(BLOCK):
        n_bytes += len(piece)
        check_size(n_bytes, max_bytes, where)
        cut = _last_line_end(piece)
        if cut == 0:
            rest += piece
            if len(rest) > MAX_LINE_BYTES:
                raise DataError(f"{where}: needs lines of an image each, got one of {len(rest):,}")
            continue
        rest += piece[:cut]
        # Blank lines may turn out to be the end: they wait for what follows.
        block = bytes(rest.rstrip(b"\r\n"))
        ends = bytes(rest[len(block) :])
        if block:
            kept = 2 if ends.startswith(b"\r\n") else 1
            yield _unmarked(block + ends[:kept], is_first)
            is_first, rest = False, bytearray(ends[kept:] + piece[cut:])
        else:
            rest += piece[cut:]
    if is_first or rest.strip(b"\r\n"):
        last = bytes(rest)
        stripped = last.rstrip(b"\r\n")
        yield _unmarked(stripped + b"\n" if stripped else last, is_first)


def _last_line_end(piece: bytes) -> int:
    """Return what follows the last line feed that is not at a run of line ends cut in two."""
    return piece.rfind(b"\n") + 1


def _unmarked(block: bytes, is_first: bool) -> bytes:
    return block.removeprefix(BYTE_ORDER_MARK) if is_first else block
