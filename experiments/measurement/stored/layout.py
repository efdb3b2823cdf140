"""What the rows of a sheet hold: small answers as bits of one number, every amount once, narrow.

Most of what is kept of a unit is yes or no. Units that are alike in all of it are added up
together; what they have in common is looked at once for all of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import duckdb
import ibis
from ibis.expr.types import BooleanValue, IntegerValue, StringValue, Table

from experiments.kpis.terms import Events
from experiments.measurement.anchors import (
    ANALYSED,
    IMMATURE,
    MERGED_APART,
    MISMATCHED,
    NOT_REQUIRED,
    OUTSIDE,
    UNLISTED,
)
from experiments.measurement.formula.days import DAY
from experiments.measurement.formula.plan import Amount, Plan, Selection
from experiments.measurement.request import MeasureRequest
from experiments.measurement.stored.sheet import Sheet, free_columns, value_columns
from experiments.measurement.stored.values import FREE, prefix_of
from experiments.measurement.telling import uncapped_plan

T = TypeVar("T")
ALIKE = "alike"
# What tells who a unit is; and units may have it as they will in ``alike``.
WHO_BITS = ("standing", "variant", "two_variants", "day")
CODED = "coded"
# Of rows of several KPIs: whether a program made an event of each, a bit for each.
MACHINES = "machines"
BY_MACHINE = "by_machine"
# Of a row as it is kept: whether its unit counts, as SQL.
COUNTS = f"{ALIKE} % 8 = 0"
# In the order of their numbers; of those that count, their window says whether it is open.
STANDINGS = (ANALYSED, MISMATCHED, UNLISTED, MERGED_APART, OUTSIDE, NOT_REQUIRED)
STANDING_BITS = 3
_MOST_BITS = 60
# Local days from 40,000 before 1970 (1860) to 2219.
_DAYS_BEFORE, _DAY_BITS = 40_000, 17
_ANSWERS = frozenset({"promoter", "detractor", "answered"})


@dataclass(frozen=True)
class Layout:
    """Where the values of a sheet are found.

    Attributes:
        bits: Of each column that has few values: its first bit in ``alike``, and how many.
        same: Of each amount that another column has too, that column.
    """

    bits: Mapping[str, tuple[int, int]]
    same: Mapping[str, str]

    def held(self, name: str) -> str:
        """The column that has the values of a column."""
        return self.same.get(name, name)

    def read(self, rows: Table, name: str) -> IntegerValue:
        """One of the columns with few values, as a number."""
        at, width = self.bits[name]
        found: IntegerValue = (rows[ALIKE] >> at) & (2**width - 1)
        return found

    def number(self, alike: int, name: str) -> int:
        """The same of one row."""
        at, width = self.bits[name]
        return (alike >> at) & ((1 << width) - 1)

    @property
    def who(self) -> int:
        """The bits that tell day, variant and standing."""
        return self.mask("standing", "variant", "day")

    def mask(self, *names: str) -> int:
        """The bits of some columns."""
        widths = (self.bits[name] for name in names)
        return sum(((1 << width) - 1) << at for at, width in widths)


def layout_of(sheet: Sheet) -> Layout:
    """The same for the same sheet."""
    widths = {
        "standing": STANDING_BITS,
        "variant": len(sheet.first.variants).bit_length(),
        "two_variants": 1,
    }
    widths["day"] = _DAY_BITS
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for name, request, amount in _amounts(sheet):
        if sheet.is_plain:
            other = first.setdefault(_told(request, amount), name)
            same |= {name: other} if other != name else {}
    for name in _small(sheet):
        if name not in same:
            widths[name] = 1
    bits, at = {}, 0
    for name, width in widths.items():
        if at + width <= _MOST_BITS:
            bits[name] = (at, width)
            at += width
    return Layout(bits, same)


def _amounts(sheet: Sheet) -> Iterator[tuple[str, MeasureRequest, Amount]]:
    for place, request in enumerate(sheet.requests):
        plans = [("", request.plan), (FREE, uncapped_plan(request.plan))]
        for before, plan in plans:
            for name, amount in _of_plan(plan):
                yield prefix_of(place) + before + name, request, amount


def _of_plan(plan: Plan | None) -> Iterator[tuple[str, Amount]]:
    if plan is not None and "value" in value_columns(plan) and not plan.steps:
        yield "value", plan.value
        if plan.below is not None:
            yield "below", plan.below


def _told(request: MeasureRequest, amount: Amount) -> str:
    """What an amount of a plain sheet depends on, beside what its KPIs share."""
    parts = tuple(replace(part, selection=_plainly(part.selection)) for part in amount.parts)
    counts = all(part.selection.is_counted for part in parts)
    return repr((None if counts else request.kpi.currency, replace(amount, parts=parts)))


def _plainly(selection: Selection) -> Selection:
    """Wherever it stands, in whatever formula."""
    told = {each.name: getattr(selection.events, each.name) for each in fields(Events)}
    return replace(selection, place=0, events=Events(**told))


def _small(sheet: Sheet) -> Iterator[str]:
    """Names of the columns that are yes or no, or 1 or 0."""
    for place, request in enumerate(sheet.requests):
        prefix, plan = prefix_of(place), request.plan
        yield prefix + BY_MACHINE
        if request.kpi.covariate_days is not None:
            yield prefix + "missing"
        columns = [*value_columns(plan), *(FREE + name for name in free_columns(plan))]
        steps = {f"step{number}" for number in range(len(plan.steps))}
        small = _ANSWERS | steps | ({"value"} if steps else set())
        yield from (prefix + name for name in columns if name.removeprefix(FREE) in small)
    for name, request, amount in _amounts(sheet):
        if request.kpi.kind != "quantile" and _is_answer(amount):
            yield name


def _is_answer(amount: Amount) -> bool:
    """Whether it is 1 or 0."""
    part = amount.parts[0]
    asks = part.selection.value in {"occurrence", "absence"} and part.times == 1
    return asks and len(amount.parts) == 1 and amount.cap is None


def variant_of(rows: Table, layout: Layout, sheet: Sheet) -> StringValue:
    """The variant; null of those that the request does not name."""
    number = layout.read(rows, "variant")
    listed = [(number == place, each) for place, each in enumerate(sheet.first.variants)]
    found: StringValue = ibis.cases(*listed, else_=ibis.null("string"))
    return found


def standing_of(rows: Table, layout: Layout) -> StringValue:
    """As it was kept, but for windows that closed meanwhile, or are still open.

    Args:
        rows: With ``alike``, and ``open``: whether the window is.
        layout: Of the sheet.
    """
    number = layout.read(rows, "standing")
    counted = rows.open.ifelse(IMMATURE, ANALYSED)
    others = [(number == place, each) for place, each in enumerate(STANDINGS) if place]
    found: StringValue = ibis.cases(*others, else_=counted)
    return found


def stands_among(units: Table, standings: Sequence[str]) -> BooleanValue:
    """Whether the standing of units is one of some, told by its number where they have that.

    Args:
        units: With ``standing``, or ``coded`` besides.
        standings: None of which follows from the moment.
    """
    if CODED not in units.columns:
        return units.standing.isin(standings)
    number = units[CODED] & (2**STANDING_BITS - 1)
    return number.isin([STANDINGS.index(each) for each in standings])


def day_number(day: IntegerValue) -> IntegerValue:
    """A local day as it is kept."""
    found: IntegerValue = day // DAY + _DAYS_BEFORE
    return found


def who_is(
    alike: int, layout: Layout, sheet: Sheet, *, is_open: bool
) -> tuple[int, str | None, str]:
    """Of one number: the local day of the anchor, variant and standing."""
    variants, number = sheet.first.variants, layout.number(alike, "variant")
    standing = layout.number(alike, "standing")
    counted = IMMATURE if is_open else ANALYSED
    return (
        (layout.number(alike, "day") - _DAYS_BEFORE) * DAY,
        variants[number] if number < len(variants) else None,
        STANDINGS[standing] if standing else counted,
    )


def narrowly(rows: str, wide: Sequence[str], work: Callable[[str], T]) -> T:
    """Do something with rows whose numbers are kept in 64 bits; if one is too large, without.

    Args:
        rows: A query for them.
        wide: The columns that have numbers of any length.
        work: Runs a query for the rows to its end.
    """
    if not wide:
        return work(rows)
    # Of nine digits, squares fit into 64 bits; and the engine finds them sooner than bits.
    narrow = (f'CAST(CAST("{name}" AS DECIMAL(9, 0)) AS BIGINT) AS "{name}"' for name in wide)
    try:
        return work(f"SELECT * REPLACE ({', '.join(narrow)}) FROM ({rows})")  # noqa: S608 - our own names
    except duckdb.ConversionException:
        return work(rows)
