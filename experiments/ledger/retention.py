"""How long facts are kept: older ones are refused on arrival, added up, and dropped.

Whole days go, in the project's zone. What a day's facts came to stays in ``retained_totals``,
and no fact of such a day is ever taken in again: it may be one of those added up.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, func, select, update

from experiments.errors import Invalid
from experiments.kpis.checks import check_whole
from experiments.ledger.instants import microseconds
from experiments.operations import audit
from experiments.registry.keyed import Edit
from experiments.storage import configuration
from experiments.storage.projects import Project
from experiments.storage.tables import projects, retained_totals

FEWEST_DAYS, MOST_DAYS = 30, 36_500
# A fact is refused a day before its day may be dropped: whoever is just writing one has done
# so by then.
GRACE_DAYS = 1
_FIRST = date(1970, 1, 1)


class BeforeRetention(Invalid):
    """A fact of a day that is not kept any more."""

    template = "this is older than what the project keeps"


@dataclass(frozen=True)
class Retention:
    """How long a project keeps facts.

    Attributes:
        days: So many, beside today; None: for ever.
        refused_before: Facts of earlier days are refused; None: none are.
        dropped_before: Facts of earlier days were added up and dropped; None: none were.
    """

    days: int | None
    refused_before: date | None
    dropped_before: date | None


def retention_of(db: Connection, project: Project, now: datetime) -> Retention:
    """What the project keeps, as of ``now``."""
    kept = select(projects.c.retention_days).where(projects.c.id == project.id)
    last = select(func.max(retained_totals.c.day))
    last = last.where(retained_totals.c.project_id == project.id)
    row = db.execute(select(kept.scalar_subquery(), last.scalar_subquery())).one()
    return retention(row[0], row[1], project, now)


def retention(
    days: int | None, last_total: int | None, project: Project, now: datetime
) -> Retention:
    """The same from what the database keeps.

    Args:
        days: That the project keeps.
        last_total: Number of the last day that was added up, days since 1970.
        project: For its zone.
        now: Aware.
    """
    dropped = None if last_total is None else _FIRST + timedelta(days=last_total + 1)
    oldest = None if days is None else _today(project, now) - timedelta(days=days)
    known = [each for each in (dropped, oldest) if each is not None]
    return Retention(days, max(known, default=None), dropped)


def set_retention(db: Connection, days: int | None, edit: Edit) -> Retention:
    """Keep facts for so many days; None: for ever.

    What was dropped already does not come back.

    Raises:
        Invalid: If it is not ``FEWEST_DAYS`` to ``MOST_DAYS``.
    """
    check_whole(days, FEWEST_DAYS, MOST_DAYS, "days")
    before = retention_of(db, edit.project, edit.now)
    mine = update(projects).where(projects.c.id == edit.project.id)
    db.execute(mine.values(retention_days=days))
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action="retention.set",
        object_type="project",
        object_key=edit.project.key,
        before={"days": before.days},
        after={"days": days},
        now=edit.now,
    )
    configuration.bump(db)
    return retention_of(db, edit.project, edit.now)


def droppable_before(kept: Retention, project: Project, now: datetime) -> date | None:
    """The first day whose facts stay when what is too old is dropped; None: all stay."""
    if kept.days is None:
        return None
    return _today(project, now) - timedelta(days=kept.days + GRACE_DAYS)


def begins(day: date, project: Project) -> int:
    """Microseconds since 1970 at which the day begins in the project's zone."""
    return microseconds(datetime.combine(day, time(), project.zone))


def day_of(at: int, project: Project) -> int:
    """The day of a point in time in the project's zone: days since 1970.

    Args:
        at: Microseconds since 1970.
        project: For its zone.
    """
    local = datetime.fromtimestamp(at // 1_000_000, project.zone)
    return (local.date() - _FIRST).days


def _today(project: Project, now: datetime) -> date:
    return now.astimezone(project.zone).date()
