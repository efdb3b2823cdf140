"""Bringing a sheet up to the session's position and a moment: as much as must be, no more.

Only the units that new facts are of are measured; the other rows of their days are copied.
A day's file, and its sums, are replaced as a whole. What was kept of days without such units
stays, but for sums where windows were open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ibis.expr.types import Table

from experiments.measurement.arrivals import arrivals_by_type
from experiments.measurement.placed import scanned_clicks
from experiments.measurement.session import Session
from experiments.measurement.stored.answer import Answer, in_columns, is_ahead, nothing, read_whole
from experiments.measurement.stored.marks import Meaning
from experiments.measurement.stored.part import part_of
from experiments.measurement.stored.partitions import (
    FRESH,
    TOUCHED,
    closings_of,
    days_touched,
    keep_table,
    read_rows,
    write_day,
    write_events,
)
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.shelf import File, Kept, Shelf
from experiments.measurement.stored.sums import added_up, marked_up
from experiments.measurement.stored.together import measured_together
from experiments.measurement.stored.touched import tells_who, touched_by
from experiments.measurement.stored.values import values_of
from experiments.measurement.stored.whole import Whole, nobodys

Rows = list[dict[str, Any]]


def brought_up(session: Session, sheet: Sheet, shelf: Shelf) -> Answer | None:
    """Bring a sheet up to the session's position and the sheet's moment.

    Returns:
        None if what is kept is of a later position or moment.
    """
    with shelf.only_user():
        found = shelf.read()
        if found is not None and is_ahead(found, session, sheet):
            return None
        known = None if found is None else read_whole(shelf, found)
        if known is None or not _continues(known.kept, session):
            shelf.make_room()
            return _Refresh(session, sheet, shelf, nothing(session, sheet, found)).anew()
        return _Refresh(session, sheet, shelf, known).onwards()


def _continues(kept: Kept, session: Session) -> bool:
    if kept.ledger_identity != session.state.ledger_identity:
        return False
    return kept.position == session.state.position or not tells_who(session, kept.position)


@dataclass
class _Refresh:
    """One refresh of one sheet."""

    session: Session
    sheet: Sheet
    shelf: Shelf
    known: Answer
    _meaning: Meaning | None = None

    def anew(self) -> Answer:
        """Measure everybody."""
        self._measure(None)
        return self._written(set(closings_of(self.session)), set())

    def onwards(self) -> Answer:
        """Measure whom new facts are of."""
        kept, files = self.known.kept, by_day(self.known.kept.partitions)
        still_open = {day for day, file in files.items() if file.opens_until > kept.as_of}
        if not self._has_news(still_open):
            if not still_open or kept.as_of == self.sheet.as_of:
                return Answer(self.known.sums, self.known.marked, kept.at(self.sheet.as_of))
            return self._written(set(), still_open)
        touched = touched_by(self.session, self.sheet, kept)
        if self.sheet.by_moment and still_open:
            touched = touched.union(self._units_of([files[day] for day in still_open])).distinct()
        self._measure(keep_table(self.session, TOUCHED, touched))
        if self.meaning != kept.meaning:
            self.known = nothing(self.session, self.sheet, kept)
            return self.anew()
        days = set(closings_of(self.session))
        days |= days_touched(self.session, self.shelf, kept.partitions)
        return self._written(days, still_open)

    @property
    def meaning(self) -> Meaning:
        """Of the marks that were just made; else of those that are kept."""
        return self.known.kept.meaning if self._meaning is None else self._meaning

    def _measure(self, touched: Table | None) -> None:
        """Keep the rows of some units, or of everybody, and their events."""
        part = part_of(self.session, self.sheet.as_of, touched, later=True)
        if self.sheet.is_plain:
            found = measured_together(part, self.sheet)
            self._meaning = found.meaning
            keep_table(self.session, FRESH, found.rows)
        else:
            keep_table(self.session, FRESH, values_of(part, self.sheet))

    def _has_news(self, still_open: set[int]) -> bool:
        kept, sheet = self.known.kept, self.sheet
        if kept.position < self.session.state.position:
            return True
        if kept.later_at is not None and kept.later_at <= sheet.as_of:
            return True
        return sheet.by_moment and bool(still_open) and kept.as_of < sheet.as_of

    def _units_of(self, files: Sequence[File]) -> Table:
        """Those whose windows were open."""
        rows = read_rows(self.session, self.shelf, files)
        return rows.filter(rows.closes_at > self.known.kept.as_of).select("unit")

    def _written(self, days: set[int], again: set[int]) -> Answer:
        """Write some days; add these up, and those whose sums change ``again``."""
        kept, number = self.known.kept, self.known.kept.number + 1
        before, events_before = by_day(kept.partitions), by_day(kept.events)
        units, events = dict(before), dict(events_before)
        closings = closings_of(self.session) if days else {}
        for day in sorted(days):
            old = units.get(day)
            written = write_day(self.session, self.shelf, day, number, old)
            # Of the rows before, those of the last window may be gone: then it is too late.
            until = max(closings.get(day, 0), 0 if old is None else old.opens_until)
            _put(units, day, None if written is None else replace(written, opens_until=until))
            if self.sheet.is_plain:
                both = None if old is None else (old, events.get(day))
                _put(events, day, write_events(self.session, self.shelf, day, number, both))
        changed = days | again
        sums = self._added_up([units[day] for day in sorted(changed & units.keys())])
        marked = self._marked([events[day] for day in sorted(changed & events.keys())])
        return self._told(
            tuple(
                _replaced(held, now, changed)
                for held, now in zip(self.known.sums, sums, strict=True)
            ),
            _replaced(self.known.marked, marked, changed),
            (units, events),
        )

    def _added_up(self, files: Sequence[File]) -> list[Rows]:
        if not files:
            return [[] for _ in self.sheet.requests]
        return added_up(self.session, self.sheet, read_rows(self.session, self.shelf, files))

    def _marked(self, files: Sequence[File]) -> Rows:
        if not files:
            return []
        events = read_rows(self.session, self.shelf, files)
        return marked_up(self.session, events, self.sheet.as_of)

    def _told(
        self,
        sums: tuple[Rows, ...],
        marked: Rows,
        files: tuple[Mapping[int, File], Mapping[int, File]],
    ) -> Answer:
        """Name what was written."""
        session, sheet, number = self.session, self.sheet, self.known.kept.number + 1
        name = f"sums-{number}.json"
        (self.shelf.folder / name).write_bytes(in_columns([*sums, marked]))
        later_at, whole = self._whole()
        kept = Kept(
            ledger_identity=session.state.ledger_identity,
            position=session.state.position,
            as_of=sheet.as_of,
            later_at=later_at,
            partitions=tuple(files[0][day] for day in sorted(files[0])),
            events=tuple(files[1][day] for day in sorted(files[1])),
            meaning=self.meaning,
            sums=self.shelf.added(name),
            whole=whole,
            number=number,
        )
        self.shelf.write(kept)
        return Answer(sums, marked, kept)

    def _whole(self) -> tuple[int | None, Whole]:
        """What is counted of the project, and when the first fact after the moment happened.

        Time alone changes nothing of it until then.
        """
        session, sheet, kept = self.session, self.sheet, self.known.kept
        is_later = kept.later_at is None or kept.later_at > sheet.as_of
        if kept.position == session.state.position and kept.sums is not None and is_later:
            return kept.later_at, kept.whole
        exposures = nobodys(session, "exposure", sheet.as_of)
        events = nobodys(session, "event", sheet.as_of)
        later = [each.later_at for each in (*exposures.values(), *events.values())]
        whole = Whole(
            exposures=exposures,
            events=events,
            arrivals=arrivals_by_type(session),
            scanned=scanned_clicks(session, sheet.first) if sheet.counts_clicks else None,
        )
        return min((at for at in later if at is not None), default=None), whole


def by_day(files: Sequence[File]) -> dict[int, File]:
    """The files by their days."""
    return {file.day: file for file in files if file.day is not None}


def _put(files: dict[int, File], day: int, written: File | None) -> None:
    if written is None:
        files.pop(day, None)
    else:
        files[day] = written


def _replaced(held: Rows, now: Rows, days: set[int]) -> Rows:
    return [*(row for row in held if row["day"] not in days), *now]
