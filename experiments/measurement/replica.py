"""The columnar replica: the ledger's rows as Parquet, brought up to date on demand.

It is a copy and nothing but a copy. It can be deleted at any time; whatever is missing,
damaged, of another ledger or ahead of this one leads to a new copy from the first row.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

import pyarrow as pa

from experiments.measurement import segments
from experiments.measurement.engine_settings import DEFAULT_SETTINGS, EngineSettings
from experiments.measurement.engines.warehouse import Place, Warehouse
from experiments.measurement.errors import (
    LedgerBusy,
    ReplicaBeingMade,
    ReplicaUnreadable,
    ReplicaUnwritable,
)
from experiments.measurement.ledger_rows import Head, read_head, read_rows
from experiments.measurement.litter import sweep
from experiments.measurement.locks import Pin, only_writer
from experiments.measurement.manifest import (
    Inspector,
    Manifest,
    Segment,
    flush_folder,
    generation_folder,
    read_manifest,
    write_manifest,
)
from experiments.storage.database import Database

BUFFERED_ROWS = 500_000
# A segment this large is left alone; of smaller ones there are at most so many.
LARGE_ROWS = 1_000_000
MOST_SMALL_SEGMENTS = 20


@dataclass(frozen=True)
class ReplicaState:
    """The replica at one ledger position. Its files stay as long as it is referred to.

    Attributes:
        folder: Where the replica lies.
        ledger_identity: Name of the ledger copied.
        position: Every fact up to here is in it, none after.
        manifest: Which files.
        earlier: Whether the files hold facts after ``position`` too, which are not seen.
        place: Where a project's facts are instead, on an engine of the user's own.
        engine: What measuring by it may use of the machine.
    """

    folder: Path
    ledger_identity: str
    position: int
    manifest: Manifest = field(repr=False)
    pin: Pin = field(repr=False, compare=False)
    earlier: bool = False
    place: Place | None = field(default=None, repr=False, compare=False)
    engine: EngineSettings = field(default=DEFAULT_SETTINGS, repr=False, compare=False)

    def as_of_position(self, position: int) -> "ReplicaState":
        """The same ledger as it stood when ``position`` was its end."""
        return replace(self, position=position, earlier=True)

    def files(self, project_id: int, fact: str) -> list[Path]:
        """The Parquet files of one project's facts of one kind, such as ``event``."""
        return [
            self.manifest.path(self.folder, segment) for segment in self._segments(project_id, fact)
        ]

    def rows(self, project_id: int, fact: str) -> int:
        """How many facts of one kind a project has."""
        return sum(segment.rows for segment in self._segments(project_id, fact))

    def aliased(self, project_id: int, fact: str) -> int:
        """Of these, how many name their customer by an alias."""
        return sum(segment.aliased for segment in self._segments(project_id, fact))

    def _segments(self, project_id: int, fact: str) -> list[Segment]:
        return [
            segment
            for segment in self.manifest.segments
            if (segment.project_id, segment.fact) == (project_id, fact)
            and segment.first <= self.position
        ]


def read_state(folder: Path) -> ReplicaState:
    """The replica as somebody else left it, without a look at the ledger.

    Raises:
        ReplicaUnreadable: If there is none.
    """
    if not folder.is_dir():
        raise ReplicaUnreadable
    pin = Pin(folder)
    manifest = read_manifest(folder)
    if manifest is None:
        raise ReplicaUnreadable
    return ReplicaState(folder, manifest.ledger_identity, manifest.position, manifest, pin)


