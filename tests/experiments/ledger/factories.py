"""Valid facts and registered experiments, for tests to vary one thing of."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from experiments.assignment.buckets import BucketRange
from experiments.ledger.allocated import KnownExperiment
from experiments.ledger.facts import Event, Exposure
from experiments.registry.experiment import ExperimentDraft, Phase, Variant
from experiments.storage.codec import to_document
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, ledger, phases

AT = datetime(2025, 3, 10, 1, tzinfo=UTC)
HALVES = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10000))


def exposure(**changes: Any) -> Exposure:
    """Customer 1 was sent variant a of the spring test."""
    fields: dict[str, Any] = {
        "source_id": "m-1", "experiment": "spring", "unit_id": "1", "type": "sent",
        "occurred_at": AT, "variant": "a",
    }  # fmt: skip
    return Exposure(**(fields | changes))


def event(**changes: Any) -> Event:
    """Customer 1 opened."""
    fields: dict[str, Any] = {
        "source_id": "e-1", "unit_id": "1", "type": "open", "occurred_at": AT,
    }  # fmt: skip
    return Event(**(fields | changes))


def exposure_item(**changes: Any) -> dict[str, Any]:
    """The same exposure as JSON."""
    return {
        "source_id": "m-1", "experiment": "spring", "unit_id": "1", "type": "sent",
        "occurred_at": "2025-03-10T10:00:00+09:00", "variant": "a",
    } | changes  # fmt: skip


def event_item(**changes: Any) -> dict[str, Any]:
    """The same event as JSON."""
    return {
        "source_id": "e-1", "unit_id": "1", "type": "open",
        "occurred_at": "2025-03-10T10:00:00+09:00",
    } | changes  # fmt: skip


def known(**changes: Any) -> KnownExperiment:
    """The spring test as resolving sees it: two variants, halves, open since the start of March."""
    fields: dict[str, Any] = {
        "id": 1,
        "allocates": True,
        "variants": {"a": False, "b": False},
        "phases": (Phase(1, "spring", HALVES, datetime(2025, 3, 1, tzinfo=UTC)),),
    }
    return KnownExperiment(**(fields | changes))


def register(
    database: Database,
    project: Project,
    key: str = "spring",
    *,
    allocation: str = "external",
    silent: bool = False,
    open_phases: tuple[Phase, ...] = (),
) -> int:
    """Put an experiment with variants a and b into the registry; gives its id."""
    half = Decimal("0.5")
    draft = ExperimentDraft(
        key=key, name=key, anchor="planned_send", shape="one_blast", channels=("email",),
        variants=(
            Variant("a", "A", half, control=True),
            Variant("b", "B", half, no_message=silent),
        ),
        allocation=allocation,
    )  # fmt: skip
    row = {
        "project_id": project.id, "key": key, "state": "running", "revision": 1,
        "draft": to_document(draft), "created_at": AT, "created_by": "test", "updated_at": AT,
    }  # fmt: skip
    with database.transaction() as db:
        made = db.execute(insert(experiments).values(row).returning(experiments.c.id)).scalar_one()
        for phase in open_phases:
            ranges = [[each.variant, each.start, each.end] for each in phase.ranges]
            db.execute(
                insert(phases).values(
                    experiment_id=made,
                    number=phase.number,
                    seed=phase.seed,
                    ranges=ranges,
                    started_at=phase.started_at,
                    ended_at=phase.ended_at,
                )
            )
    return int(made)


def stored(database: Database) -> list[dict[str, Any]]:
    """The ledger's rows, by source id."""
    with database.reading() as db:
        rows = db.execute(select(ledger).order_by(ledger.c.source_id)).mappings().all()
    return [dict(row) for row in rows]
