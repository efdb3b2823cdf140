"""The configuration on disk: what a process answers from that starts while the database is away.

Two files: the newest and the one before. Of secret keys they hold hashes, as the database does,
and only their owner may read them.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import structlog

from experiments.assignment.snapshot_codec import Kept, SnapshotRefused, decode, encode

FILE_NAME = "configuration.snapshot"
PREVIOUS_NAME = "configuration.previous.snapshot"

log = structlog.get_logger()


@dataclass(frozen=True)
class SnapshotFile:
    """Where the configuration is kept.

    Attributes:
        folder: The service's folder.
        address: Of the database whose configuration it is, without user and password.
    """

    folder: Path
    address: str

    def write(self, kept: Kept) -> None:
        """Keep a configuration in place of the newest, which becomes the one before.

        Whenever this is interrupted, one of the two files is whole.

        Raises:
            OSError: If the disk is full, or the folder cannot be written.
        """
        newest, previous = self.folder / FILE_NAME, self.folder / PREVIOUS_NAME
        fresh = self.folder / f"{FILE_NAME}.{os.getpid()}"
        try:
            _write_durably(fresh, encode(kept, self.address))
            before = self._readable(newest)
            if before is not None and before.ledger_identity == kept.ledger_identity:
                newest.replace(previous)
            elif before is not None:
                previous.unlink(missing_ok=True)
            fresh.replace(newest)
        finally:
            fresh.unlink(missing_ok=True)
        _flush_folder(self.folder)

    def read(self) -> Kept | None:
        """The newest configuration that may be answered from; None if neither may."""
        found = (self._readable(self.folder / name) for name in (FILE_NAME, PREVIOUS_NAME))
        return next((kept for kept in found if kept is not None), None)

    def _readable(self, path: Path) -> Kept | None:
        try:
            return decode(path.read_bytes(), self.address)
        except FileNotFoundError:
            return None
        except (OSError, SnapshotRefused) as refusal:
            log.warning("a kept configuration is not used", file=path.name, reason=str(refusal))
            return None


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
