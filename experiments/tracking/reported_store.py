"""Where reported figures are kept: taken in, listed, taken back, added up by period."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from experiments.errors import Invalid, NotFound
from experiments.kpis.catalog import every_document
from experiments.ledger.money import unscaled
from experiments.operations import audit
from experiments.registry.keyed import Edit
from experiments.storage.projects import Project
from experiments.storage.tables import projects, reported_values
from experiments.tracking.reported import (
    Place,
    Read,
    Rejected,
    ReportedValue,
    check_has_come,
)

_AT_ONCE = 500
_HOLDS = reported_values.c.replaced_at.is_(None)


@dataclass
class Delivery:
    """What became of every figure of a delivery; each is counted or listed once.

    Attributes:
        accepted: New ones.
        replaced: Those that took the place of another figure.
        unchanged: Those that were there already.
        rejected: Those that were not kept.
        unread: Names of series among the kept that no KPI of the project reads: most often a
            misspelt one.
    """

    accepted: int = 0
    replaced: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredValue:
    """A figure as it is kept; ``replaced_at`` is None while it holds."""

    id: int
    value: ReportedValue
    reported_at: datetime
    reported_by: str
    replaced_at: datetime | None


def deliver(db: Connection, read: Read, edit: Edit) -> Delivery:
    """Take figures in; those of a place that is taken replace what stood there."""
    done = Delivery(rejected=list(read.rejected))
    values = list(_of_days_that_came(read, edit, done))
    # One delivery at a time: two of one place would both be the first.
    mine = projects.c.id == edit.project.id
    db.execute(select(projects.c.id).where(mine).with_for_update())
    held = _held(db, edit.project, values)
    fresh: dict[Place, ReportedValue] = {}
    gone: list[int] = []
    for value in values:
        known = held.get(value.place)
        if value.place in fresh or (known is not None and _same(known, value)):
            done.unchanged += 1
            continue
        fresh[value.place] = value
        if known is None:
            done.accepted += 1
        else:
            done.replaced += 1
            gone.append(known.id)
    _end(db, gone, edit.now)
    if fresh:
        db.execute(insert(reported_values), [_row(each, edit) for each in fresh.values()])
        _audit(db, "deliver", edit, done, {each.series for each in fresh.values()})
    done.rejected.sort(key=lambda each: each.index)
    done.unread = _unread(db, edit.project, {each.series for each in values})
    return done


def take_back(db: Connection, value_id: int, edit: Edit) -> StoredValue:
    """End a figure that should not be there; its row stays.

    Raises:
        NotFound: If the project has no figure of that number that holds.
    """
    mine = (reported_values.c.project_id == edit.project.id) & (reported_values.c.id == value_id)
    row = db.execute(select(reported_values).where(mine, _HOLDS).with_for_update()).first()
    if row is None:
        raise NotFound(field="id", what="figure", key=str(value_id))
    _end(db, [row.id], edit.now)
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action="reported_values.take_back",
        object_type="reported_values",
        object_key=str(value_id),
        before={"series": row.series, "day": row.day.isoformat(), "value": row.value},
        now=edit.now,
    )
    return _stored(row)


@dataclass(frozen=True)
class Wanted:
    """Which figures; None: all of them."""

    series: str | None = None
    since: date | None = None
    until: date | None = None
    channel: str | None = None
    source: str | None = None
    history: bool = False

    def conditions(self, project: Project) -> Iterator[ColumnElement[bool]]:
        """The same as conditions on rows."""
        table = reported_values.c
        yield table.project_id == project.id
        if not self.history:
            yield _HOLDS
        for name in ("series", "channel", "source"):
            if (value := getattr(self, name)) is not None:
                yield table[name] == value
        if self.since is not None:
            yield table.day >= self.since
        if self.until is not None:
            yield table.day <= self.until


def list_values(
    db: Connection, project: Project, wanted: Wanted, after: int = 0, limit: int = 100
) -> list[StoredValue]:
    """At most ``limit`` figures in the order in which they came, those beyond ``after``."""
    query = select(reported_values).where(*wanted.conditions(project))
    query = query.where(reported_values.c.id > after).order_by(reported_values.c.id)
    return [_stored(row) for row in db.execute(query.limit(limit))]


def _of_days_that_came(read: Read, edit: Edit, done: Delivery) -> Iterator[ReportedValue]:
    zone = edit.project.zone
    for index, value in read.values:
        try:
            check_has_come(value.day, edit.now, zone)
        except Invalid as error:
            done.rejected.append(Rejected(index, error))
        else:
            yield value


def _held(
    db: Connection, project: Project, values: Sequence[ReportedValue]
) -> dict[Place, Row[Any]]:
    """The figures that hold of the series, sources and days of a delivery."""
    lanes: dict[tuple[str, str], list[date]] = defaultdict(list)
    for each in values:
        lanes[each.series, each.source].append(each.day)
    found = {}
    for (series, source), days in lanes.items():
        wanted = Wanted(series, min(days), max(days), source=source)
        for row in db.execute(select(reported_values).where(*wanted.conditions(project))):
            found[Place(row.series, row.day, row.channel, row.dimension, row.source)] = row
    return found


def _same(row: Row[Any], value: ReportedValue) -> bool:
    return (row.value, row.currency) == (value.scaled(), value.currency)


def _end(db: Connection, ids: Sequence[int], now: datetime) -> None:
    for first in range(0, len(ids), _AT_ONCE):
        some = reported_values.c.id.in_(ids[first : first + _AT_ONCE])
        db.execute(update(reported_values).where(some).values(replaced_at=now))


def _row(value: ReportedValue, edit: Edit) -> Mapping[str, Any]:
    return value.place._asdict() | {
        "project_id": edit.project.id,
        "value": value.scaled(),
        "currency": value.currency,
        "reported_at": edit.now,
        "reported_by": edit.actor.name,
    }


def _stored(row: Row[Any]) -> StoredValue:
    value = ReportedValue(
        series=row.series,
        day=row.day,
        source=row.source,
        value=unscaled(row.value, row.currency),
        currency=row.currency,
        channel=row.channel or None,
        dimension=row.dimension or None,
    )
    return StoredValue(row.id, value, row.reported_at, row.reported_by, row.replaced_at)


def _unread(db: Connection, project: Project, names: Collection[str]) -> tuple[str, ...]:
    read = {name for each in every_document(db, project) for name in each.formula.series}
    return tuple(sorted(set(names) - read))


def _audit(
    db: Connection, action: str, edit: Edit, done: Delivery, series: Collection[str]
) -> None:
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action=f"reported_values.{action}",
        object_type="reported_values",
        object_key=edit.project.key,
        after={
            "series": sorted(series),
            "accepted": done.accepted,
            "replaced": done.replaced,
        },
        now=edit.now,
    )
