"""Reading of tables in blocks of complete lines, without holding the whole text in memory."""

from collections.abc import Iterator
from typing import BinaryIO

from glassnet.data.readers.gzip_io import check_size
from glassnet.errors import DataError

BLOCK = 8 << 20
MAX_LINE_BYTES = 64 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def text_blocks(file: BinaryIO, max_bytes: int, where: str) -> Iterator[bytes]:
    """Yield blocks of complete lines, without the byte order mark or trailing blank lines.

    Raises
    ------
    DataError
        If the text is longer than `max_bytes`, or a line longer than `MAX_LINE_BYTES`.
    """
    rest, n_bytes, is_first = bytearray(), 0, True
    while piece := file.read(BLOCK):
        n_bytes += len(piece)
        check_size(n_bytes, max_bytes, where)
        cut = _last_line_end(piece)
        if cut == 0:
            rest += piece
            if len(rest) > MAX_LINE_BYTES:
                raise DataError(
                    f"{where}: needs one image per line, got a line of {len(rest):,} bytes"
                )
            continue
        rest += piece[:cut]
        # Blank lines are kept back, since they may be the end of the text.
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
    """Return the position after the last line feed, or 0 if there is none."""
    return piece.rfind(b"\n") + 1


def _unmarked(block: bytes, is_first: bool) -> bytes:
    return block.removeprefix(BYTE_ORDER_MARK) if is_first else block
