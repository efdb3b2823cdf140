"""Bringing a sheet up to the session's position and a moment: as much as must be, no more.

Only the units that new facts are of are measured; the other rows of their days are copied.
A day's file, and its sums, are replaced as a whole. What was kept of days without such units
stays, but for sums where windows were open.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ibis.expr.types import Table

from experiments.measurement.arrivals import arrivals_by_type
from experiments.measurement.engines.dialects import compiled
from experiments.measurement.placed import scanned_clicks
from experiments.measurement.session import Session
from experiments.measurement.stored.part import part_of
from experiments.measurement.stored.partitions import (
    FRESH,
    TOUCHED,
    days_of,
    days_touched,
    keep_table,
    read_rows,
    run,
    write_day,
)
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.shelf import File, Kept, Shelf
from experiments.measurement.stored.sums import SHARED_SUMS, sums_of
from experiments.measurement.stored.touched import tells_who, touched_by
from experiments.measurement.stored.values import prefix_of, values_of
from experiments.measurement.stored.whole import Whole, nobodys

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """What is kept of a sheet, read.

    Attributes:
        sums: Of each KPI, by its place: rows per day, variant and standing.
        kept: What it is read from.
    """

    sums: tuple[Rows, ...]
    kept: Kept


def brought_up(session: Session, sheet: Sheet, shelf: Shelf) -> Answer | None:
    """Bring a sheet up to the session's position and the sheet's moment.

    Returns:
        None if what is kept is of a later position or moment.
    """
    with shelf.only_user():
        found = shelf.read()
        if found is not None and is_ahead(found, session, sheet):
            return None
        known = None if found is None else _read(shelf, found)
        if known is None or not _continues(known.kept, session):
            known = Answer(tuple([] for _ in sheet.requests), _nothing(session, found))
            return _Refresh(session, sheet, shelf, known).anew()
        return _Refresh(session, sheet, shelf, known).onwards()


def is_ahead(kept: Kept, session: Session, sheet: Sheet) -> bool:
    """Whether what is kept is of a later position or a later moment."""
    return kept.position > session.state.position or kept.as_of > sheet.as_of


def read_answer(shelf: Shelf, kept: Kept) -> Answer | None:
    """What is kept, without a look at partitions; None if it is damaged or just went."""
    return _read(shelf, kept, whole=False)


def _nothing(session: Session, before: Kept | None) -> Kept:
    number = 0 if before is None else before.number
    return Kept(session.state.ledger_identity, 0, 0, None, (), None, Whole(), number)


def _continues(kept: Kept, session: Session) -> bool:
    if kept.ledger_identity != session.state.ledger_identity:
        return False
    return kept.position == session.state.position or not tells_who(session, kept.position)


def _read(shelf: Shelf, kept: Kept, *, whole: bool = True) -> Answer | None:
    files = kept.partitions if whole else ()
    if kept.sums is None or not all(shelf.is_sound(file) for file in (kept.sums, *files)):
        return None
    try:
        stored = json.loads((shelf.folder / kept.sums.name).read_bytes())
    except (OSError, ValueError):
        return None
    return Answer(
        tuple(
            [dict(zip(each["columns"], row, strict=True)) for row in each["rows"]]
            for each in stored
        ),
        kept,
    )


@dataclass
class _Refresh:
    """One refresh of one sheet."""

    session: Session
    sheet: Sheet
    shelf: Shelf
    known: Answer

    def anew(self) -> Answer:
        """Measure everybody."""
        keep_table(self.session, FRESH, self._rows(None))
        return self._written(set(days_of(self.session, FRESH)), {}, set())

    def onwards(self) -> Answer:
        """Measure whom new facts are of."""
        kept, files = self.known.kept, self._files()
        still_open = {day for day, file in files.items() if file.opens_until > kept.as_of}
        if not self._has_news(still_open):
            if not still_open or kept.as_of == self.sheet.as_of:
                return Answer(self.known.sums, kept.at(self.sheet.as_of))
            return self._written(set(), files, still_open)
        touched = touched_by(self.session, self.sheet, kept)
        if self.sheet.by_moment and still_open:
            touched = touched.union(self._units_of([files[day] for day in still_open])).distinct()
        touched = keep_table(self.session, TOUCHED, touched)
        keep_table(self.session, FRESH, self._rows(touched))
        days = set(days_of(self.session, FRESH))
        days |= days_touched(self.session, self.shelf, kept.partitions)
        return self._written(days, files, still_open)

    def _files(self) -> dict[int, File]:
        return {file.day: file for file in self.known.kept.partitions if file.day is not None}

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

    def _rows(self, touched: Table | None) -> Table:
        return values_of(part_of(self.session, self.sheet.as_of, touched, later=True), self.sheet)

    def _written(self, days: set[int], files: Mapping[int, File], again: set[int]) -> Answer:
        """Write some days; add these up, and those whose sums change ``again``."""
        number, current = self.known.kept.number + 1, dict(files)
        for day in sorted(days):
            written = write_day(self.session, self.shelf, day, number, current.pop(day, None))
            if written is not None:
                current[day] = written
        changed = days | again
        added = self._added_up([current[day] for day in sorted(changed & current.keys())])
        sums = tuple(
            [*(row for row in before if row["day"] not in changed), *now]
            for before, now in zip(self.known.sums, added, strict=True)
        )
        return self._told(sums, tuple(current[day] for day in sorted(current)), number)

    def _added_up(self, files: Sequence[File]) -> list[Rows]:
        found: list[Rows] = [[] for _ in self.sheet.requests]
        if not files:
            return found
        rows = read_rows(self.session, self.shelf, files)
        for places, added in sums_of(rows, self.sheet).items():
            names = added.columns
            for row in run(self.session, compiled(added, self.session.engine.dialect)):
                told = {name: _plain(value) for name, value in zip(names, row, strict=True)}
                for place in places:
                    found[place].append(_of_kpi(told, prefix_of(place)))
        return found

    def _told(self, sums: tuple[Rows, ...], partitions: tuple[File, ...], number: int) -> Answer:
        """Name what was written."""
        session, sheet = self.session, self.sheet
        name = f"sums-{number}.json"
        (self.shelf.folder / name).write_bytes(_in_columns(sums))
        exposures = nobodys(session, "exposure", sheet.as_of)
        events = nobodys(session, "event", sheet.as_of)
        later = [each.later_at for each in (*exposures.values(), *events.values())]
        kept = Kept(
            ledger_identity=session.state.ledger_identity,
            position=session.state.position,
            as_of=sheet.as_of,
            later_at=min((at for at in later if at is not None), default=None),
            partitions=partitions,
            sums=self.shelf.added(name),
            whole=Whole(
                exposures=exposures,
                events=events,
                arrivals=arrivals_by_type(session),
                scanned=scanned_clicks(session, sheet.first) if sheet.counts_clicks else None,
            ),
            number=number,
        )
        self.shelf.write(kept)
        return Answer(sums, kept)


def _of_kpi(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The columns of one KPI, and those that all have."""
    return {
        name.removeprefix(prefix): value
        for name, value in row.items()
        if name in SHARED_SUMS or name.startswith(prefix)
    }


def _plain(value: Any) -> Any:
    """Whole numbers as such, of any length."""
    return int(value) if isinstance(value, Decimal) else value


def _in_columns(sums: Sequence[Rows]) -> bytes:
    told = [
        {"columns": list(rows[0]) if rows else [], "rows": [list(row.values()) for row in rows]}
        for rows in sums
    ]
    return json.dumps(told, separators=(",", ":")).encode()
