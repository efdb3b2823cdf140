"""Rows of an Avro file (an object container file), a block at a time.

https://avro.apache.org/docs/1.12.0/specification/#object-container-files. The container is read
here, so that no block is unpacked beyond bounds; its records are decoded by fastavro.
"""

import io
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from experiments.ledger.imports.errors import BadAvro, NulInRow
from experiments.ledger.imports.rows import LONGEST_SHOWN, MOST_COLUMNS, BadRow, Row
from experiments.ledger.imports.values import as_item, as_text, shown

MAGIC = b"Obj\x01"
# The full name of a file's schema, in every item of it: Braze tells the event by it.
SCHEMA = "avro.schema"
LARGEST_BLOCK_BYTES = 64 << 20
_LARGEST_HEADER_BYTES = 1 << 20
_SYNC_BYTES = 16
_DEEPEST = 16
_WITHOUT_MEMBERS = {
    "null", "boolean", "int", "long", "float", "double", "bytes", "string", "enum", "fixed",
}  # fmt: skip
_FAULTS = (
    ValueError, EOFError, LookupError, TypeError, OverflowError, AttributeError, zlib.error,
    MemoryError, RecursionError, struct.error,
)  # fmt: skip


class AvroRows:
    """The records of a file; their line is their number.

    Args:
        stream: Of the file, at its beginning.
        as_items: Whether rows are items, each a JSON object; else the texts of cells.

    Attributes:
        header: Names of the fields.

    Raises:
        BadAvro: If it cannot be read, or has a form that is not.
    """

    def __init__(self, stream: BinaryIO, *, as_items: bool) -> None:
        # Needed by few processes.
        from fastavro import parse_schema, schemaless_reader  # noqa: PLC0415 - few files are Avro
        from fastavro.schema import SchemaParseException, UnknownType  # noqa: PLC0415 - likewise

        self._stream, self._as_items, self._decode = stream, as_items, schemaless_reader
        try:
            described = self._described()
            schema = json.loads(described["avro.schema"])
            self._codec = described.get("avro.codec", b"null").decode()
            self._sync = self._exactly(_SYNC_BYTES)
            _check_record(schema)
            parsed: Any = parse_schema(schema)
        except (*_FAULTS, SchemaParseException, UnknownType) as error:
            raise _bad(error) from error
        if self._codec not in {"null", "deflate"}:
            raise BadAvro(field="file", reason=f"packed with {self._codec[:20]!r}, and not deflate")
        self._schema = parsed
        self.name = str(parsed["name"])
        self.header = [str(each["name"]) for each in parsed["fields"]]

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Every record in order."""
        number = 0
        while (start := self._stream.read(1)) != b"":
            try:
                count = self._long(start)
                block = io.BytesIO(self._unpacked(self._exactly(self._long())))
                if self._exactly(_SYNC_BYTES) != self._sync:
                    raise _bad("a block does not end where it should")
                for _ in range(count):
                    number += 1
                    yield self._row(number, self._decode(block, self._schema, None))
            except _FAULTS as error:
                raise _bad(error) from error

    def _row(self, number: int, record: Any) -> Row | BadRow:
        if self._as_items:
            item = {SCHEMA: self.name, **as_item(record)}
            return Row(number, item, shown(item))
        cells = [as_text(record[name]) for name in self.header]
        raw = "\t".join(cells)
        if "\0" in raw:
            return BadRow(number, NulInRow(), raw[:LONGEST_SHOWN].replace("\0", ""))
        return Row(number, cells, raw)

    def _described(self) -> dict[str, bytes]:
        """What the header of the container says."""
        if self._exactly(len(MAGIC)) != MAGIC:
            raise _bad("it does not begin as Avro does")
        found: dict[str, bytes] = {}
        while count := self._long():
            if count < 0:
                self._long()
            for _ in range(abs(count)):
                name = self._exactly(self._long(), _LARGEST_HEADER_BYTES).decode()
                found[name] = self._exactly(self._long(), _LARGEST_HEADER_BYTES)
        return found

    def _unpacked(self, block: bytes) -> bytes:
        if self._codec == "null":
            return block
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        found = unpacking.decompress(block, LARGEST_BLOCK_BYTES)
        if unpacking.unconsumed_tail:
            raise _bad("a block is too large to be read at once")
        return found

    def _exactly(self, size: int, largest: int = LARGEST_BLOCK_BYTES) -> bytes:
        if not 0 <= size <= largest:
            raise _bad("a block is too large to be read at once")
        found = self._stream.read(size)
        if len(found) < size:
            raise _bad("it is cut off")
        return found

    def _long(self, start: bytes = b"") -> int:
        """A number of the format: seven bits a byte, the lowest first, its sign the last bit."""
        found, shift = 0, 0
        while True:
            byte = (start or self._exactly(1))[0]
            start = b""
            found |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return (found >> 1) ^ -(found & 1)
            shift += 7
            if shift > 63:
                raise _bad("a number is too large")


def _bad(reason: object) -> BadAvro:
    if isinstance(reason, BadAvro):
        return reason
    said = str(reason)[:200] or type(reason).__name__
    return BadAvro(field="file", reason=said)


def _check_record(schema: Any) -> None:
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise _bad("its rows are no records")
    if len(schema["fields"]) > MOST_COLUMNS:
        raise _bad(f"more than {MOST_COLUMNS} fields")
    if not _takes_room(schema, 0):
        raise _bad("its rows hold nothing")


def _takes_room(schema: Any, depth: int) -> bool:
    """Whether a value takes a byte at least: a list of those that take none may never end.

    Raises:
        BadAvro: If it holds a type by its name, or lists of what takes no room.
    """
    if depth > _DEEPEST:
        raise _bad("its records are nested too deep")
    kind = "union" if isinstance(schema, list) else schema
    if isinstance(schema, dict):
        kind = schema["type"]
    if not isinstance(kind, str):
        return _takes_room(kind, depth + 1)
    rooms = [_takes_room(each, depth + 1) for each in _members(kind, schema)]
    if kind == "array" and not rooms[0]:
        raise _bad("it has lists of nothing")
    if kind == "record":
        return any(rooms)
    return int(schema["size"]) > 0 if kind == "fixed" else kind != "null"


def _members(kind: str, schema: Any) -> list[Any]:
    """The schemas within a schema."""
    match kind:
        case "union":
            return list(schema)
        case "record":
            return [each["type"] for each in schema["fields"]]
        case "array":
            return [schema["items"]]
        case "map":
            return [schema["values"]]
    if kind not in _WITHOUT_MEMBERS:
        raise _bad(f"its type {kind[:40]!r} is not read")
    return []
