"""What customers did in a stretch of time, whatever test met them: what a holdout is held against.

Who is compared was fixed before the holdout began: the customers known by then. Whoever comes
later may have come because of messages, which would let the groups differ by more than those.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis
from ibis.expr.types import Table

from experiments.assignment.bulk_hash import CHUNK, Texts
from experiments.assignment.gates import COMPARED, HELD_OUT, Holdout
from experiments.assignment.hashing import fnv1a32
from experiments.ledger.instants import microseconds
from experiments.measurement.formula.covariates import past_values
from experiments.measurement.identity import certain
from experiments.measurement.kinds import MEASURED
from experiments.measurement.placed import events_of_types
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from stats.samples import BinomialSample, MeanSample

_MICROSECONDS_PER_DAY = 86_400_000_000
GROUPS = (HELD_OUT, COMPARED)
Sample = BinomialSample | MeanSample


@dataclass(frozen=True)
class Stay:
    """Who is compared, and over which time.

    Attributes:
        holdout: Draws the groups.
        known_by: Customers of whom anything was known before this.
        until: The end of the time; it is whole days long.
        days: Of 24 hours.
    """

    holdout: Holdout
    known_by: datetime
    until: datetime
    days: int


def held_out_samples(session: Session, request: MeasureRequest, stay: Stay) -> dict[str, Any]:
    """Samples of a KPI over a time, of both groups of a holdout.

    Args:
        session: On the replica.
        request: The KPI, a rate or a mean; its test, window and anchor are not looked at.
        stay: Who and when.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    kpi = replace(request.kpi, covariate_days=stay.days)
    request = replace(request, kpi=kpi, met_since=microseconds(stay.until))
    session.begin()
    units = session.keep("known", object(), lambda: _known(session, stay))
    past = past_values(events_of_types(session, request), units, request)
    both = units.left_join(past, "anchor", rname="past_{name}")
    rows = session.rows(both.select("unit_id", "past").order_by("unit_id"))
    groups = groups_of(stay.holdout, [row["unit_id"] for row in rows])
    found: dict[str, list[int]] = {group: [] for group in GROUPS}
    for row, group in zip(rows, groups, strict=True):
        if group is not None:
            found[group].append(int(row["past"] or 0))
    return {group: _sample(values, request) for group, values in found.items()}


def groups_of(holdout: Holdout, unit_ids: Sequence[str]) -> list[str | None]:
    """The group of each unit; None for the most, who are in neither."""
    start = fnv1a32(holdout.seed)
    found: list[str | None] = []
    for place in range(0, len(unit_ids), CHUNK):
        for bucket in Texts(unit_ids[place : place + CHUNK]).buckets(start).tolist():
            owners = (name for name, low, high in holdout.ranges if low <= bucket < high)
            found.append(next(owners, None))
    return found


def _known(session: Session, stay: Stay) -> Table:
    """Everybody of whom something was known by then, as if anchored at the end of the time."""
    events, exposures = certain(session.events), certain(session.exposures)
    names = ["unit_id", "position", "occurred_at"]
    facts = events.select(names).union(exposures.select(names))
    mine = facts.filter(facts.unit_id.notnull(), facts.occurred_at < microseconds(stay.known_by))
    units = mine.group_by("unit_id").aggregate(anchor=mine.position.min())
    return units.mutate(anchor_at=ibis.literal(microseconds(stay.until), "int64"))


def _sample(values: Sequence[int], request: MeasureRequest) -> Sample:
    assert request.kpi.kind in MEASURED  # noqa: S101 - the caller has asked for a rate or a mean
    if request.kpi.kind == "proportion":
        return BinomialSample(len(values), sum(value > 0 for value in values))
    scale = request.plan.value.scale
    return MeanSample(len(values), sum(values), sum(value * value for value in values), scale)
