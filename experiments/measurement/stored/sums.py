"""The sums of each day: by variant, and by whether a unit counts, to the last digit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ibis.expr.types import Table

from experiments.measurement.kinds import MEASURED
from experiments.measurement.session import Session
from experiments.measurement.stored.layout import ALIKE, Layout, layout_of, who_is
from experiments.measurement.stored.partitions import run
from experiments.measurement.stored.products import Product, products_of, sum_of
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.values import prefix_of

Rows = list[dict[str, Any]]
SHARED = ("day", "variant", "standing")
# What every KPI tells beside its own sums.
_COUNTS = {"units": Product(()), "two_variants": Product(("two_variants",))}


class Own:
    """The columns of one KPI in rows of units, by their own names."""

    def __init__(self, rows: Table, prefix: str) -> None:
        self._rows = rows
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        return self._rows[self._prefix + name]

    def __getitem__(self, name: str) -> Any:
        return self._rows[self._prefix + name]


@dataclass(frozen=True)
class Told:
    """What is told of one KPI.

    Attributes:
        per: Its names of the columns by whose values units are counted.
        sums: By its names, the numbers of the terms.
    """

    per: tuple[str, ...]
    sums: Mapping[str, int]


@dataclass(frozen=True)
class Asked:
    """What is asked of rows of units at once.

    Attributes:
        layout: Of the rows.
        per: Columns by whose values units are counted.
        factors: Columns that are multiplied and added up, each set of them once.
        terms: Each once, what is told: the sum of which product, over the units that have
            which bits in ``alike``.
        told: By the place of its KPI.
    """

    layout: Layout
    per: tuple[str, ...]
    factors: tuple[tuple[str, ...], ...]
    terms: tuple[tuple[int, int], ...]
    told: Mapping[int, Told]

    def sql(self, rows: str, as_of: int) -> str:
        """Add up first units that are alike, then all.

        Args:
            rows: A query for rows of units.
            as_of: The moment, microseconds.

        Returns:
            A query for rows of the bits that tell who and when, whether the window is open,
            the values of ``per``, when the last window closes, and the terms.
        """
        per = "".join(f', "{name}"' for name in self.per)
        sums = "".join(f", {sum_of(names)} AS f{at}" for at, names in enumerate(self.factors))
        terms = "".join(f", sum(f{at}){_having(bits)}" for at, bits in self.terms)
        return (
            f"SELECT {ALIKE} & {self.layout.who} AS who, is_open{per}, max(last){terms} "  # noqa: S608 - our own names
            f"FROM (SELECT {ALIKE}, closes_at > {as_of} AS is_open{per}, "
            f"max(closes_at) AS last{sums} FROM ({rows}) GROUP BY ALL) GROUP BY ALL"
        )


def _having(bits: int) -> str:
    return f" FILTER ({ALIKE} & {bits} = {bits})" if bits else ""


# Finding out what to ask takes as long as adding up the rows of a few days.
_ASKED: dict[str, tuple[Asked, ...]] = {}
MOST_ASKED = 200


def added_up(session: Session, sheet: Sheet, rows: str) -> list[Rows]:
    """Of each KPI of a sheet, by its place, the sums of rows of units.

    Args:
        session: Where the rows are.
        sheet: Whose.
        rows: A query for rows as :func:`experiments.measurement.stored.packing.packed` gives.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    found: list[Rows] = [[] for _ in sheet.requests]
    for asked in _asked(sheet):
        for shared, per, numbers in _answers(session, sheet, asked, rows):
            for place, told in asked.told.items():
                row = shared | dict(zip(told.per, per, strict=True))
                for name, number in told.sums.items():
                    row[name] = numbers[number]
                found[place].append(row)
    return found


def _answers(
    session: Session, sheet: Sheet, asked: Asked, rows: str
) -> Iterator[tuple[dict[str, Any], Sequence[Any], list[int]]]:
    """Who, the values of ``per``, and the terms, whole numbers of any length."""
    until = 2 + len(asked.per)
    for row in run(session, asked.sql(rows, sheet.as_of)):
        who, is_open, *values = row[:until]
        day, variant, standing = who_is(who, asked.layout, sheet, is_open=is_open)
        shared = {"day": day, "variant": variant, "standing": standing, "closes_at": row[until]}
        per = [int(each) if isinstance(each, Decimal) else each for each in values]
        # Of bits that nobody has there is no sum.
        yield shared, per, [int(number or 0) for number in row[until + 1 :]]


def _asked(sheet: Sheet) -> tuple[Asked, ...]:
    # Another thread may forget all of them at any time.
    found = _ASKED.get(sheet.name)
    if found is None:
        found = tuple(_found_out(sheet))
        if len(_ASKED) >= MOST_ASKED:
            _ASKED.clear()
        _ASKED[sheet.name] = found
    return found


def _found_out(sheet: Sheet) -> Iterator[Asked]:
    """What to ask of the KPIs that are added up together, and of each of the others."""
    layout = layout_of(sheet)
    together = [place for place, _ in enumerate(sheet.requests) if not _per(sheet, place)]
    apart = [[place] for place, _ in enumerate(sheet.requests) if _per(sheet, place)]
    for places in [*([together] if together else []), *apart]:
        yield _of_places(sheet, layout, places)


def _of_places(sheet: Sheet, layout: Layout, places: Sequence[int]) -> Asked:
    factors: dict[tuple[str, ...], int] = {}
    terms: dict[tuple[int, int], int] = {}
    told: dict[int, Told] = {}
    for place in places:
        sums = {}
        products = _COUNTS | products_of(sheet.requests[place], place, layout)
        for name, product in products.items():
            factor = factors.setdefault(product.wide(layout), len(factors))
            sums[name] = terms.setdefault((factor, product.bits(layout)), len(terms))
        told[place] = Told(_per(sheet, place), sums)
    per = [layout.held(prefix_of(place) + name) for place in places for name in _per(sheet, place)]
    return Asked(layout, tuple(per), tuple(factors), tuple(terms), told)


def _per(sheet: Sheet, place: int) -> tuple[str, ...]:
    return MEASURED[sheet.requests[place].kpi.kind].per
