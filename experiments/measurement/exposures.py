"""How many customers passed each stage, in which variant: what a broken split is seen by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
from ibis.expr.types import IntegerColumn, Table

from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import (
    Population,
    firsts,
    instant,
    merged_apart,
    mismatched,
    seen,
    unverified,
)
from experiments.measurement.identity import DOUBTS, UNCOUNTED, WITHDRAWN, uncounted
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import Session, session_on

# What each type of exposure is evidence of.
STAGES = {
    "assigned": "assigned",
    "viewed": "assigned",
    "trigger": "trigger",
    "planned_send": "planned_send",
    "sent": "sent",
}


@dataclass(frozen=True)
class StageCount:
    """Customers at one stage, by the variant and phase they were first met in there.

    Attributes:
        stage: assigned, trigger, planned_send or sent.
        phase: Number of the phase of the allocation, from 1.
        units: Customers, each once.
        mismatched: Of these, reported in a variant that Truelift did not give them.
        unverified: Of these, reported where Truelift gave none; always all for ``external``.
    """

    stage: str
    phase: int
    variant: str
    units: int
    mismatched: int
    unverified: int


@dataclass(frozen=True)
class ExposureCounts:
    """Whom the experiment met.

    Attributes:
        stages: In the order of stage, phase and variant; those without customers are left out.
        units: Customers met at any stage, by the variant first met.
        two_variants: Of these, those who met another variant too.
        suppressed: Customers by reason and variant whom a planned send did not reach.
        left_out: Exposures that count for nobody, by reason; of those there are.
        merged_apart: Customers whose ids, since merged, met different variants; left out.
        last_received_at: When the last exposure arrived; None if none did.
        sql: What counted them.
    """

    stages: tuple[StageCount, ...]
    units: dict[str, int]
    two_variants: dict[str, int]
    suppressed: dict[str, dict[str, int]]
    left_out: dict[str, int]
    merged_apart: int
    last_received_at: datetime | None
    sql: str

    def at(self, stage: str, phase: int | None = None) -> dict[str, int]:
        """Customers by variant at a stage, of one phase or of all."""
        found: dict[str, int] = {}
        for count in self.stages:
            if count.stage == stage and phase in {None, count.phase}:
                found[count.variant] = found.get(count.variant, 0) + count.units
        return found


def exposure_counts(
    source: ReplicaState | Session,
    population: Population,
    phase_starts: Sequence[datetime] = (),
) -> ExposureCounts:
    """Count customers at every stage, whatever the population's anchor.

    Args:
        source: The replica, or a session on it.
        population: Whose experiment.
        phase_starts: When the phases of the allocation opened, in order. What happened
            before the first belongs to it: a past campaign is registered after the fact.

    Raises:
        ReplicaUnreadable: If the replica's files are damaged; refresh it and try again.
        TooMuchToMeasure: If memory and disk do not suffice.
    """
    with session_on(source, population.project_id) as session:
        exposures = session.exposures
        met, apart = _met(session, exposures, population)
        first = session.keep("met_first", object(), lambda: _at_stages(met))
        stages = session.rows(_stages(first, phase_starts))
        variants = session.rows(_variants(first))
        suppressed = session.rows(_suppressed(met))
        [last] = session.rows(met.aggregate(last=met.received_at.max()))
        return ExposureCounts(
            stages=tuple(_stage_count(row) for row in stages),
            units={row["variant"]: row["units"] for row in variants},
            two_variants={row["variant"]: int(row["two_variants"]) for row in variants},
            suppressed=_by_reason(suppressed),
            left_out=_left_out(session, exposures, population),
            merged_apart=apart,
            last_received_at=None if last["last"] is None else instant(last["last"]),
            sql=session.sql,
        )


def _met(session: Session, exposures: Table, population: Population) -> tuple[Table, int]:
    """The exposures that count, and how many customers are left out with theirs."""
    met = seen(exposures, population, STAGES)
    if "doubt" not in exposures.columns:
        return met, 0
    apart = merged_apart(exposures, population)
    if apart is None:
        return session.keep("met", object(), lambda: met), 0
    apart = session.keep("apart", object(), lambda: apart)
    [found] = session.rows(apart.aggregate(units=apart.count()))
    whole = met.anti_join(apart, "unit_id")
    return session.keep("met", object(), lambda: whole), found["units"]


def _left_out(session: Session, exposures: Table, population: Population) -> dict[str, int]:
    until = microseconds(population.as_of)
    mine = exposures.filter(exposures.experiment_id == population.experiment_id)
    left = mine.filter(uncounted(mine), mine.occurred_at <= until)
    rows = session.rows(left.group_by("expected_variant").aggregate(rows=left.count()))
    by_mark = {row["expected_variant"]: row["rows"] for row in rows}
    left_out = {UNCOUNTED[mark]: by_mark[mark] for mark in UNCOUNTED if mark in by_mark}
    if "doubt" not in exposures.columns:
        return left_out
    doubtful = mine.filter(
        mine.doubt.notnull(), (mine.doubt == WITHDRAWN) | (mine.occurred_at <= until)
    )
    counted = session.rows(doubtful.group_by("doubt").aggregate(rows=doubtful.count()))
    found = {row["doubt"]: row["rows"] for row in counted}
    return {doubt: found[doubt] for doubt in DOUBTS if doubt in found} | left_out


def _at_stages(met: Table) -> Table:
    """The first exposure of each customer at each stage."""
    first = firsts(met.mutate(stage=met.type.cases(*STAGES.items())), "stage", ids=True)
    return first.select(
        "unit_id", "stage", "variant", "occurred_at", "source_id", "two_variants",
        other=mismatched(first), unknown=unverified(first),
    )  # fmt: skip


def _stages(first: Table, phase_starts: Sequence[datetime]) -> Table:
    first = first.mutate(phase=_phase(first, phase_starts))
    return (
        first.group_by("stage", "phase", "variant")
        .aggregate(
            units=first.count(),
            mismatched=first.other.sum(),
            unverified=first.unknown.sum(),
        )
        .order_by("stage", "phase", "variant")
    )


def _phase(first: Table, starts: Sequence[datetime]) -> IntegerColumn:
    later = [
        (first.occurred_at >= microseconds(start), number)
        for number, start in enumerate(starts, start=1)
        if number > 1
    ]
    return ibis.cases(*reversed(later), else_=1) if later else ibis.literal(1)


def _variants(first: Table) -> Table:
    """Customers by the variant of their first exposure at whatever stage."""
    in_time = ibis.struct({"at": first.occurred_at, "id": first.source_id})
    unit = first.group_by("unit_id").aggregate(
        variant=first.variant.argmin(in_time),
        two_variants=first.two_variants.any() | (first.variant.min() != first.variant.max()),
    )
    counted = unit.group_by("variant").aggregate(
        units=unit.count(), two_variants=unit.two_variants.sum()
    )
    return counted.order_by("variant")


def _suppressed(met: Table) -> Table:
    held = met.filter(met.suppressed_reason.notnull())
    counted = held.group_by("suppressed_reason", "variant").aggregate(units=held.unit_id.nunique())
    return counted.order_by("suppressed_reason", "variant")


def _stage_count(row: dict[str, Any]) -> StageCount:
    return StageCount(
        stage=row["stage"],
        phase=row["phase"],
        variant=row["variant"],
        units=row["units"],
        mismatched=int(row["mismatched"]),
        unverified=int(row["unverified"]),
    )


def _by_reason(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["suppressed_reason"], {})[row["variant"]] = row["units"]
    return found
