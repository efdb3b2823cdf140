"""Each customer's own value of the time before its anchor, beside the value after it."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
from ibis.expr.types import Table

from experiments.measurement.formula.days import DAY
from experiments.measurement.formula.plan import Plan
from experiments.measurement.formula.requirements import chosen
from experiments.measurement.formula.taken import added_up, has_value, of_each
from experiments.measurement.identity import certain
from experiments.measurement.kinds import MEASURED, Moment, Row, amount_of
from experiments.measurement.request import MeasureRequest
from stats.samples import CovariateSample, MeanSample

_NOTHING = {
    "units": 0, "total": 0, "squares": 0, "below": 0, "below_squares": 0, "products": 0,
    "past": 0, "past_squares": 0, "past_value": 0, "past_below": 0, "missing": 0,
    "missing_value": 0, "missing_below": 0,
}  # fmt: skip


def past_values(events: Table, units: Table, request: MeasureRequest) -> Table:
    """The KPI's value (of a ratio its numerator) over the days before the anchor.

    Args:
        events: The project's, of all types.
        units: Rows of ``anchor``, ``unit_id`` and ``anchor_at``.
        request: Its KPI has ``covariate_days``.

    Returns:
        Rows of ``anchor`` with ``past``, an exact whole number; only of customers of whom
        something was known before the anchor.
    """
    plan, days = request.plan, request.kpi.covariate_days or 0
    known = certain(events)
    met = known.inner_join(units, known.unit_id == units.unit_id, rname="unit_{name}")
    met = met.filter(met.occurred_at < met.anchor_at)
    recent = met.occurred_at >= met.anchor_at - ibis.literal(days * DAY, "int64")
    counted = [part.selection for part in plan.value.parts]
    taken = {each.column: of_each(met, each, request) for each in counted}
    flags = {
        f"c{each.place}": recent & chosen(met, each.events) & has_value(met, request, each)
        for each in counted
    }
    placed = met.select(
        "anchor",
        at=met.occurred_at,
        id=met.source_id,
        **{name: value for name, value in taken.items() if value is not None},
        **flags,
    )
    counts = [placed[f"c{each.place}"] for each in counted]
    sums = placed.group_by("anchor").aggregate(**added_up(placed, plan, counted, counts))
    return sums.select("anchor", past=amount_of(sums, plan.value))


def covariate_sums(unit: Table, past: Table, plan: Plan) -> Table:
    """What a comparison with the past needs, of each variant."""
    both = unit.left_join(past, "anchor", rname="past_{name}")
    both = both.mutate(missing=both.past.isnull(), past=both.past.fill_null(0))
    sums: dict[str, Any] = {
        **MEASURED[plan.kpi.kind].sums(both, plan),
        "past": both.past.sum(),
        "past_squares": (both.past * both.past).sum(),
        "past_value": (both.past * both.value).sum(),
        "missing": both.missing.sum(),
        "missing_value": both.value.sum(where=both.missing).fill_null(0),
    }
    if plan.below is not None:
        sums["past_below"] = (both.past * both.below).sum()
        sums["missing_below"] = both.below.sum(where=both.missing).fill_null(0)
    return both.group_by("variant").aggregate(units=both.count(), **sums)


def covariate_samples(
    rows: Sequence[Row], variants: Sequence[str], plan: Plan, moment: Moment
) -> dict[str, CovariateSample]:
    """The samples of all variants from the rows of :func:`covariate_sums`."""
    found = {row["variant"]: row for row in rows}
    return {key: _sample(found.get(key, _NOTHING), plan, moment) for key in variants}


def _sample(row: Mapping[str, Any], plan: Plan, moment: Moment) -> CovariateSample:
    outcome: Any = MEASURED[plan.kpi.kind].sample([row], plan, moment)
    ratio = plan.below is not None
    return CovariateSample(
        outcome=outcome,
        covariate=MeanSample(
            int(row["units"]), int(row["past"]), int(row["past_squares"]), plan.value.scale
        ),
        sum_xy=int(row["past_value"]),
        missing=int(row["missing"]),
        missing_y=int(row["missing_value"]),
        sum_xd=int(row["past_below"]) if ratio else None,
        missing_d=int(row["missing_below"]) if ratio else None,
    )
