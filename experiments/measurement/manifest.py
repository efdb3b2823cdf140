"""The manifest: which files make up the replica, and up to which position of which ledger.

It is one small JSON file, replaced as a whole, so that a reader sees the old set of files
or the new one. A file that no manifest names does not exist for anybody.
"""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

MANIFEST = "manifest.json"
# Grows when files are written another way; a replica of another format is made anew.
FORMAT = 4
# What a project's facts are called together, in names of files and of tables.
PLURALS = {
    "exposure": "exposures",
    "event": "events",
    "alias": "aliases",
    "withdrawal": "withdrawals",
}


@dataclass(frozen=True)
class Segment:
    """One immutable Parquet file: the facts of one kind of one project, in ledger order.

    Attributes:
        project_id: Whose facts; a file never holds those of two projects.
        fact: One of ``PLURALS``.
        first: Position of its first row.
        last: Position of its last row.
        rows: How many.
        size: Length of the file in bytes.
        sha256: Of the file, in hexadecimal digits.
        aliased: Rows whose customer is named by an alias.
    """

    project_id: int
    fact: str
    first: int
    last: int
    rows: int
    size: int
    sha256: str
    aliased: int = 0

    @property
    def name(self) -> str:
        """Path below the folder of its generation.

        Examples:
            >>> Segment(3, "event", 1, 350, 20, 0, "").name
            'project-3/events-1-350.parquet'
        """
        return f"project-{self.project_id}/{PLURALS[self.fact]}-{self.first}-{self.last}.parquet"


@dataclass(frozen=True)
class Manifest:
    """The whole replica at one moment.

    Attributes:
        ledger_identity: Name of the ledger it was copied from.
        position: Everything up to here is in the segments, of all projects.
        last_digest: Digest of the row at ``position``, to notice a ledger with another past.
        generation: Grows when the replica is built anew; each has a folder of its own.
        segments: The files, in ledger order for each project and fact.
    """

    ledger_identity: str
    generation: int
    position: int = 0
    last_digest: str | None = None
    segments: tuple[Segment, ...] = ()
    format: int = FORMAT

    def path(self, folder: Path, segment: Segment) -> Path:
        """Where one of its segments lies."""
        return generation_folder(folder, self.generation) / segment.name

    def paths(self, folder: Path) -> set[Path]:
        """Where all of its segments lie."""
        return {self.path(folder, segment) for segment in self.segments}

    def extended(
        self, position: int, last_digest: str | None, segments: tuple[Segment, ...]
    ) -> "Manifest":
        """The manifest after a refresh."""
        return replace(self, position=position, last_digest=last_digest, segments=segments)


def generation_folder(folder: Path, generation: int) -> Path:
    """Folder of the segments of one generation."""
    return folder / f"generation-{generation}"


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in ``folder``; None if there is none, or none that we wrote."""
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if found.format == FORMAT else None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest, on the disk before this returns."""
    draft = folder / f"{MANIFEST}.new"
    with draft.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / MANIFEST)
    flush_folder(folder)


def flush_folder(folder: Path) -> None:
    """Bring the names of a folder's files to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Inspector:
    """Tells whether files are as they were written; reads each only once unless it is touched."""

    def __init__(self) -> None:
        self._sound: dict[Path, tuple[int, int, int]] = {}

    def is_sound(self, path: Path, segment: Segment) -> bool:
        """Whether the file is there, of the right length and checksum."""
        try:
            stat = path.stat()
        except FileNotFoundError:
            return False
        seen = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if self._sound.get(path) == seen:
            return True
        if stat.st_size != segment.size or checksum(path) != segment.sha256:
            return False
        self._sound[path] = seen
        return True

    def forget_all_but(self, paths: set[Path]) -> None:
        """Drop what is known of files that are gone."""
        self._sound = {path: seen for path, seen in self._sound.items() if path in paths}
