"""What each kind of KPI makes of a customer's events, and which sample customers add up to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
from ibis.expr.types import Table

from experiments.kpis.formula import Bands
from experiments.ledger.instants import microseconds
from experiments.measurement.errors import DivisorBelowZero
from experiments.measurement.formula.plan import Amount, Part, Plan
from experiments.measurement.formula.samples import QuantileSample, TimedSample
from experiments.measurement.formula.taken import WHOLE
from experiments.measurement.formula.windows import HOUR
from stats.samples import (
    BinomialSample,
    LifeTable,
    LifeTableRow,
    MeanSample,
    RatioSample,
    ScoreSample,
    ValueCounts,
)

KpiSample = BinomialSample | MeanSample | RatioSample | ScoreSample | TimedSample | QuantileSample
Row = Mapping[str, Any]
Columns = dict[str, Any]
_HOURS_OF = {"hour": 1, "day": 24}


@dataclass(frozen=True)
class Moment:
    """How long customers have been seen.

    Attributes:
        as_of: What happened later is not seen.
        window_hours: Of the request.
    """

    as_of: datetime
    window_hours: int


@dataclass(frozen=True)
class MeasuredKind:
    """How a kind of KPI is measured.

    Attributes:
        values: A customer's, by name, from what is added up of its events.
        sums: What is added up of the customers of a variant, by name; exact.
        sample: From these sums, in rows that belong together.
        per: Names of values by which customers are counted; none where sums suffice.
    """

    values: Callable[[Table, Plan, Moment], Columns]
    sums: Callable[[Table, Plan], Columns]
    sample: Callable[[Sequence[Row], Plan, Moment], KpiSample]
    per: tuple[str, ...] = ()


def amount_of(unit: Table, amount: Amount) -> Any:
    """A customer's amount as an exact whole number, over ``amount.scale``."""
    first, *others = (_part_of(unit, part) for part in amount.parts)
    for each in others:
        first = (first + each).cast(WHOLE)
    return first if amount.cap is None else ibis.least(first, _whole(amount.cap)).cast(WHOLE)


def _part_of(unit: Table, part: Part) -> Any:
    found = unit[part.selection.column].fill_null(0)
    if part.selection.value == "occurrence":
        found = (found >= part.at_least).cast("int64")
    elif part.selection.value == "absence":
        found = (found == 0).cast("int64")
    found = found.cast(WHOLE)
    return found if part.times == 1 else (found * _whole(part.times)).cast(WHOLE)


def _whole(number: int) -> Any:
    return ibis.literal(number, WHOLE)


def _value(unit: Table, plan: Plan, _: Moment) -> Columns:
    return {"value": amount_of(unit, plan.value)}


def _ratio_values(unit: Table, plan: Plan, _: Moment) -> Columns:
    assert plan.below is not None  # noqa: S101 - narrows a type: every ratio has one
    return {"value": amount_of(unit, plan.value), "below": amount_of(unit, plan.below)}


def _value_or_none(unit: Table, plan: Plan, _: Moment) -> Columns:
    value = amount_of(unit, plan.value)
    if plan.kpi.formula.over == "with_value":
        value = (unit.events > 0).ifelse(value, ibis.null(WHOLE))
    return {"value": value}


def _banded(unit: Table, plan: Plan, _: Moment) -> Columns:
    bands, [part] = plan.kpi.formula.bands or Bands(), plan.value.parts
    answer, scale = unit[part.selection.column], 10**part.selection.decimals
    promoter = answer >= _whole(bands.promoters_from * scale)
    detractor = answer <= _whole(bands.detractors_to * scale)
    return {
        "promoter": promoter.fill_null(False).cast("int64"),
        "detractor": detractor.fill_null(False).cast("int64"),
        "answered": answer.notnull().cast("int64"),
    }


def _steps_taken(unit: Table, plan: Plan, _: Moment) -> Columns:
    taken = {f"step{n}": unit[f"s{n}"].notnull().cast("int64") for n in range(len(plan.steps))}
    return {**taken, "value": taken[f"step{len(plan.steps) - 1}"].cast(WHOLE)}


