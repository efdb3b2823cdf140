"""The folder of imports: uploads that wait, and beside them the rows that were not taken.

What people call a file never becomes a path: each is named by the import's number. An upload
is dropped once its import is over, the rejected rows some weeks later.
"""

import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from experiments.ledger.imports.errors import FileGone
from experiments.ledger.imports.source import SourceFile, inspect, unpacked_to

_ARRIVING = ".part"
_REJECTS = ".rejects"
_SWEPT_AFTER_SECONDS = 24 * 3600
REJECTS_KEPT_DAYS = 30


@dataclass(frozen=True)
class ImportFolder:
    """Files of imports.

    Attributes:
        path: Of the folder; made when it is first needed.
    """

    path: Path

    @contextmanager
    def arriving(self, stream: BinaryIO) -> Iterator[SourceFile]:
        """An upload, written down and looked through; forgotten again unless it is kept.

        Raises:
            UnfitFile: If it cannot be read.
        """
        file = self.receive(stream)
        try:
            yield file
        finally:
            file.path.unlink(missing_ok=True)

    def receive(self, stream: BinaryIO) -> SourceFile:
        """Write an upload down and look it through.

        Raises:
            UnfitFile: If it cannot be read; nothing stays of it then.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._arriving()
        try:
            with path.open("xb") as file:
                shutil.copyfileobj(stream, file, 1 << 20)
                _flush(file)
            return self._readable(inspect(path))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def keep(self, file: SourceFile, import_id: int) -> None:
        """Give a received file to its import; call it before the import is committed."""
        file.path.replace(self._of(import_id))
        # Of an import that was never committed, whose number this one has now.
        self.rejects(import_id).unlink(missing_ok=True)
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def find(self, import_id: int) -> SourceFile:
        """The file of an import.

        Raises:
            FileGone: If it is not there.
            UnfitFile: If it cannot be read any more.
        """
        try:
            return inspect(self._of(import_id))
        except FileNotFoundError as error:
            raise FileGone(field="file") from error

    def drop(self, import_id: int) -> None:
        """Forget the file of an import that is over, and that of its rejects if it has none."""
        self._of(import_id).unlink(missing_ok=True)
        rejects = self.rejects(import_id)
        if rejects.exists() and not rejects.stat().st_size:
            rejects.unlink(missing_ok=True)

    def rejects(self, import_id: int) -> Path:
        """Where the rows are that an import did not take."""
        return self.path / f"{import_id}{_REJECTS}"

    def sweep(self, open_imports: Collection[int], now: datetime) -> None:
        """Forget what stopped processes left behind: uploads cut off, files of no open import.

        Whatever is younger than a day is left alone: it may be arriving at this moment.
        """
        kept = {self._of(import_id).name for import_id in open_imports}
        kept |= {self.rejects(import_id).name for import_id in open_imports}
        for path in self.path.glob("*"):
            if path.name not in kept and _age_seconds(path, now) > _longest_kept(path):
                path.unlink(missing_ok=True)

    def _readable(self, file: SourceFile) -> SourceFile:
        """The file as it can be read: Parquet is read from its end, which gzip does not let."""
        if not (file.is_parquet and file.packed):
            return file
        plain = self._arriving()
        try:
            with plain.open("xb") as target:
                unpacked_to(file.path, target)
                _flush(target)
            plain.replace(file.path)
        except BaseException:
            plain.unlink(missing_ok=True)
            raise
        return inspect(file.path)

    def _arriving(self) -> Path:
        return self.path / f"{secrets.token_hex(16)}{_ARRIVING}"

    def _of(self, import_id: int) -> Path:
        return self.path / str(import_id)


def _longest_kept(path: Path) -> float:
    is_rejects = path.suffix == _REJECTS
    return REJECTS_KEPT_DAYS * 24 * 3600 if is_rejects else _SWEPT_AFTER_SECONDS


def _age_seconds(path: Path, now: datetime) -> float:
    try:
        return now.timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
