"""The folder where uploaded files wait: one file per open import, named by its number.

What people call a file never becomes a path. A file is dropped once its import is over.
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
from experiments.ledger.imports.source import SourceFile, inspect

_ARRIVING = ".part"
_SWEPT_AFTER_SECONDS = 24 * 3600


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
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / f"{secrets.token_hex(16)}{_ARRIVING}"
        try:
            with path.open("xb") as file:
                shutil.copyfileobj(stream, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            return inspect(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def keep(self, file: SourceFile, import_id: int) -> None:
        """Give a received file to its import; call it before the import is committed."""
        file.path.replace(self._of(import_id))
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
        """Forget the file of an import that is over."""
        self._of(import_id).unlink(missing_ok=True)

    def sweep(self, open_imports: Collection[int], now: datetime) -> None:
        """Forget what stopped processes left behind: uploads cut off, files of no open import.

        Whatever is younger than a day is left alone: it may be arriving at this moment.
        """
        kept = {self._of(import_id).name for import_id in open_imports}
        oldest = now.timestamp() - _SWEPT_AFTER_SECONDS
        for path in self.path.glob("*"):
            if path.name not in kept and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _of(self, import_id: int) -> Path:
        return self.path / str(import_id)