class Replica:
    """The replica of one ledger in one folder.

    Args:
        folder: Where it lies; made if need be. Processes may share it.
        database: Whose ledger it copies.
        patience_seconds: How long to wait for somebody who is copying; None: to the end.
        warehouse: An engine of the user's own that has the facts of one project.
        engine: What measuring may use of the machine.
    """

    def __init__(
        self,
        folder: Path,
        database: Database,
        patience_seconds: float | None = None,
        warehouse: Warehouse | None = None,
        engine: EngineSettings = DEFAULT_SETTINGS,
    ) -> None:
        self.engine = engine
        self.place = None if warehouse is None else Place(warehouse, database)
        self.patience_seconds = patience_seconds
        self.folder = folder
        self.database = database
        self._inspector = Inspector()
        self._lock = Lock()
        self._swept = False

    def refresh(self) -> ReplicaState:
        """Copy what the ledger has gained, so that everything accepted so far is in.

        If a long write hides the ledger's end, the replica stays where it was.

        Raises:
            DatabaseUnavailable: If the ledger does not answer.
            LedgerBusy: If a long write hides the ledger's end and there is no replica yet.
            ReplicaBeingMade: If somebody else has been copying for longer than our patience.
            ReplicaUnwritable: If the folder takes no more.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._alone(), only_writer(self.folder, self.patience_seconds):
                return replace(self._refreshed(), place=self.place, engine=self.engine)
        except TimeoutError as error:
            raise ReplicaBeingMade from error
        except OSError as error:
            raise ReplicaUnwritable(reason=error.strerror or str(error)) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only thread of this process who copies."""
        patience = -1 if self.patience_seconds is None else self.patience_seconds
        if not self._lock.acquire(timeout=patience):
            raise TimeoutError
        try:
            yield
        finally:
            self._lock.release()

    def _refreshed(self) -> ReplicaState:
        known = self._sound_manifest()
        try:
            current = self._caught_up(known)
        except LedgerBusy:
            if known is None:
                raise
            current = known
        if current is not known or not self._swept:
            self._swept = sweep(self.folder, current)
        return read_state(self.folder)

    def _sound_manifest(self) -> Manifest | None:
        found = read_manifest(self.folder)
        if found is None:
            return None
        self._inspector.forget_all_but(found.paths(self.folder))
        sound = all(
            self._inspector.is_sound(found.path(self.folder, segment), segment)
            for segment in found.segments
        )
        return found if sound else None

    def _caught_up(self, known: Manifest | None) -> Manifest:
        head = read_head(self.database, known.position if known else 0)
        if known is None or not head.continues(known):
            known = Manifest(head.ledger_identity, self._unused_generation())
        elif head.position == known.position:
            return known
        gained = compacted(
            generation_folder(self.folder, known.generation),
            (*known.segments, *self._copied(known, head)),
        )
        current = known.extended(head.position, head.digest, gained)
        for folder in {path.parent for path in current.paths(self.folder)}:
            flush_folder(folder)
        write_manifest(self.folder, current)
        return current

    def _unused_generation(self) -> int:
        taken = (path.name.removeprefix("generation-") for path in self.folder.glob("generation-*"))
        return 1 + max((int(name) for name in taken if name.isdecimal()), default=0)

    def _copied(self, known: Manifest, head: Head) -> Iterator[Segment]:
        """Write the rows after ``known`` up to ``head``, at least one segment per project."""
        folder = generation_folder(self.folder, known.generation)
        waiting: dict[tuple[int, str], list[pa.Table]] = defaultdict(list)
        buffered = 0
        for columns in read_rows(self.database, known.position, head.position):
            for key, part in segments.split(segments.to_table(columns)).items():
                waiting[key].append(part)
            buffered += len(columns[0])
            if buffered >= BUFFERED_ROWS:
                yield from _written(folder, waiting)
                waiting.clear()
                buffered = 0
        yield from _written(folder, waiting)


def _written(folder: Path, parts: dict[tuple[int, str], list[pa.Table]]) -> Iterator[Segment]:
    for (project_id, fact), tables in parts.items():
        yield segments.write(folder, project_id, fact, [pa.concat_tables(tables)])


def compacted(folder: Path, found: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The same rows in fewer files, where a project and fact has too many small ones."""
    groups: dict[tuple[int, str], list[Segment]] = defaultdict(list)
    for segment in found:
        groups[segment.project_id, segment.fact].append(segment)
    kept = [segment for group in groups.values() for segment in _few(folder, group)]
    return tuple(
        sorted(kept, key=lambda segment: (segment.project_id, segment.fact, segment.first))
    )


def _few(folder: Path, group: list[Segment]) -> list[Segment]:
    small = [segment for segment in group if segment.rows < LARGE_ROWS]
    if len(small) <= MOST_SMALL_SEGMENTS:
        return group
    large = [segment for segment in group if segment.rows >= LARGE_ROWS]
    return [*large, segments.merge(folder, small)]
