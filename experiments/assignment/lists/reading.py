"""A list on disk as text: its encoding, and blocks that end where a row ends."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from experiments.assignment.lists.rows import ENCODINGS
from experiments.errors import Invalid

BLOCK_BYTES = 1 << 20
LONGEST_ROW_BYTES = 1 << 20
BYTE_ORDER_MARK = codecs.BOM_UTF8
_QUOTE, _NEWLINE = b'"', b"\n"


class RowTooLong(Invalid):
    """A row does not end: usually a quote that is never closed."""

    template = "a row longer than {limit} bytes: is a quote left open?"


def encoding_of(path: Path) -> str:
    """Find the encoding that all of the file decodes in: UTF-8 first, then CP949.

    Returns:
        ``utf-8`` where neither fits: its rows are then refused one by one.
    """
    tried = {name: codecs.getincrementaldecoder(name)() for name in ENCODINGS}
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            for name in list(tried):
                if not _decodes(tried[name], block, final=False):
                    del tried[name]
            if not tried:
                return ENCODINGS[0]
    fitting = [name for name, decoder in tried.items() if _decodes(decoder, b"", final=True)]
    return fitting[0] if fitting else ENCODINGS[0]


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def blocks(file: BinaryIO, *, quoted: bool) -> Iterator[bytes]:
    """Read the rest of a file in blocks of whole rows.

    Args:
        file: Where it stands now.
        quoted: Whether a line end inside quotes belongs to the row, as in CSV.

    Raises:
        RowTooLong: If a row does not end within a megabyte.
    """
    rest = b""
    while block := file.read(BLOCK_BYTES):
        block = rest + block
        end = _end_of_rows(block) if quoted else block.rfind(_NEWLINE) + 1
        if end:
            yield block[:end]
        rest = block[end:]
        if len(rest) > LONGEST_ROW_BYTES + BLOCK_BYTES:
            raise RowTooLong(field="file", limit=LONGEST_ROW_BYTES)
    if rest:
        yield rest


def _end_of_rows(block: bytes) -> int:
    """Where the last row ends whose quotes are all closed; 0 if none does."""
    end = block.rfind(_NEWLINE)
    quotes = block.count(_QUOTE, 0, max(end, 0))
    while end >= 0 and quotes % 2:
        before = block.rfind(_NEWLINE, 0, end)
        quotes -= block.count(_QUOTE, max(before, 0), end)
        end = before
    return end + 1
