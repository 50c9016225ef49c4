"""Thrift's compact protocol: the subset used by the footer of Parquet files.

Structs become dictionaries from field numbers to values. Time and memory are linear in the number
of bytes, whatever sizes the bytes claim.
"""

from typing import Any

MAX_DEPTH = 16
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
VARINTS = (4, 5, 6)  # i16, i32, i64


class ThriftError(ValueError):
    """Invalid bytes in the compact protocol."""


class CompactReader:
    """Reader for bytes in the compact protocol."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Read a struct at the given nesting depth as a dictionary from field numbers to values."""
        if depth > MAX_DEPTH:
            raise ThriftError(f"structs are nested more than {MAX_DEPTH} levels deep")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            delta, kind = head >> 4, head & 15
            number = number + delta if delta else self._zigzag()
            # A boolean field is encoded in its type, a boolean in a list as a byte.
            fields[number] = kind == TRUE if kind in (TRUE, FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (TRUE, FALSE, BYTE):
            return self._byte()
        if kind in VARINTS:
            return self._zigzag()
        if kind == DOUBLE:
            return self._take(8)
        if kind == BINARY:
            return self._take(self._varint())
        if kind in (LIST, SET):
            head = self._byte()
            n, element = head >> 4, head & 15
            n = self._varint() if n == 15 else n
            if n > len(self._content) - self._at:  # an element takes at least one byte
                raise ThriftError(f"a list claims {n:,} elements")
            if depth > MAX_DEPTH:
                raise ThriftError(f"lists are nested more than {MAX_DEPTH} levels deep")
            return [self._value(element, depth + 1) for _ in range(n)]
        if kind == STRUCT:
            return self.struct(depth + 1)
        raise ThriftError(f"unknown type {kind}")

    def _take(self, n: int) -> bytes:
        start = self._at
        self._at += n
        if self._at > len(self._content):
            raise ThriftError("truncated")
        return self._content[start : self._at]

    def _byte(self) -> int:
        return self._take(1)[0]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ThriftError("a number longer than 64 bits")

    def _zigzag(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)
