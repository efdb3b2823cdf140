"""The sums of each day: by variant, and by whether a unit counts, to the last digit."""

from collections.abc import Hashable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from ibis.expr.types import StringValue, Table

from experiments.measurement.anchors import ANALYSED, IMMATURE
from experiments.measurement.engines.dialects import compiled
from experiments.measurement.kinds import MEASURED
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from experiments.measurement.stored.partitions import run
from experiments.measurement.stored.sheet import Sheet, free_columns, is_plain, reasons_of
from experiments.measurement.stored.values import FREE, prefix_of

Rows = list[dict[str, Any]]
Asked = tuple[tuple[int, ...], tuple[str, ...], str]
SHARED = ("day", "variant", "standing")
SHARED_SUMS = (*SHARED, "units", "two_variants", "closes_at")


class Own:
    """The columns of one KPI in the rows of a sheet, by their own names."""

    def __init__(self, rows: Table, prefix: str) -> None:
        self._rows = rows
        self._prefix = prefix

    def under(self, prefix: str) -> "Own":
        """Those of them whose names begin with a prefix."""
        return Own(self._rows, self._prefix + prefix)

    def __getattr__(self, name: str) -> Any:
        return self._rows[self._prefix + name]

    def __getitem__(self, name: str) -> Any:
        return self._rows[self._prefix + name]


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
        for told in answers(session, columns, sql.replace(str(_SOME_MOMENT), str(sheet.as_of))):
            for place in places:
                found[place].append(_of_kpi(told, prefix_of(place)))
    return found


def _asked(session: Session, sheet: Sheet, rows: Table) -> list[Asked]:
    key = (sheet.name, rows.schema())
    if key not in _COMPILED:
        if len(_COMPILED) >= MOST_COMPILED:
            _COMPILED.clear()
        _COMPILED[key] = [
            (places, asked.columns, compiled(asked, session.engine.dialect))
            for places, asked in sums_of(rows, sheet, _SOME_MOMENT).items()
        ]
    return _COMPILED[key]


def marked_up(session: Session, events: Table, as_of: int) -> Rows:
    """The sums of events by their marks, as :func:`marked_sums` asks for them."""
    asked = marked_sums(events, _SOME_MOMENT)
    sql = compiled(asked, session.engine.dialect).replace(str(_SOME_MOMENT), str(as_of))
    return list(answers(session, asked.columns, sql))


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
        rows: As :func:`experiments.measurement.stored.values.values_of` gives.
        sheet: Whose.
        as_of: The moment, microseconds.
    """
    rows = rows.mutate(standing=_standing(rows, as_of))
    together = [place for place, each in enumerate(sheet.requests) if not _per(each)]
    apart = [(place,) for place, each in enumerate(sheet.requests) if _per(each)]
    groups = [*([tuple(together)] if together else []), *apart]
    return {places: _added(rows, sheet, places) for places in groups}


def _per(request: MeasureRequest) -> tuple[str, ...]:
    return MEASURED[request.kpi.kind].per


def _standing(rows: Table, as_of: int) -> StringValue:
    """As stored, but for windows that closed meanwhile, or are still open."""
    counted = rows.standing.isin((ANALYSED, IMMATURE))
    now: StringValue = (rows.closes_at > as_of).ifelse(IMMATURE, ANALYSED)
    found: StringValue = counted.ifelse(now, rows.standing)
    return found


def _added(rows: Table, sheet: Sheet, places: Sequence[int]) -> Table:
    per: dict[str, Any] = {}
    sums: dict[str, Any] = {}
    for place in places:
        request, prefix = sheet.requests[place], prefix_of(place)
        own = Own(rows, prefix)
        per |= {prefix + name: own[name] for name in _per(request)}
        sums |= {prefix + name: value for name, value in _sums(own, request).items()}
    by = [rows[name] for name in SHARED]
    return rows.group_by(*by, **per).aggregate(
        units=rows.count(),
        two_variants=rows.two_variants.sum(),
        closes_at=rows.closes_at.max(),
        **sums,
    )


def _sums(own: Own, request: MeasureRequest) -> dict[str, Any]:
    plan, kind = request.plan, MEASURED[request.kpi.kind]
    found = {**kind.sums(_as_table(own), plan), "by_machines": own.by_machine.sum()}
    found |= {name: own[name].sum() for name in count_columns(request)}
    if free_columns(plan):
        freely = kind.sums(_as_table(own.under(FREE)), plan)
        found |= {FREE + name: value for name, value in freely.items()}
    if request.kpi.covariate_days is not None:
        found |= _past_sums(own, request)
    return found


def _as_table(own: Own) -> Any:
    """For those that ask a table for nothing but its columns."""
    return own


def count_columns(request: MeasureRequest) -> list[str]:
    """Names of the columns that count a unit's events, where it has such."""
    if is_plain(request):
        return []
    return [*(f"n_{reason}" for reason in reasons_of(request)), "late"]


def _past_sums(own: Own, request: MeasureRequest) -> dict[str, Any]:
    """As :func:`experiments.measurement.formula.covariates.covariate_sums` adds them up."""
    past, missing = own.past.fill_null(0), own.past.isnull()
    found = {
        "past": past.sum(),
        "past_squares": (past * past).sum(),
        "past_value": (past * own.value).sum(),
        "missing": missing.sum(),
        "missing_value": own.value.sum(where=missing).fill_null(0),
    }
    if request.plan.below is not None:
        found["past_below"] = (past * own.below).sum()
        found["missing_below"] = own.below.sum(where=missing).fill_null(0)
    return found


def marked_sums(events: Table, as_of: int) -> Table:
    """Events by day, whether the window of their unit is open, and their marks.

    Args:
        events: As :func:`experiments.measurement.stored.together.measured_together` gives.
        as_of: The moment, microseconds.
    """
    open_ = events.closes_at > as_of
    return events.group_by(events.day, events.marks, open=open_).aggregate(events=events.count())
