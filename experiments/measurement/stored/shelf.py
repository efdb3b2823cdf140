"""The files of a sheet: Parquet partitions, sums of each day, and the manifest that names them.

The manifest is replaced as a whole, with a checksum of itself, and names every file with its
own: what it does not name does not exist, and what is not as it says is made anew. Everything
lies below the replica's generation: with another ledger, or with one of another past, comes
another generation, and all of this is gone.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from experiments.measurement.manifest import checksum, generation_folder
from experiments.measurement.replica import ReplicaState
from experiments.measurement.stored.marks import Meaning
from experiments.measurement.stored.whole import Whole

FOLDER = "stored"
MANIFEST = "manifest.json"
LOCK = "lock"
# So many sheets of a project are kept; of more, those go that were not asked for the longest.
MOST_SHEETS = 200


@dataclass(frozen=True)
class File:
    """One immutable file.

    Attributes:
        name: Below the sheet's folder.
        size: In bytes.
        sha256: In hexadecimal digits.
        layer: One of :mod:`experiments.measurement.stored.layers`; none for sums.
        rows: How many, in a layer.
    """

    name: str
    size: int
    sha256: str
    layer: str = ""
    rows: int = 0


@dataclass(frozen=True)
class Kept:
    """What is kept of a sheet, of one position and one moment.

    Attributes:
        ledger_identity, position: Of the ledger.
        as_of: The moment looked at, microseconds.
        later_at: When the first fact happened of those after the moment; None: none did.
        partitions: Values of units, in layers.
        events: Events with their marks, likewise; none of sheets that look at more of them.
        meaning: Of these marks.
        sums: A file with those of all days.
        closes_at: When the last window of all closes at the latest, microseconds.
        matures_at: When the last does of those who count.
        whole: What is counted without looking at units, by name.
        delays: A file to count arrivals on from.
        number: Of the next file.
        by_number: Whether units go by the number that the replica has of them.
    """

    ledger_identity: str
    position: int
    as_of: int
    later_at: int | None
    partitions: tuple[File, ...]
    events: tuple[File, ...]
    meaning: Meaning
    sums: File | None
    whole: Whole
    closes_at: int = 0
    matures_at: int = 0
    delays: File | None = None
    number: int = 0
    by_number: bool = False

    def at(self, as_of: int) -> "Kept":
        """The same, of a later moment until which nothing happened."""
        return replace(self, as_of=as_of)


class Shelf:
    """Where one sheet is kept.

    Args:
        state: The replica that the values come from.
        project_id: Whose facts.
        name: Of the sheet.
    """

    def __init__(self, state: ReplicaState, project_id: int, name: str) -> None:
        generation = generation_folder(state.folder, state.manifest.generation)
        self.folder = generation / FOLDER / f"project-{project_id}" / name

    @contextmanager
    def only_user(self) -> Iterator[None]:
        """Wait to be the only one, of all processes, who reads its partitions or changes it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def read(self) -> Kept | None:
        """What the manifest says; None if there is none, or none that we wrote."""
        try:
            stored = (self.folder / MANIFEST).read_bytes()
            digest, _, body = stored.partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode() != digest:
                return None
            return msgspec.json.decode(body, type=Kept)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def write(self, kept: Kept) -> None:
        """Replace the manifest, and delete what the new one does not name."""
        body = msgspec.json.encode(kept)
        draft = self.folder / f"{MANIFEST}.new"
        draft.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        draft.replace(self.folder / MANIFEST)
        named = {file.name for file in files_of(kept)} | {MANIFEST, LOCK}
        for path in self.folder.iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)

    def added(self, name: str, layer: str = "", rows: int = 0) -> File:
        """The entry of a file that was just written."""
        path = self.folder / name
        found = File(name, path.stat().st_size, checksum(path), layer, rows)
        _SOUND[path] = _seen(path)
        return found

    def is_sound(self, file: File) -> bool:
        """Whether a file is as it was written; it is read once unless it is touched."""
        path = self.folder / file.name
        try:
            seen = _seen(path)
        except OSError:
            return False
        if _SOUND.get(path) == seen:
            return True
        if seen[1] != file.size or checksum(path) != file.sha256:
            return False
        _SOUND[path] = seen
        return True

    def forget(self) -> None:
        """Delete the manifest, and with it all that it names."""
        (self.folder / MANIFEST).unlink(missing_ok=True)

    def make_room(self) -> None:
        """Delete sheets of the project that nobody asked for in the longest time."""
        sheets = [path for path in self.folder.parent.iterdir() if path != self.folder]
        if len(sheets) < MOST_SHEETS:
            return
        sheets.sort(key=lambda path: path.stat().st_mtime_ns)
        for path in sheets[: len(sheets) - MOST_SHEETS + 1]:
            shutil.rmtree(path, ignore_errors=True)


def files_of(kept: Kept) -> tuple[File, ...]:
    """All that a manifest names."""
    files = (*kept.partitions, *kept.events, kept.sums, kept.delays)
    return tuple(file for file in files if file is not None)


# What this process wrote or has checked: inode, length and time of each file.
_SOUND: dict[Path, tuple[int, int, int]] = {}


def _seen(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
