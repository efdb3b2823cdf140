"""Writing the layers of a sheet: everybody anew, or those who changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.measurement.session import Session
from experiments.measurement.stored.layers import BASE, CHANGED, current, events_of, parted, read
from experiments.measurement.stored.layout import narrowly
from experiments.measurement.stored.partitions import run, write
from experiments.measurement.stored.shelf import File, Kept, Shelf

# Rows of units that were measured.
FRESH = "stored_fresh"
# Whose rows those are.
TOUCHED = "stored_touched"
# Their events, as a part keeps them.
EVENTS = "part_placed"
# Where more units changed than this share of the base, all are written into it.
MOST_CHANGED = 0.25
# Numbers of units would take a twentieth less room, and up to half as long again to read.
_COMPRESSIONS = {"units": "uncompressed", "events": "snappy"}


@dataclass(frozen=True)
class Files:
    """What was written, in layers; events only where the sheet has their marks."""

    units: tuple[File, ...]
    events: tuple[File, ...]


@dataclass(frozen=True)
class Writer:
    """Writes files of one number.

    Attributes:
        session: Where the rows are.
        shelf: Where the files go.
        kept: What is kept so far.
        has_marks: Whether events are written.
    """

    session: Session
    shelf: Shelf
    kept: Kept
    has_marks: bool

    def everybody(self, rows: str, wide: Sequence[str]) -> Files:
        """Measure everybody, straight into files.

        Args:
            rows: A query for everybody's.
            wide: Their columns of numbers of any length.
        """
        return narrowly(rows, wide, lambda query: self._files(query, None, BASE))

    def changed(self) -> Files:
        """Write those who were measured in place of what was there of them."""
        fresh = f"SELECT * FROM {FRESH}"  # noqa: S608 - our own name
        base, before = parted(self.kept.partitions)
        [(count,)] = run(self.session, f"SELECT count(*) FROM {FRESH}")  # noqa: S608 - our own name
        if count + _rows(before) > MOST_CHANGED * _rows(base):
            return self._files(fresh, _untouched(current(self.shelf, self.kept.partitions)), BASE)
        others = f"SELECT *, 1 AS layer FROM {read(self.shelf, before)}"  # noqa: S608 - our own path, quoted
        written = self._files(fresh, _untouched(others) if before else None, CHANGED)
        events, _ = parted(self.kept.events)
        return Files((*base, *written.units), (*events, *written.events))

    def _files(self, fresh: str, rest: str | None, layer: str) -> Files:
        """Write fresh rows, and the rest with theirs of events."""
        events = f"SELECT anchor, marks, value FROM {EVENTS}"  # noqa: S608 - our own name
        if rest is not None:
            fresh += f" UNION ALL BY NAME SELECT * EXCLUDE (layer) FROM ({rest})"  # noqa: S608 - a query of ours
            theirs = f"({events_of(self.shelf, self.kept.events)}) SEMI JOIN ({rest})"
            events += f" UNION ALL SELECT anchor, marks, value FROM {theirs} USING (layer, anchor)"  # noqa: S608 - queries of ours
        units = self._file(fresh, "units", layer)
        return Files((units,), (self._file(events, "events", layer),) if self.has_marks else ())

    def _file(self, rows: str, what: str, layer: str) -> File:
        name = f"{what}-{layer}-{self.kept.number + 1}.parquet"
        return write(self.session, self.shelf, rows, name, layer, _COMPRESSIONS[what])


def _untouched(rows: str) -> str:
    return f"SELECT kept.* FROM ({rows}) AS kept ANTI JOIN {TOUCHED} USING (unit)"  # noqa: S608 - our own names


def _rows(files: list[File]) -> int:
    return sum(each.rows for each in files)
