"""The sums of each day: by variant, and by whether a unit counts, to the last digit."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import Any

from ibis.expr.types import Table

from experiments.measurement.engines.dialects import compiled
from experiments.measurement.kinds import MEASURED
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from experiments.measurement.stored.layout import Layout, layout_of, standing_of, variant_of
from experiments.measurement.stored.partitions import run
from experiments.measurement.stored.sheet import Sheet, free_columns, is_plain, reasons_of
from experiments.measurement.stored.values import FREE, prefix_of

Rows = list[dict[str, Any]]
Asked = tuple[tuple[int, ...], tuple[str, ...], str]
SHARED = ("day", "variant", "standing")
SHARED_SUMS = (*SHARED, "units", "two_variants", "closes_at")


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
class Product:
    """Columns of a unit, multiplied; what is added up."""

    names: tuple[str, ...]

    def __mul__(self, other: "Product") -> "Product":
        return Product((*self.names, *other.names))

    def sum(self) -> "Product":
        """Itself."""
        return self

    def wide(self, layout: Layout) -> tuple[str, ...]:
        """Those that units who are alike do not have in common."""
        return tuple(sorted(name for name in self.names if name not in layout.bits))

    def of(self, alike: Table, layout: Layout) -> Any:
        """The sum of units who are alike, or 0 if they have a 0 in common."""
        found = alike[_named(self.wide(layout))]
        for name in dict.fromkeys(name for name in self.names if name in layout.bits):
            found *= layout.read(alike, name)
        return found


class Factors:
    """The columns of one KPI, by their own names, to be multiplied and added up."""

    def __init__(self, layout: Layout, prefix: str) -> None:
        self._layout = layout
        self._prefix = prefix

    def under(self, prefix: str) -> "Factors":
        """Those of them whose names begin with a prefix."""
        return Factors(self._layout, self._prefix + prefix)

    def __getattr__(self, name: str) -> Product:
        return self[name]

    def __getitem__(self, name: str) -> Product:
        return Product((self._layout.held(self._prefix + name),))


# A moment that nothing else names: statements are the same but for theirs.
_SOME_MOMENT = 7_255_811_253_608_173
# Building and compiling expressions takes longer than adding up the rows of a few days.
_COMPILED: dict[Hashable, list[Asked]] = {}
MOST_COMPILED = 200


def added_up(session: Session, sheet: Sheet, rows: Table) -> list[Rows]:
    """Of each KPI of a sheet, by its place, the sums of rows of units.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    found: list[Rows] = [[] for _ in sheet.requests]
    for places, columns, sql in _asked(session, sheet, rows):
        for told in answers(session, columns, sql):
            for place in places:
                found[place].append(_of_kpi(told, prefix_of(place)))
    return found


def _asked(session: Session, sheet: Sheet, rows: Table) -> list[Asked]:
    """What to ask, with the sheet's moment."""
    key, stand_in = (sheet.name, rows.schema()), str(_SOME_MOMENT)
    if any(stand_in in variant for variant in sheet.first.variants):
        return _built(session, sheet, rows, sheet.as_of)
    if key not in _COMPILED:
        if len(_COMPILED) >= MOST_COMPILED:
            _COMPILED.clear()
        _COMPILED[key] = _built(session, sheet, rows, _SOME_MOMENT)
    return [
        (places, columns, sql.replace(stand_in, str(sheet.as_of)))
        for places, columns, sql in _COMPILED[key]
    ]


def _built(session: Session, sheet: Sheet, rows: Table, as_of: int) -> list[Asked]:
    return [
        (places, asked.columns, compiled(asked, session.engine.dialect))
        for places, asked in sums_of(rows, sheet, as_of).items()
    ]


def answers(session: Session, columns: Sequence[str], sql: str) -> Iterator[dict[str, Any]]:
    """The rows of a statement, whole numbers as such, of any length."""
    for row in run(session, sql):
        yield {
            name: int(value) if isinstance(value, Decimal) else value
            for name, value in zip(columns, row, strict=True)
        }