def _time(unit: Table, plan: Plan, moment: Moment) -> Columns:
    """Whole steps until the event, or until the customer was last seen."""
    start = unit.anchor_at if plan.since is None else unit.since_at
    first = unit[plan.value.parts[0].selection.column] if plan.since is None else unit.first_at
    seen_until = ibis.least(unit.closes_at, ibis.literal(microseconds(moment.as_of), "int64"))
    elapsed = first.coalesce(seen_until) - start
    step = _HOURS_OF[plan.kpi.formula.step or "day"] * HOUR
    return {"time": (elapsed - elapsed % step) // step, "happened": first.notnull()}


def _total_and_squares(unit: Table, _: Plan) -> Columns:
    return {"total": unit.value.sum(), "squares": (unit.value * unit.value).sum()}


def _ratio_sums(unit: Table, plan: Plan) -> Columns:
    return {
        **_total_and_squares(unit, plan),
        "below": unit.below.sum(),
        "below_squares": (unit.below * unit.below).sum(),
        "products": (unit.value * unit.below).sum(),
    }


def _score_sums(unit: Table, _: Plan) -> Columns:
    return {name: unit[name].sum() for name in ("promoter", "detractor", "answered")}


def _funnel_sums(unit: Table, plan: Plan) -> Columns:
    steps = {f"step{n}": unit[f"step{n}"].sum() for n in range(len(plan.steps))}
    return {"total": unit.value.sum(), **steps}


def _no_sums(_unit: Table, _plan: Plan) -> Columns:
    return {}


def _binomial(rows: Sequence[Row], _plan: Plan, _moment: Moment) -> KpiSample:
    return BinomialSample(_sum(rows, "units"), _sum(rows, "total"))


def _mean(rows: Sequence[Row], plan: Plan, _: Moment) -> KpiSample:
    units, total, squares = (_sum(rows, name) for name in ("units", "total", "squares"))
    return MeanSample(units, total, squares, plan.value.scale)


def _ratio(rows: Sequence[Row], plan: Plan, _: Moment) -> KpiSample:
    assert plan.below is not None  # noqa: S101 - narrows a type: every ratio has one
    if _sum(rows, "below") < 0:
        raise DivisorBelowZero(field="kpi")
    return RatioSample(
        units=_sum(rows, "units"),
        sum_y=_sum(rows, "total"),
        sum_x=_sum(rows, "below"),
        sum_yy=_sum(rows, "squares"),
        sum_xx=_sum(rows, "below_squares"),
        sum_xy=_sum(rows, "products"),
        scale_y=plan.value.scale,
        scale_x=plan.below.scale,
    )


def _score(rows: Sequence[Row], _plan: Plan, _moment: Moment) -> KpiSample:
    promoters, detractors = _sum(rows, "promoter"), _sum(rows, "detractor")
    return ScoreSample(promoters, _sum(rows, "answered") - promoters - detractors, detractors)


def _timed(rows: Sequence[Row], plan: Plan, moment: Moment) -> KpiSample:
    counts: dict[int, list[int]] = {}
    for row in rows:
        if row["time"] is not None:
            held = counts.setdefault(int(row["time"]), [0, 0])
            held[0 if row["happened"] else 1] += row["units"]
    table = LifeTable(tuple(LifeTableRow(at, *counts[at]) for at in sorted(counts)))
    step, days = plan.kpi.formula.step or "day", plan.kpi.formula.days
    hours = moment.window_hours if days is None else 24 * days.last
    return TimedSample(
        table,
        horizon=max(1, hours // _HOURS_OF[step]),
        per_day=24 // _HOURS_OF[step],
        watched_alike=plan.since is None,
    )


def _quantile(rows: Sequence[Row], plan: Plan, _: Moment) -> KpiSample:
    counts: dict[int, int] = {}
    for row in rows:
        if row["value"] is not None:
            counts[int(row["value"])] = counts.get(int(row["value"]), 0) + row["units"]
    quantile = plan.kpi.formula.quantile
    assert quantile is not None  # noqa: S101 - narrows a type: every quantile has one
    return QuantileSample(
        ValueCounts(tuple(sorted(counts.items())), plan.value.scale), float(quantile)
    )


def _sum(rows: Iterable[Row], name: str) -> int:
    return sum(int(row[name]) for row in rows)


MEASURED = {
    "proportion": MeasuredKind(_value, _total_and_squares, _binomial),
    "mean": MeasuredKind(_value, _total_and_squares, _mean),
    "ratio": MeasuredKind(_ratio_values, _ratio_sums, _ratio),
    "score": MeasuredKind(_banded, _score_sums, _score),
    "time_to_event": MeasuredKind(_time, _no_sums, _timed, per=("time", "happened")),
    "quantile": MeasuredKind(_value_or_none, _no_sums, _quantile, per=("value",)),
    "funnel": MeasuredKind(_steps_taken, _funnel_sums, _binomial),
}
