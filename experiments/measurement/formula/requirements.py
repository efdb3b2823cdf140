"""Whom a KPI counts at all: by what had happened up to the anchor of each customer."""

from collections.abc import Sequence
from functools import reduce
from operator import and_

import ibis
from ibis.expr.types import BooleanValue, Table

from experiments.kpis.terms import Events, Requirement
from experiments.measurement.formula.conditions import selected
from experiments.measurement.formula.days import DAY
from experiments.measurement.identity import certain


def eligible(events: Table, units: Table, requires: Sequence[Requirement]) -> Table:
    """The units that are what a KPI requires.

    Args:
        events: The project's.
        units: Rows of ``anchor``, ``unit_id`` and ``anchor_at``.
        requires: All of which have to hold.

    Returns:
        Rows of ``anchor``.
    """
    types = {each.event for each in requires}
    past = certain(events)
    past = past.filter(past.type.isin(tuple(sorted(types))))
    met = past.inner_join(units, past.unit_id == units.unit_id, rname="unit_{name}")
    before = met.filter(met.occurred_at <= met.anchor_at)
    known = before.group_by("anchor").aggregate(
        **{
            f"n{place}": before.count(where=_of(before, each))
            for place, each in enumerate(requires)
        }
    )
    unit = units.select("anchor").left_join(known, "anchor")
    holds = [_holds(unit, place, each) for place, each in enumerate(requires)]
    return unit.filter(reduce(and_, holds)).select("anchor")


def _of(before: Table, wanted: Requirement) -> BooleanValue:
    mine = chosen(before, wanted)
    if wanted.within_days is not None:
        mine &= before.occurred_at >= before.anchor_at - ibis.literal(
            wanted.within_days * DAY, "int64"
        )
    return mine


def _holds(unit: Table, place: int, wanted: Requirement) -> BooleanValue:
    often: BooleanValue = unit[f"n{place}"].fill_null(0) >= wanted.at_least
    return ~often if wanted.absent else often


def chosen(events: Table, wanted: Events) -> BooleanValue:
    """Whether events are the wanted ones, whenever they happened."""
    mine: BooleanValue = events.type == wanted.event
    if wanted.machine == "exclude":
        mine &= ~events.machine
    if "unsent" in events.columns:
        mine &= events.unsent.isnull()
    meets = selected(events, wanted)
    return mine if meets is None else mine & meets
