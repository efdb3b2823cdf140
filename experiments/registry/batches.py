"""Batches of a test whose shares follow the results: opened once, and never changed.

A batch is a phase of the allocation, with what its shares rest on beside it. Phase, record and
audit rows are written in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from experiments.assignment.propensities import propensities
from experiments.assignment.reallocation import Allocation, Moves, moves_between, reallocate
from experiments.errors import Conflict
from experiments.operations import audit
from experiments.registry.catalog import lock_experiment
from experiments.registry.experiment import Adaptive, Experiment, Phase
from experiments.registry.keyed import Edit
from experiments.registry.phases import close_phase, next_phase, open_phase
from experiments.registry.registration import check_revision, save
from experiments.storage.codec import to_document
from experiments.storage.tables import batches

# Why the shares stay as they are for one more batch.
NO_WINDOW, TOO_LITTLE, SPLIT_BROKEN = "no_closed_windows", "not_enough_data", "split_broken"
STAYED = (NO_WINDOW, TOO_LITTLE, SPLIT_BROKEN)


class SharesStay(Conflict):
    """The test has no batches."""

    template = "the shares of this test stay as they are registered: it has no batches"


class BatchesNeedRunning(Conflict):
    """A batch opens for customers to come."""

    template = "a batch opens only while the test runs; this one is {state}"


class BatchNotDue(Conflict):
    """The present batch lasts on: when batches end is fixed beforehand."""

    template = "the present batch lasts until {until}"


@dataclass(frozen=True)
class Shares:
    """What the next batch is to be, and why.

    Attributes:
        weights: Share of each variant, in whole buckets of 10,000; None: they stay.
        best: Chance of each variant to be the best; None where the shares stay.
        units: Customers of each variant that this rests on.
        stayed: Why the shares stay; None where they follow the results.
        as_of: The moment up to which facts were looked at.
        ledger_position: And the place in the ledger.
    """

    weights: Mapping[str, Decimal] | None
    best: Mapping[str, float] | None
    units: Mapping[str, int]
    stayed: str | None
    as_of: datetime
    ledger_position: int


@dataclass(frozen=True)
class Batch:
    """A batch, as it is kept.

    Attributes:
        number: From 1; of the phase that it is.
        method: Of the shares; None of the first batch, which goes by the registered weights.
        floor: Least share of a variant.
        propensities: Chance of a customer to get each variant; exact, they sum to 1.
        best: Chance of each variant to be the best, given the batches before.
        units: Customers of each variant that these chances rest on.
        stayed: Why the shares stayed as in the batch before.
        as_of, ledger_position: What it was read from.
    """

    number: int
    method: str | None
    floor: Decimal
    propensities: Mapping[str, Decimal]
    best: Mapping[str, float] | None
    units: Mapping[str, int]
    stayed: str | None
    as_of: datetime | None
    ledger_position: int | None


def check_due(experiment: Experiment, edit: Edit) -> Adaptive:
    """The option of a test whose next batch may open now.

    Raises:
        SharesStay: If the test has no batches.
        BatchesNeedRunning: If it does not run.
        BatchNotDue: If the present batch lasts on.
    """
    adaptive = experiment.draft.adaptive
    if adaptive is None:
        raise SharesStay(field="adaptive")
    if experiment.state != "running":
        raise BatchesNeedRunning(field="state", state=experiment.state)
    until = adaptive.opens_after(experiment.phases[-1].started_at, edit.project.zone)
    if edit.now < until:
        local = until.astimezone(edit.project.zone)
        raise BatchNotDue(field="batch", until=local.isoformat(timespec="minutes"))
    return adaptive


def planned_batch(experiment: Experiment, shares: Shares, edit: Edit) -> tuple[Phase, Batch, Moves]:
    """The phase that the shares open, its record, and the buckets that change hands.

    Raises:
        Conflict: As :func:`check_due`.
    """
    adaptive, last = check_due(experiment, edit), experiment.phases[-1]
    before = Allocation(last.weights or {}, last.coverage or Decimal(1))
    after = before if shares.weights is None else Allocation(shares.weights, before.coverage)
    ranges = reallocate([each.ranges for each in experiment.phases], before, after)
    phase = next_phase(last, edit.now, ranges=ranges, weights=after.weights)
    batch = Batch(
        number=phase.number,
        method=adaptive.method,
        floor=adaptive.floor,
        propensities=propensities_of(experiment, phase),
        best=shares.best,
        units=shares.units,
        stayed=shares.stayed,
        as_of=shares.as_of,
        ledger_position=shares.ledger_position,
    )
    return phase, batch, moves_between(last.ranges, ranges)


def open_batch(
    db: Connection, key: str, shares: Shares, edit: Edit
) -> tuple[Experiment, Batch, Moves]:
    """Open the next batch; of several that try at once, one does.

    Raises:
        NotFound: If the project has no such experiment.
        StaleRevision: If it is at another revision than the one that the shares rest on.
        Conflict: As :func:`check_due`.
    """
    before = lock_experiment(db, edit.project, key)
    check_revision(before, edit.expected_revision)
    phase, batch, moves = planned_batch(before, shares, edit)
    close_phase(db, before.id, edit.now)
    open_phase(db, before.id, phase)
    db.execute(insert(batches).values(experiment_id=before.id, **_row(batch)))
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action="batch.open",
        object_type="batch",
        object_key=f"{key}/{batch.number}",
        after=to_document(batch),
        now=edit.now,
    )
    after = save(db, edit.project, "experiment.batch", before, {}, actor=edit.actor, now=edit.now)
    return after, batch, moves


def batches_of(db: Connection, experiment: Experiment) -> tuple[Batch, ...]:
    """All batches in order, the first with the registered weights; none where shares stay."""
    adaptive = experiment.draft.adaptive
    if adaptive is None or not experiment.phases:
        return ()
    query = select(batches).where(batches.c.experiment_id == experiment.id)
    kept = [_batch(row) for row in db.execute(query.order_by(batches.c.number))]
    first = Batch(
        number=1,
        method=None,
        floor=adaptive.floor,
        propensities=propensities_of(experiment, experiment.phases[0]),
        best=None,
        units={variant.key: 0 for variant in experiment.draft.variants},
        stayed=None,
        as_of=None,
        ledger_position=None,
    )
    return (first, *kept)


def propensities_of(experiment: Experiment, phase: Phase) -> dict[str, Decimal]:
    """The chance of a customer who takes part to get each variant in that phase."""
    return propensities(phase.ranges, [variant.key for variant in experiment.draft.variants])


def _row(batch: Batch) -> dict[str, Any]:
    document: dict[str, Any] = to_document(batch)
    return document | {"as_of": batch.as_of}


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        number=row.number,
        method=row.method,
        floor=Decimal(row.floor),
        propensities={key: Decimal(share) for key, share in row.propensities.items()},
        best=row.best,
        units=row.units,
        stayed=row.stayed,
        as_of=row.as_of,
        ledger_position=row.ledger_position,
    )
