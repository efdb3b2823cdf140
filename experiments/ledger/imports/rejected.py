"""All rows that an import did not take, in a file beside its upload, each once.

Rejects are written before the transaction that counts them. Whoever goes on after a crash
cuts off what was written and never counted, so the file holds each reject once. It is
locked while an import runs: two processes never run one.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from experiments.ledger.imports.errors import TakenOver
from experiments.ledger.imports.reject import Reject

LARGEST_BYTES = 128 << 20


@dataclass
class RejectedRows:
    """The file, open for one who runs the import.

    Attributes:
        kept: How many rejects it holds.
    """

    _file: BinaryIO
    kept: int

    def add(self, rejects: Sequence[Reject]) -> None:
        """Write rejects down, safe from a power cut; beyond the bound they are only counted."""
        before = self.kept
        for reject in rejects:
            if self._file.tell() >= LARGEST_BYTES:
                break
            self._file.write(_line(reject))
            self.kept += 1
        if self.kept > before:
            self._file.flush()
            os.fsync(self._file.fileno())


@contextmanager
def writing(path: Path, counted: int) -> Iterator[RejectedRows]:
    """Open the file of an import of which ``counted`` rejects are committed.

    Raises:
        TakenOver: If another process has it open so.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TakenOver(field="import") from error
        file.seek(0)
        kept, end = 0, 0
        while kept < counted and (line := file.readline()).endswith(b"\n"):
            kept, end = kept + 1, end + len(line)
        file.truncate(end)
        file.seek(end)
        yield RejectedRows(file, kept)


def read(path: Path, counted: int) -> Iterator[Reject]:
    """The committed rejects of an import, in the order of their lines; none without a file."""
    try:
        with path.open("rb") as file:
            for line in islice(file, counted):
                yield Reject(**json.loads(line))
    except FileNotFoundError:
        return


def _line(reject: Reject) -> bytes:
    return json.dumps(reject.document(), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