def _of_kpi(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The columns of one KPI, and those that all have."""
    return {
        name.removeprefix(prefix): value
        for name, value in row.items()
        if name in SHARED_SUMS or name.startswith(prefix)
    }


def sums_of(rows: Table, sheet: Sheet, as_of: int) -> dict[tuple[int, ...], Table]:
    """What to add up, by the places of the KPIs that are added up together.

    Args:
        rows: As :func:`experiments.measurement.stored.layout.packed` gives.
        sheet: Whose.
        as_of: The moment, microseconds.
    """
    together = [place for place, each in enumerate(sheet.requests) if not _per(each)]
    apart = [(place,) for place, each in enumerate(sheet.requests) if _per(each)]
    groups = [*([tuple(together)] if together else []), *apart]
    return {places: _added(rows, sheet, places, as_of) for places in groups}


def _per(request: MeasureRequest) -> tuple[str, ...]:
    return MEASURED[request.kpi.kind].per


def _added(rows: Table, sheet: Sheet, places: Sequence[int], as_of: int) -> Table:
    """First of units that are alike, then of all, each sum as often as its units have a 1."""
    layout, per = layout_of(sheet), dict[str, Any]()
    sums: dict[str, Product] = {}
    for place in places:
        request, prefix = sheet.requests[place], prefix_of(place)
        per |= {prefix + name: rows[layout.held(prefix + name)] for name in _per(request)}
        own = _sums(Factors(layout, prefix), request)
        sums |= {prefix + name: product for name, product in own.items()}
    wide = sorted({product.wide(layout) for product in sums.values()})
    alike = rows.group_by(rows.day, rows.alike, open=rows.closes_at > as_of, **per).aggregate(
        units=rows.count(),
        closes_at=rows.closes_at.max(),
        **{_named(names): _product(rows, names).sum() for names in wide if names},
    )
    return alike.group_by(
        alike.day,
        variant=variant_of(alike, layout, sheet),
        standing=standing_of(alike, layout),
        **{name: alike[name] for name in per},
    ).aggregate(
        units=alike.units.sum(),
        two_variants=(alike.units * layout.read(alike, "two_variants")).sum(),
        closes_at=alike.closes_at.max(),
        **{name: product.of(alike, layout).sum() for name, product in sums.items()},
    )


def _named(names: tuple[str, ...]) -> str:
    return "_".join(names) if names else "units"


def _product(rows: Table, names: Sequence[str]) -> Any:
    columns = [rows[name] for name in names]
    numbers = [each.cast("int64") if each.type().is_boolean() else each for each in columns]
    return reduce(mul, numbers)


def _sums(own: Factors, request: MeasureRequest) -> dict[str, Product]:
    plan, kind = request.plan, MEASURED[request.kpi.kind]
    found = {**kind.sums(_as_table(own), plan), "by_machines": own.by_machine.sum()}
    found |= {name: own[name].sum() for name in count_columns(request)}
    if free_columns(plan):
        freely = kind.sums(_as_table(own.under(FREE)), plan)
        found |= {FREE + name: value for name, value in freely.items()}
    if request.kpi.covariate_days is not None:
        found |= _past_sums(own, request)
    return found


def _as_table(own: Factors) -> Any:
    """For those that ask a table for nothing but its columns."""
    return own


def count_columns(request: MeasureRequest) -> list[str]:
    """Names of the columns that count a unit's events, where it has such."""
    if is_plain(request):
        return []
    return [*(f"n_{reason}" for reason in reasons_of(request)), "late"]


def _past_sums(own: Factors, request: MeasureRequest) -> dict[str, Product]:
    """As :func:`experiments.measurement.formula.covariates.covariate_sums` adds them up."""
    past, missing = own.past, own.missing
    found = {
        "past": past.sum(),
        "past_squares": (past * past).sum(),
        "past_value": (past * own.value).sum(),
        "missing": missing.sum(),
        "missing_value": (missing * own.value).sum(),
    }
    if request.plan.below is not None:
        found["past_below"] = (past * own.below).sum()
        found["missing_below"] = (missing * own.below).sum()
    return found
