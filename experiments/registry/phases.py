"""Phases as they are stored: who owned which buckets, and from when until when."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from experiments.assignment.buckets import BucketRange
from experiments.registry.experiment import Phase
from experiments.storage.tables import phases


def phases_of(db: Connection, experiment_ids: Collection[int]) -> dict[int, tuple[Phase, ...]]:
    """The phases of experiments by experiment id, in order; none where none was opened."""
    query = select(phases).where(phases.c.experiment_id.in_(experiment_ids))
    found: dict[int, tuple[Phase, ...]] = {}
    for row in db.execute(query.order_by(phases.c.experiment_id, phases.c.number)):
        found[row.experiment_id] = (*found.get(row.experiment_id, ()), _phase(row))
    return found


def open_phase(db: Connection, experiment_id: int, phase: Phase) -> None:
    """Write a phase that is now the present one."""
    weights = phase.weights
    db.execute(
        insert(phases).values(
            experiment_id=experiment_id,
            number=phase.number,
            seed=phase.seed,
            ranges=[[each.variant, each.start, each.end] for each in phase.ranges],
            weights=None
            if weights is None
            else {key: str(share) for key, share in weights.items()},
            coverage=None if phase.coverage is None else str(phase.coverage),
            condition=None if phase.condition is None else dict(phase.condition),
            holdouts=list(phase.holdouts),
            started_at=phase.started_at,
        )
    )


def close_phase(db: Connection, experiment_id: int, now: datetime) -> None:
    """End the phase that is open, if one is."""
    still_open = and_(phases.c.experiment_id == experiment_id, phases.c.ended_at.is_(None))
    db.execute(update(phases).where(still_open).values(ended_at=now))


def next_phase(last: Phase, now: datetime, **changes: Any) -> Phase:
    """The phase after ``last``, like it but for the changes."""
    return replace(last, number=last.number + 1, started_at=now, ended_at=None, **changes)


def _phase(row: Row[Any]) -> Phase:
    weights = row.weights
    return Phase(
        number=row.number,
        seed=row.seed,
        ranges=tuple(BucketRange(*each) for each in row.ranges),
        started_at=row.started_at,
        ended_at=row.ended_at,
        weights=weights and {key: Decimal(share) for key, share in weights.items()},
        coverage=None if row.coverage is None else Decimal(row.coverage),
        condition=row.condition,
        holdouts=tuple(row.holdouts or ()),
    )
