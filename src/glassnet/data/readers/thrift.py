"""Thrift's compact protocol, as far as the footer of a Parquet file needs it.

A struct becomes a dictionary from field numbers to values. The work is linear in the number of
bytes: memory is allocated only for bytes that are there.
"""

from typing import Any

MAX_DEPTH = 16
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
VARINTS = (4, 5, 6)  # i16, i32, i64


class ThriftError(ValueError):
    """Bytes that are not a struct in the compact protocol."""


class CompactReader:
    """A reader at a position in bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Read a struct at a depth of nesting: a dictionary from field numbers to values."""
        if depth > MAX_DEPTH:
            raise ThriftError(f"structs stand in each other more than {MAX_DEPTH} deep")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            delta, kind = head >> 4, head & 15
            number = number + delta if delta else self._zigzag()
            # A field's boolean is its type; a list's takes a byte.
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
            if n > len(self._content) - self._at:  # each element takes a byte or more
                raise ThriftError(f"a list claims {n:,} elements")
            if depth > MAX_DEPTH:
                raise ThriftError(f"lists stand in each other more than {MAX_DEPTH} deep")
            return [self._value(element, depth + 1) for _ in range(n)]
        if kind == STRUCT:
            return self.struct(depth + 1)
        raise ThriftError(f"unknown type {kind}")

    def _take(self, n: int) -> bytes:
        start = self._at
        self._at += n
        if self._at > len(self._content):
            raise ThriftError("cut short")
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
