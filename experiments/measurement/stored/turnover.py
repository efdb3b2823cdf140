"""What went and what came: the rows of units that new facts or time changed, added up.

A unit that new facts are of goes with its row as it stood, and comes with the fresh one. A
unit whose window closed meanwhile goes as it counted before, and comes as it counts now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.measurement.anchors import ANALYSED, IMMATURE, instant
from experiments.measurement.session import Session
from experiments.measurement.stored.layers import current, events_of
from experiments.measurement.stored.partitions import read_rows, run
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.shelf import File, Kept, Shelf
from experiments.measurement.stored.sums import added_up
from experiments.measurement.stored.writing import EVENTS, FRESH, TOUCHED

Rows = list[dict[str, Any]]
GONE = "stored_gone"
# Their events.
MARKED = "stored_marked"
_FRESH = f"SELECT * FROM {FRESH}"  # noqa: S608 - our own name
_GONE = f"SELECT * EXCLUDE (layer, touched) FROM {GONE}"  # noqa: S608 - our own name


@dataclass(frozen=True)
class Sums:
    """Rows added up.

    Attributes:
        sums: Of each KPI, by its place: by day, variant and standing.
        marked: Events by their marks, and whether the window of their unit is ``open``.
    """

    sums: tuple[Rows, ...]
    marked: Rows

    @property
    def closes_at(self) -> int:
        """When the last of their windows closes; 0 without any."""
        return max((row["closes_at"] for row in self.sums[0]), default=0)

    @property
    def matures_at(self) -> int:
        """When the last window closes of those who count; 0 without any."""
        counted = (row for row in self.sums[0] if row["standing"] in {ANALYSED, IMMATURE})
        return max((row["closes_at"] for row in counted), default=0)


@dataclass(frozen=True)
class Turnover:
    """What went, and what came."""

    gone: Sums
    come: Sums


def everybody(session: Session, sheet: Sheet, shelf: Shelf, units: Sequence[File]) -> Sums:
    """All rows that were just written, added up."""
    sums = tuple(added_up(session, sheet, read_rows(shelf, units)))
    return Sums(sums, list(_fresh_marks(session, sheet)) if sheet.is_plain else [])


def turned_over(session: Session, sheet: Sheet, kept: Kept, *, measured: bool) -> Turnover:
    """What is to be taken from the sums that are kept, and what is to be added.

    To be asked after :func:`keep_gone`.

    Args:
        session: Where rows were measured, if any were.
        sheet: At the moment that is looked at.
        kept: What its files say.
        measured: Whether new facts are of anybody; else it is time alone.
    """
    before = sheet.at(instant(kept.as_of))
    gone = added_up(session, before, _GONE)
    both = f"{_FRESH} UNION ALL BY NAME {_GONE} WHERE NOT touched"
    come = added_up(session, sheet, both if measured else _GONE)
    marks = _marks(session, sheet, kept) if sheet.is_plain else []
    fresh = list(_fresh_marks(session, sheet)) if sheet.is_plain and measured else []
    return Turnover(
        Sums(tuple(gone), [_marked(was, *rest) for _, was, _, *rest in marks]),
        Sums(
            tuple(come),
            [*fresh, *(_marked(now, *rest) for touched, _, now, *rest in marks if not touched)],
        ),
    )


def lost(session: Session) -> bool:
    """Whether a unit that new facts are of was measured, and is not any more."""
    gone = f"SELECT 1 FROM {GONE} ANTI JOIN {FRESH} USING (unit) WHERE touched LIMIT 1"  # noqa: S608 - our own names
    return bool(run(session, gone))


def keep_gone(session: Session, sheet: Sheet, shelf: Shelf, kept: Kept, *, measured: bool) -> None:
    """Keep the rows that go and their events; ``touched``: new facts are of them."""
    kept_rows = current(shelf, kept.partitions)
    touched = f"coalesce(unit IN (SELECT unit FROM {TOUCHED}), false)" if measured else "false"  # noqa: S608 - our own name
    closed = f"closes_at > {kept.as_of} AND closes_at <= {sheet.as_of}"
    rows = f"SELECT kept.*, {touched} AS touched FROM ({kept_rows}) AS kept"  # noqa: S608 - a query of ours
    query = f"SELECT * FROM ({rows}) WHERE touched OR {closed}"  # noqa: S608 - queries of ours
    run(session, f"CREATE OR REPLACE TEMP TABLE {GONE} AS {query}")
    if sheet.is_plain:
        columns = "touched, unit, anchor, closes_at, marks, value"
        both = f"({events_of(shelf, kept.events)}) JOIN {GONE} USING (layer, anchor)"
        run(session, f"CREATE OR REPLACE TEMP TABLE {MARKED} AS SELECT {columns} FROM {both}")  # noqa: S608 - queries of ours


def _marks(session: Session, sheet: Sheet, kept: Kept) -> list[tuple[Any, ...]]:
    """Of the events of those who go: touched, open before, open now, marks, how many."""
    open_ = f"closes_at > {kept.as_of}, closes_at > {sheet.as_of}"
    return run(session, f"SELECT touched, {open_}, marks, count(*) FROM {MARKED} GROUP BY ALL")  # noqa: S608 - our own names


def _fresh_marks(session: Session, sheet: Sheet) -> Iterator[dict[str, Any]]:
    open_ = f"closes_at > {sheet.as_of}"
    rows = run(session, f"SELECT {open_}, marks, count(*) FROM {EVENTS} GROUP BY ALL")  # noqa: S608 - our own name
    return (_marked(*row) for row in rows)


def _marked(open_: bool, marks: int, events: int) -> dict[str, Any]:
    return {"open": open_, "marks": marks, "events": events}
