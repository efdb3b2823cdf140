"""What happened on the days of a KPI's chart: noted by people, by tests, by the calendar."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select

from experiments.errors import Invalid, NotFound
from experiments.kpis.checks import check_choice, check_text
from experiments.operations import audit
from experiments.registry.keyed import Edit
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, kpi_annotations, kpis
from experiments.tracking.calendar import holidays_of
from experiments.zones import zone

KINDS = ("campaign", "holiday", "price", "outage", "other")
FROM_TESTS = ("test_started", "test_stopped")
LONGEST_SAID = 500


@dataclass(frozen=True)
class AnnotationDraft:
    """What happened, as somebody notes it.

    Attributes:
        kind: One of ``KINDS``.
        starts_on, ends_on: Local days, both included; without an end, one day.
        text: In the words of whoever noted it.
    """

    kind: str
    starts_on: date
    text: str
    ends_on: date | None = None

    def __post_init__(self) -> None:
        check_choice(self.kind, KINDS, "kind")
        check_text(self.text, "text", shortest=1, longest=LONGEST_SAID)
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise Invalid(
                field="ends_on", expected=f"{self.starts_on} or later", got=self.ends_on.isoformat()
            )


@dataclass(frozen=True)
class Annotation:
    """What happened on the days of a chart.

    Attributes:
        id: Of a noted one; None where a test or the calendar says it.
        kind: One of ``KINDS`` or ``FROM_TESTS``.
        kpi: Key of the one KPI that it is noted for; None: of every KPI of the project.
        experiment: Key of the test that says it.
        text: In the words of whoever noted it; the name of the test, or of the holiday.
        created_by: Who noted it.
    """

    kind: str
    starts_on: date
    ends_on: date
    text: str
    id: int | None = None
    kpi: str | None = None
    experiment: str | None = None
    created_by: str | None = None


def annotate(db: Connection, draft: AnnotationDraft, kpi: str | None, edit: Edit) -> Annotation:
    """Note what happened, for one KPI or for all of the project.

    Raises:
        NotFound: If the project has no such KPI.
    """
    row = {
        "project_id": edit.project.id,
        "kpi_id": None if kpi is None else _kpi_id(db, edit.project, kpi),
        "kind": draft.kind,
        "starts_on": draft.starts_on,
        "ends_on": draft.ends_on or draft.starts_on,
        "text": draft.text,
        "created_at": edit.now,
        "created_by": edit.actor.name,
    }
    made = insert(kpi_annotations).values(row).returning(kpi_annotations.c.id)
    found = _one(db, edit.project, db.execute(made).scalar_one())
    _audit(db, edit, "kpi_annotation.create", found.id, after=found)
    return found


def remove(db: Connection, kpi: str, annotation_id: int, edit: Edit) -> Annotation:
    """Take a note back; the audit trail keeps it.

    Raises:
        NotFound: If the KPI's chart has no such note.
    """
    found = _one(db, edit.project, annotation_id)
    if found.kpi not in {None, kpi}:
        raise NotFound(field="id", what="annotation", key=str(annotation_id))
    mine = kpi_annotations.c.project_id == edit.project.id
    db.execute(delete(kpi_annotations).where(mine, kpi_annotations.c.id == annotation_id))
    _audit(db, edit, "kpi_annotation.remove", annotation_id, before=found)
    return found


def annotations_of(
    db: Connection, project: Project, kpi: str, since: date, until: date
) -> list[Annotation]:
    """Everything that touches the days from one to another, in order of time.

    Notes for the KPI and for all, starts and stops of tests that count by it, and holidays of
    the country of the project's time zone.

    Raises:
        NotFound: If the project has no such KPI.
    """
    kpi_id = _kpi_id(db, project, kpi)
    notes = _notes(project).where(
        or_(kpi_annotations.c.kpi_id.is_(None), kpi_annotations.c.kpi_id == kpi_id),
        kpi_annotations.c.starts_on <= until,
        kpi_annotations.c.ends_on >= since,
    )
    found = [_read(row) for row in db.execute(notes)]
    found += [each for each in _of_tests(db, project, kpi) if since <= each.starts_on <= until]
    named = holidays_of(project.time_zone, since, until, project.language)
    found += [Annotation("holiday", day, day, name) for day, name in named.items()]
    return sorted(found, key=lambda each: (each.starts_on, each.ends_on, each.kind, each.text))


def _of_tests(db: Connection, project: Project, kpi: str) -> list[Annotation]:
    fixed = experiments.c.kpi_versions[kpi].as_integer()
    used = select(
        experiments.c.key, experiments.c.draft, experiments.c.started_at, experiments.c.stopped_at
    ).where(experiments.c.project_id == project.id, fixed.is_not(None))
    found = []
    for row in db.execute(used.order_by(experiments.c.id)):
        for kind, at in zip(FROM_TESTS, (row.started_at, row.stopped_at), strict=True):
            if at is not None:
                day = _local(at, project)
                name = _name(row.draft, project.language) or row.key
                found.append(Annotation(kind, day, day, name, experiment=row.key))
    return found


def _name(draft: Mapping[str, Any], language: str) -> str:
    name = draft.get("name")
    return str(name.get(language, "")) if isinstance(name, dict) else str(name or "")


def _local(at: datetime, project: Project) -> date:
    return at.astimezone(zone(project.time_zone)).date()


def _kpi_id(db: Connection, project: Project, key: str) -> int:
    mine = select(kpis.c.id).where(kpis.c.project_id == project.id, kpis.c.key == key)
    found = db.execute(mine).scalar()
    if found is None:
        raise NotFound(field="key", what="KPI", key=key)
    return int(found)


def _notes(project: Project) -> Any:
    return (
        select(kpi_annotations, kpis.c.key.label("kpi"))
        .join(kpis, kpis.c.id == kpi_annotations.c.kpi_id, isouter=True)
        .where(kpi_annotations.c.project_id == project.id)
    )


def _one(db: Connection, project: Project, annotation_id: int) -> Annotation:
    row = db.execute(_notes(project).where(kpi_annotations.c.id == annotation_id)).first()
    if row is None:
        raise NotFound(field="id", what="annotation", key=str(annotation_id))
    return _read(row)


def _read(row: Row[Any]) -> Annotation:
    return Annotation(
        row.kind, row.starts_on, row.ends_on, row.text, row.id, row.kpi, created_by=row.created_by
    )


def _audit(
    db: Connection,
    edit: Edit,
    action: str,
    annotation_id: int | None,
    before: Annotation | None = None,
    after: Annotation | None = None,
) -> None:
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action=action,
        object_type="kpi_annotation",
        object_key=str(annotation_id),
        before=_told(before),
        after=_told(after),
        now=edit.now,
    )


def _told(found: Annotation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    days = {"starts_on": found.starts_on.isoformat(), "ends_on": found.ends_on.isoformat()}
    return asdict(found) | days
