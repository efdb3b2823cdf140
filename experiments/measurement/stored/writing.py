"""Writing the layers of a sheet: everybody anew, or those who changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.measurement.session import Session
from experiments.measurement.stored.layers import (
    CHANGED,
    CLOSED,
    OPEN,
    current,
    events_of,
    parted,
    read,
)
from experiments.measurement.stored.partitions import run, write
from experiments.measurement.stored.shelf import File, Kept, Shelf

# The rows of units that were just measured, and who they are if not everybody.
FRESH = "stored_fresh"
TOUCHED = "stored_touched"
# Their events, as a part keeps them.
EVENTS = "part_placed"
# Where more units changed than this share of the base, all are written into it.
MOST_CHANGED = 0.25
# Numbers of units would take two thirds of the room, and twice the time to read.
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
        as_of: The moment: whose window is open then is looked for again.
        has_marks: Whether events are written.
    """

    session: Session
    shelf: Shelf
    kept: Kept
    as_of: int
    has_marks: bool

    def everybody(self) -> Files:
        """Write those who were measured, and nobody else."""
        return self._base(None)

    def changed(self) -> Files:
        """Write those who were measured in place of what was there of them."""
        base, before = parted(self.kept.partitions)
        [(fresh,)] = run(self.session, f"SELECT count(*) FROM {FRESH}")  # noqa: S608 - our own name
        if fresh + _rows(before) > MOST_CHANGED * _rows(base):
            return self._base(_untouched(current(self.shelf, self.kept.partitions)))
        if not before:
            return self._over(None)
        return self._over(_untouched(f"SELECT *, 1 AS layer FROM {read(self.shelf, before)}"))  # noqa: S608 - our own path, quoted

    def _base(self, rest: str | None) -> Files:
        closed, open_ = f"WHERE closes_at <= {self.as_of}", f"WHERE closes_at > {self.as_of}"
        return self._files(
            rest,
            {CLOSED: closed, OPEN: f"{open_} ORDER BY closes_at"},
            {CLOSED: closed, OPEN: f"{open_} ORDER BY anchor"},
        )

    def _over(self, rest: str | None) -> Files:
        written = self._files(rest, {CHANGED: ""}, {CHANGED: ""})
        (units, _), (events, _) = parted(self.kept.partitions), parted(self.kept.events)
        return Files((*units, *written.units), (*events, *written.events))

    def _files(
        self, rest: str | None, units: Mapping[str, str], events: Mapping[str, str]
    ) -> Files:
        """Write the fresh rows and the rest, by the layers and which of them belong there."""
        rows, marks = self._units(rest), self._events(rest)
        return Files(
            tuple(
                self._write(f"SELECT * FROM ({rows}) {which}", "units", layer)  # noqa: S608 - a query of ours
                for layer, which in units.items()
            ),
            tuple(
                self._write(f"SELECT anchor, marks FROM ({marks}) {which}", "events", layer)  # noqa: S608 - a query of ours
                for layer, which in events.items()
                if self.has_marks
            ),
        )

    def _units(self, rest: str | None) -> str:
        fresh = f"SELECT * FROM {FRESH}"  # noqa: S608 - our own name
        if rest is None:
            return fresh
        return f"{fresh} UNION ALL BY NAME SELECT * EXCLUDE (layer) FROM ({rest})"  # noqa: S608 - a query of ours

    def _events(self, rest: str | None) -> str:
        fresh = f"SELECT anchor, marks, closes_at FROM {EVENTS}"  # noqa: S608 - our own name
        if rest is None or not self.has_marks:
            return fresh
        known = events_of(self.shelf, self.kept.events)
        theirs = f"({known}) JOIN ({rest}) USING (layer, anchor)"
        return f"{fresh} UNION ALL SELECT anchor, marks, closes_at FROM {theirs}"  # noqa: S608 - queries of ours

    def _write(self, rows: str, what: str, layer: str) -> File:
        name = f"{what}-{layer}-{self.kept.number + 1}.parquet"
        return write(self.session, self.shelf, rows, name, layer, _COMPRESSIONS[what])


def _untouched(rows: str) -> str:
    return f"SELECT kept.* FROM ({rows}) AS kept ANTI JOIN {TOUCHED} USING (unit)"  # noqa: S608 - our own names


def _rows(files: list[File]) -> int:
    return sum(each.rows for each in files)
