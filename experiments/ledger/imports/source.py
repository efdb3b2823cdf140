"""A file on disk, looked through once before anything is believed of it.

Encoding is settled by decoding all of it: UTF-16 if it begins with that encoding's mark, as
Excel's "Unicode text" does, else UTF-8 if that works, else CP949 (which Korean Excel writes).
Nothing is ever held in memory as a whole, compressed or not. Parquet files are told by their
first bytes, and have no encoding; so are Avro files.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from experiments.ledger.imports.errors import (
    BrokenGzip,
    NotCsv,
    NotText,
    NotUtf16,
    UnfitFile,
    UnpacksTooLarge,
)

PARQUET, AVRO = "parquet", "avro"
_BINARY = {b"PAR1": PARQUET, b"Obj\x01": AVRO}
BINARY_MAGIC = tuple(_BINARY)
BLOCK_BYTES = 1 << 20
LARGEST_UNPACKED_BYTES = 2 << 30
# No CSV of customers packs this well; a bomb does, and is refused within its first blocks.
_BOMB_RATIO = 250
_BOMB_FROM_BYTES = 16 << 20

_OTHER_KINDS = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\xff\xfe\0\0": "UTF-32 text",
    b"\0\0\xfe\xff": "UTF-32 text",
}
UTF_16 = "utf-16"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class SourceFile:
    """A file that can be read from end to end: text, or Parquet.

    Attributes:
        path: Where it is.
        size: Bytes on disk.
        sha256: Of the content as unpacked, in hexadecimal: packing changes no ids.
        encoding: ``utf-8-sig`` (with or without BOM), ``cp949``, ``utf-16`` (with BOM),
            ``parquet`` or ``avro``.
        packed: Whether it is gzip.
    """

    path: Path
    size: int
    sha256: str
    encoding: str
    packed: bool

    @property
    def mark(self) -> str:
        """What the ids of its rows begin with."""
        return self.sha256[:16]

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet, and no text."""
        return self.encoding == PARQUET

    @property
    def is_avro(self) -> bool:
        """Whether it is Avro, and no text."""
        return self.encoding == AVRO

    @property
    def is_text(self) -> bool:
        """Whether it is text, with cells or with items."""
        return not (self.is_parquet or self.is_avro)

    @contextmanager
    def open_bytes(self) -> Iterator[tuple[BinaryIO, BinaryIO]]:
        """Open it as bytes: what it holds, and the file on disk."""
        with self.path.open("rb") as raw, _unpacked(raw, packed=self.packed) as plain:
            yield plain, raw

    @contextmanager
    def open(self) -> Iterator["OpenSource"]:
        """Open it as text, lines ending as they do in the file."""
        with self.path.open("rb") as raw, _unpacked(raw, packed=self.packed) as plain:
            yield OpenSource(raw, io.TextIOWrapper(plain, self.encoding, newline=""))


@dataclass(frozen=True)
class OpenSource:
    """An open file."""

    raw: BinaryIO
    text: io.TextIOWrapper

    @property
    def bytes_read(self) -> int:
        """How far into the file on disk reading has come."""
        return self.raw.tell()


def inspect(path: Path) -> SourceFile:
    """Look a file through.

    Raises:
        UnfitFile: If it is no text in an encoding that is read and no Parquet, or unpacks badly.
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    try:
        encoding, digest = _encoding(path, packed=packed)
    except UnfitFile as error:
        error.field = "file"
        raise
    return SourceFile(path, path.stat().st_size, digest, encoding, packed)


def _encoding(path: Path, *, packed: bool) -> tuple[str, str]:
    """Encoding and digest of the content, in one pass."""
    digest, binary = sha256(), None
    trials: list[Trial] = []
    for number, block in enumerate(_blocks(path, packed=packed)):
        digest.update(block)
        if number == 0:
            check_kind(block)
            binary = next(
                (kind for magic, kind in _BINARY.items() if block.startswith(magic)), None
            )
            trials = [] if binary else [Trial(name) for name in _candidates(block)]
        for trial in trials:
            trial.feed(block)
        if trials and all(trial.fault is not None for trial in trials):
            break
    return binary or _fitting(trials or [Trial("utf-8")]), digest.hexdigest()


def _candidates(start: bytes) -> tuple[str, ...]:
    return (UTF_16,) if start.startswith(UTF_16_MARKS) else ("utf-8", "cp949")


def _fitting(trials: list["Trial"]) -> str:
    for trial in trials:
        if trial.end() is None:
            return "utf-8-sig" if trial.encoding == "utf-8" else trial.encoding
    first = trials[0]
    fault = NotUtf16 if first.encoding == UTF_16 else NotText
    raise fault(offset=first.fault)


def check_kind(start: bytes) -> None:
    """Refuse a file of another kind by its first bytes.

    Raises:
        NotCsv: Naming the kind.
    """
    for magic, kind in _OTHER_KINDS.items():
        if start.startswith(magic):
            raise NotCsv(field="file", kind=kind)


class Trial:
    """Whether an encoding fits, block by block.

    Attributes:
        encoding: Python's name of it.
        fault: Offset of the first byte that does not decode; None so far.
    """

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.fault: int | None = None
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._fed = 0

    def feed(self, block: bytes, *, last: bool = False) -> None:
        """Try the next block; after a fault nothing is tried any more."""
        if self.fault is not None:
            return
        waiting = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(block, last)
        except UnicodeDecodeError as error:
            self.fault = self._fed - waiting + error.start
        self._fed += len(block)

    def end(self) -> int | None:
        """The fault, now that there is no more; half a character at the end is one."""
        self.feed(b"", last=True)
        return self.fault


def unpacked_to(path: Path, target: BinaryIO) -> None:
    """Write what a gzip file holds; the same bounds hold as when it was looked through.

    Raises:
        UnfitFile: If it unpacks badly.
    """
    target.writelines(_blocks(path, packed=True))


def _blocks(path: Path, *, packed: bool) -> Iterator[bytes]:
    """The file's bytes, unpacked and counted."""
    size = path.stat().st_size
    count = 0
    with path.open("rb") as raw, _unpacked(raw, packed=packed) as plain:
        while block := _read(plain):
            count += len(block)
            if packed and (
                count > LARGEST_UNPACKED_BYTES
                or (count > _BOMB_FROM_BYTES and count > size * _BOMB_RATIO)
            ):
                raise UnpacksTooLarge
            yield block


def _read(plain: BinaryIO) -> bytes:
    try:
        return plain.read(BLOCK_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BrokenGzip from error


@contextmanager
def _unpacked(raw: BinaryIO, *, packed: bool) -> Iterator[BinaryIO]:
    if not packed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as plain:
        yield io.BufferedReader(plain, BLOCK_BYTES)
