"""Which events a formula means, by their properties and channels."""

from decimal import Decimal
from functools import reduce
from operator import and_

import ibis
from ibis.expr.types import BooleanValue, DecimalValue, StringValue, Table

from experiments.kpis.terms import Events, Filter
from experiments.measurement.engines.functions import number_in
from experiments.measurement.properties import text_at

_DIGITS, _DECIMALS = 38, 10
_COMPARED = f"decimal({_DIGITS}, {_DECIMALS})"
_TENTHS = Decimal(1).scaleb(-10)


def selected(events: Table, wanted: Events) -> BooleanValue | None:
    """Whether events are by one of the channels and meet all conditions; None: there are none."""
    tests = [_meets(text_at(events.properties, each.property), each) for each in wanted.conditions]
    if wanted.channels:
        tests.append(events.channel.isin(wanted.channels).fill_null(False))
    return reduce(and_, tests) if tests else None


def _meets(text: StringValue, wanted: Filter) -> BooleanValue:
    if wanted.present is not None:
        found: BooleanValue = text.notnull() if wanted.present else text.isnull()
        return found
    if wanted.one_of:
        among: BooleanValue = text.isin(wanted.one_of).fill_null(False)
        return among
    return _within(number_in(text, _DIGITS, _DECIMALS), wanted)


def _within(number: DecimalValue, wanted: Filter) -> BooleanValue:
    tests: list[BooleanValue] = []
    if wanted.over is not None:
        tests.append(number > _bound(wanted.over))
    if wanted.at_least is not None:
        tests.append(number >= _bound(wanted.at_least))
    if wanted.below is not None:
        tests.append(number < _bound(wanted.below))
    if wanted.at_most is not None:
        tests.append(number <= _bound(wanted.at_most))
    held: BooleanValue = reduce(and_, tests).fill_null(False)
    return held


def _bound(number: Decimal) -> DecimalValue:
    bound: DecimalValue = ibis.literal(number.quantize(_TENTHS), _COMPARED)
    return bound
