"""What exact sums say of a KPI: one sample per variant, and who and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from experiments.measurement.accounting import Accounting
from experiments.measurement.anchors import (
    ANALYSED,
    IMMATURE,
    MERGED_APART,
    MISMATCHED,
    NOT_REQUIRED,
    UNLISTED,
    instant,
)
from experiments.measurement.arrivals import Arrivals
from experiments.measurement.formula.covariates import covariate_samples
from experiments.measurement.formula.plan import Plan
from experiments.measurement.kinds import MEASURED, KpiSample, Moment
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from stats.samples import CovariateSample

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Measurement:
    """A KPI, measured. Mappings by variant have every variant of the request.

    Attributes:
        samples: Units whose window has closed, with the sums of their values. Of a time to
            an event those whose window is open too, as long as they were seen.
        accounting: Every event of the KPI's types.
        immature: Units whose window is still open, by variant.
        matures_at: When the last of these windows closes; None if none is open.
        mismatched: Units reported in a variant that Truelift did not give them; left out.
        two_variants: Anchored units met in another variant later, by the first, which counts.
        unlisted: Units in variants that the request does not name; left out.
        merged_apart: Units whose ids, since merged, met different variants; left out.
        by_machines: Analysed units with an event that would count, but for a program having
            made it (or that counts, where programs' do), by variant.
        scanned: Clicks of the project that only their pace tells of a scanner; None unless
            the KPI counts clicks.
        arrivals: How the events of the KPI's first type come in.
        ledger_identity, position: What was measured.
        sql: What measured it, over tables named ``exposures`` and ``events``.
        analysed: Units whose window has closed, by variant, whether they have a value or not.
        not_required: Units that the KPI does not count, by variant.
        uncapped: The samples without the KPI's cap; None if it has none.
        steps: Of a funnel: units that took each step, by variant; else None.
        covariates: The samples with each unit's own value of the time before; None unless
            the KPI asks for it.
    """

    samples: Mapping[str, KpiSample]
    accounting: Accounting
    immature: Mapping[str, int]
    matures_at: datetime | None
    mismatched: Mapping[str, int]
    two_variants: Mapping[str, int]
    unlisted: int
    merged_apart: int
    by_machines: Mapping[str, int]
    scanned: int | None
    arrivals: Arrivals
    ledger_identity: str
    position: int
    sql: str
    analysed: Mapping[str, int]
    not_required: Mapping[str, int]
    uncapped: Mapping[str, KpiSample] | None
    steps: Mapping[str, tuple[int, ...]] | None
    covariates: Mapping[str, CovariateSample] | None


@dataclass(frozen=True)
class Sums:
    """What a measurement is told from: exact sums of everybody.

    Attributes:
        capped: Units and sums per variant and standing, in as many rows as there are.
        uncapped: The same without the KPI's cap; None if it has none.
        covariates: Of each variant, as
            :func:`experiments.measurement.formula.covariates.covariate_sums` gives; None
            unless the KPI asks for it.
        accounting, scanned, arrivals: As in :class:`Measurement`.
    """

    capped: Rows
    uncapped: Rows | None
    covariates: Rows | None
    accounting: Accounting
    scanned: int | None
    arrivals: Arrivals


def measurement_of(found: Sums, request: MeasureRequest, session: Session) -> Measurement:
    """Tell what sums say.

    Args:
        found: Exact, of everybody.
        request: What was measured.
        session: Where; its statements are what the sums rest on.

    Raises:
        DivisorBelowZero: If what a ratio divides by adds up to less than 0.
    """
    plan, variants, sums = request.plan, request.variants, found.capped
    free = uncapped_plan(plan)
    return Measurement(
        samples=samples_of(sums, request, plan),
        accounting=found.accounting,
        immature=_units(sums, IMMATURE, variants),
        matures_at=_latest(sums, IMMATURE),
        mismatched=_units(sums, MISMATCHED, variants),
        two_variants=_of_variants(sums, "two_variants", variants),
        unlisted=_standing(sums, UNLISTED),
        merged_apart=_standing(sums, MERGED_APART),
        by_machines=_of_variants(_analysed(sums), "by_machines", variants),
        scanned=found.scanned,
        arrivals=found.arrivals,
        analysed=_units(sums, ANALYSED, variants),
        not_required=_units(sums, NOT_REQUIRED, variants),
        uncapped=None if free is None else samples_of(found.uncapped or [], request, free),
        steps=_steps(sums, request) if plan.steps else None,
        covariates=_past(found.covariates, request),
        ledger_identity=session.state.ledger_identity,
        position=session.state.position,
        sql=session.sql,
    )


def uncapped_plan(plan: Plan) -> Plan | None:
    """The plan without its caps; None if it has none."""
    amounts = [each for each in (plan.value, plan.below) if each is not None]
    if all(each.cap is None for each in amounts):
        return None
    value, *below = (replace(each, cap=None) for each in amounts)
    return replace(plan, value=value, below=below[0] if below else None)


def _past(rows: Rows | None, request: MeasureRequest) -> dict[str, CovariateSample] | None:
    if rows is None:
        return None
    moment = Moment(request.as_of, request.window_hours)
    return covariate_samples(rows, request.variants, request.plan, moment)


def samples_of(sums: Rows, request: MeasureRequest, plan: Plan) -> dict[str, KpiSample]:
    """One sample per variant, of those that count."""
    kind = MEASURED[plan.kpi.kind]
    moment = Moment(request.as_of, request.window_hours)
    counted = {ANALYSED, IMMATURE} if plan.kpi.kind == "time_to_event" else {ANALYSED}
    found: dict[str, Rows] = {variant: [] for variant in request.variants}
    for row in sums:
        if row["standing"] in counted and row["variant"] in found:
            found[row["variant"]].append(row)
    return {variant: kind.sample(rows, plan, moment) for variant, rows in found.items()}


def _steps(sums: Rows, request: MeasureRequest) -> dict[str, tuple[int, ...]]:
    analysed = _analysed(sums)
    by_step = [
        _of_variants(analysed, f"step{number}", request.variants)
        for number in range(len(request.plan.steps))
    ]
    return {variant: tuple(step[variant] for step in by_step) for variant in request.variants}


def _analysed(sums: Rows) -> Rows:
    return [row for row in sums if row["standing"] == ANALYSED]


def _standing(sums: Rows, standing: str) -> int:
    return sum(row["units"] for row in sums if row["standing"] == standing)


def _units(sums: Rows, standing: str, variants: tuple[str, ...]) -> dict[str, int]:
    return _of_variants([row for row in sums if row["standing"] == standing], "units", variants)


def _latest(sums: Rows, standing: str) -> datetime | None:
    found = [row["closes_at"] for row in sums if row["standing"] == standing]
    return instant(max(found)) if found else None


def _of_variants(rows: Rows, column: str, variants: tuple[str, ...]) -> dict[str, int]:
    return {
        variant: sum(int(row[column]) for row in rows if row["variant"] == variant)
        for variant in variants
    }
