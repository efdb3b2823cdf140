"""A row for every unit: who it is, and for each KPI its value and what became of its events."""

from typing import Any

from ibis.expr.types import Table

from experiments.measurement.accounting import USED
from experiments.measurement.formula.covariates import past_values
from experiments.measurement.formula.plan import Plan
from experiments.measurement.kinds import MEASURED, Moment
from experiments.measurement.placed import (
    Placed,
    anchored_units,
    events_of_types,
    place_events,
    unit_values,
)
from experiments.measurement.request import MeasureRequest
from experiments.measurement.stored.part import Part, short
from experiments.measurement.stored.sheet import Sheet, free_columns, reasons_of, value_columns
from experiments.measurement.telling import uncapped_plan

FREE = "free_"
WHO = ("unit", "anchor", "day", "variant", "closes_at", "standing", "two_variants")


def prefix_of(place: int) -> str:
    """What the columns of the KPI at a place of the sheet begin with.

    Examples:
        >>> prefix_of(2) + "value"
        'k2_value'
    """
    return f"k{place}_"


def values_of(part: Part, sheet: Sheet) -> Table:
    """The row of every unit that the part knows.

    Returns:
        ``unit`` (its number), ``anchor`` (position of its first exposure), ``day`` (the local
        one of its anchor), ``variant``, ``closes_at``, ``standing``, ``two_variants``; and of
        each KPI, with its prefix, the values of its kind, ``free_…`` (the same without caps),
        ``past`` (0 where it is ``missing``), ``by_machine``, ``n_…`` (events by reason) and
        ``late``.
    """
    matured = sheet.matured
    kept = [_kept(part, request, place) for place, request in enumerate(matured)]
    units = anchored_units(part, matured[0])
    rows = units.select(
        "anchor", "variant", "closes_at", "standing", "two_variants",
        unit=short(units),
        day=sheet.days.calendar.day_of(units.anchor_at),
    )  # fmt: skip
    for place, each in enumerate(kept):
        own = each.rename(**{prefix_of(place) + "anchor": "anchor"})
        rows = rows.left_join(own, rows.anchor == own[prefix_of(place) + "anchor"])
        rows = rows.drop(prefix_of(place) + "anchor")
    return rows


def _kept(part: Part, request: MeasureRequest, place: int) -> Table:
    """Keep the columns of one KPI; the tables that it needs make room for the next."""
    placed, prefix = place_events(part, request), prefix_of(place)
    found = _values(placed, request)
    counts = _counts(placed.outcomes, request)
    found = found.left_join(counts, "anchor", rname="counted_{name}").drop("counted_anchor")
    found = found.mutate(
        **{name: found[name].fill_null(0) for name in counts.columns if name != "anchor"}
    )
    if request.kpi.covariate_days is not None:
        past = past_values(events_of_types(part, request), placed.units, request)
        found = found.left_join(past, "anchor", rname="past_{name}").drop("past_anchor")
        found = found.mutate(past=found.past.fill_null(0), missing=found.past.isnull())
    names = {prefix + name: name for name in found.columns if name != "anchor"}
    return part.keep(f"values_{place}", object(), lambda: found.rename(**names))


def _values(placed: Placed, request: MeasureRequest) -> Table:
    plan, free = request.plan, uncapped_plan(request.plan)
    unit = unit_values(placed, request, plan)
    extra: dict[str, Any] = {}
    if free is not None:
        extra = _freely(unit, free, request)
    by_machine = unit.by_machine.fill_null(False)
    columns = {name: unit[name] for name in value_columns(plan)}
    return unit.select("anchor", **columns, **extra, by_machine=by_machine)


def _freely(unit: Table, free: Plan, request: MeasureRequest) -> dict[str, Any]:
    moment = Moment(request.as_of, request.window_hours)
    found = MEASURED[free.kpi.kind].values(unit, free, moment)
    return {FREE + name: found[name] for name in free_columns(request.plan)}


def _counts(outcomes: Table, request: MeasureRequest) -> Table:
    """Rows of ``anchor`` with the events by reason."""
    of_somebody = outcomes.filter(outcomes.anchor.notnull())
    counts = {
        f"n_{reason}": _whole(of_somebody.events.sum(where=of_somebody.reason == reason))
        for reason in reasons_of(request)
    }
    late = of_somebody.late.sum(where=of_somebody.reason == USED)
    return of_somebody.group_by("anchor").aggregate(**counts, late=_whole(late))


def _whole(count: Any) -> Any:
    return count.fill_null(0).cast("int64")
