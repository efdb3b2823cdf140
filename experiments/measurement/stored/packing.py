"""Rows of units as they are kept: in the places that the layout of their sheet gives."""

from collections.abc import Iterable
from functools import reduce
from operator import add

import ibis
from ibis.expr.types import IntegerValue, Table

from experiments.measurement.anchors import IMMATURE
from experiments.measurement.stored.layout import (
    ALIKE,
    BY_MACHINE,
    CODED,
    MACHINES,
    STANDINGS,
    WHO_BITS,
    Layout,
    day_number,
    layout_of,
)
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.values import prefix_of


def packed(rows: Table, sheet: Sheet) -> Table:
    """The rows as they are kept.

    Args:
        rows: As :func:`experiments.measurement.stored.values.values_of` gives.
        sheet: Whose.

    Returns:
        ``unit``, ``anchor`` and ``closes_at``, ``alike``, and the other columns that
        no other column has too.
    """
    layout = layout_of(sheet)
    codes: list[IntegerValue] = []
    if MACHINES in rows.columns:
        first = _machines_at(sheet, layout)
        if first is None:
            rows = _each_flag(rows, sheet)
        else:
            codes = [rows[MACHINES].cast("int64") * ibis.literal(2**first, "int64")]
    known = WHO_BITS if CODED in rows.columns else ()
    codes += [rows[CODED]] if known else []
    codes += _codes(rows, [name for name in layout.bits if name not in known], sheet)
    gone = layout.bits.keys() | layout.same.keys() | {MACHINES, CODED}
    return rows.select(
        *(name for name in rows.columns if name not in gone), **{ALIKE: reduce(add, codes)}
    )


def coded(units: Table, sheet: Sheet) -> IntegerValue:
    """Who units are, as bits of ``alike``."""
    return reduce(add, _codes(units, WHO_BITS, sheet))


def _codes(rows: Table, names: Iterable[str], sheet: Sheet) -> list[IntegerValue]:
    bits = layout_of(sheet).bits
    return [
        _code(rows, name, sheet) * ibis.literal(2 ** bits[name][0], "int64")
        for name in names
        if name in rows.columns
    ]


def _flags(sheet: Sheet) -> list[str]:
    return [prefix_of(place) + BY_MACHINE for place in range(len(sheet.requests))]


def _machines_at(sheet: Sheet, layout: Layout) -> int | None:
    """The first of the bits that have the flags of all KPIs in order; None: not all have room."""
    places = [layout.bits.get(flag) for flag in _flags(sheet)]
    first = places[0]
    if first is None or places != [(first[0] + number, 1) for number in range(len(places))]:
        return None
    return first[0]


def _each_flag(rows: Table, sheet: Sheet) -> Table:
    machines = rows[MACHINES]
    return rows.mutate(
        **{flag: (machines & 2**number) != 0 for number, flag in enumerate(_flags(sheet))}
    )


def _code(rows: Table, name: str, sheet: Sheet) -> IntegerValue:
    found: IntegerValue = rows[name].cast("int64").fill_null(0)
    if name == "standing":
        numbers = {each: number for number, each in enumerate(STANDINGS)} | {IMMATURE: 0}
        found = ibis.cases(*((rows.standing == each, n) for each, n in numbers.items()))
    elif name == "day":
        found = day_number(rows.day)
    elif name == "variant":
        variants = sheet.first.variants
        listed = [(rows.variant == each, number) for number, each in enumerate(variants)]
        found = ibis.cases(*listed, else_=len(variants))
    return found.cast("int64")
