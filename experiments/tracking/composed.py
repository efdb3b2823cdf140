"""KPIs of figures that arrive added up, alone or beside what customers did (ROAS, CAC)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from experiments.kpis.document import Formula, KpiDocument, Tracking
from experiments.kpis.terms import Quantity, Term
from experiments.tracking.narrowed import tracking_of
from experiments.tracking.quotients import divided
from experiments.tracking.series import (
    PeriodValue,
    ReportedPeriod,
    ReportedSeries,
    Series,
    SeriesRequest,
)

Measure = Callable[[SeriesRequest], Series]
_A_DAY = 24
_TOTAL = Tracking(by="period", aggregate="total")


@dataclass(frozen=True)
class _Part:
    """One term of a quantity, over all periods: its total, and whether it is known whole."""

    sign: int
    totals: Mapping[date, Decimal]
    whole: frozenset[date]
    units: Mapping[date, int]


def composed_series(request: SeriesRequest, measure: Measure, reported: ReportedSeries) -> Series:
    """The values of a KPI whose formula names series.

    Every term is added up by period; of a ratio both sums are divided. A period in which any
    part was not reported has no value.

    Args:
        request: Its document has a series.
        measure: Of what customers did.
        reported: Of what arrived added up.
    """
    formula = request.document.formula
    figures = reported(request, formula.series)
    measured: list[Series] = []

    def parts(quantity: Quantity) -> list[_Part]:
        found = [
            _reported(sign, term, figures.get(term.event, {}))
            for sign, term in quantity.terms
            if term.is_series
        ]
        acts = [(sign, term) for sign, term in quantity.terms if not term.is_series]
        if acts:
            series = measure(replace(request, document=_of_terms(request.document, acts)))
            measured.append(series)
            found.append(_measured(acts[0][0], series))
        return found

    above = parts(formula)
    below = None if formula.denominator is None else parts(formula.denominator)
    average = below is None and tracking_of(request.document).aggregate == "average"
    values = tuple(_value(start, above, below, average=average) for start in request.starts)
    return _series(request, values, measured)


def _of_terms(document: KpiDocument, acts: Sequence[tuple[int, Term]]) -> KpiDocument:
    """A document that adds terms up over all customers; the sign of the first is left out."""
    (first, main), *others = acts
    written = {name: getattr(main, name) for name in Term.__dataclass_fields__}
    formula = Formula(
        **written,
        window_hours=_A_DAY,
        plus=tuple(_plain(term) for sign, term in others if sign == first),
        minus=tuple(_plain(term) for sign, term in others if sign != first),
        requires=document.formula.requires,
    )
    money = any(term.value in {"amount", "message_cost"} for _, term in acts)
    currency = document.currency if money else None
    return replace(
        document,
        kind="mean",
        formula=formula,
        unit_of_measure="count" if currency is None else "money",
        currency=currency,
        tracking=_TOTAL,
        target=None,
        baseline=None,
        covariate_days=None,
        descriptive=None,
    )


def _plain(term: Term) -> Term:
    return Term(**{name: getattr(term, name) for name in Term.__dataclass_fields__})


def _reported(sign: int, term: Term, found: Mapping[date, ReportedPeriod]) -> _Part:
    times = term.times if term.times is not None else Decimal(1)
    return _Part(
        sign,
        {start: each.total * times for start, each in found.items()},
        frozenset(start for start, each in found.items() if each.complete),
        {start: each.figures for start, each in found.items()},
    )


def _measured(sign: int, series: Series) -> _Part:
    known = [each for each in series.values if each.value is not None]
    return _Part(
        sign,
        {each.starts_on: each.value for each in known if each.value is not None},
        frozenset(each.starts_on for each in known if each.complete),
        {each.starts_on: each.units for each in known},
    )


def _value(
    start: date, above: Sequence[_Part], below: Sequence[_Part] | None, *, average: bool
) -> PeriodValue:
    parts = [*above, *(below or ())]
    if any(start not in part.totals for part in parts):
        return PeriodValue(start, 0, None, None, None, complete=False, gap="not_reported")
    numerator, units = _sum(above, start), above[0].units[start]
    denominator = _sum(below, start) if below is not None else Decimal(units) if average else None
    value = numerator if denominator is None else None
    if denominator is not None and denominator > 0:
        value = divided(numerator, denominator)
    return PeriodValue(
        starts_on=start,
        units=units,
        numerator=numerator,
        denominator=denominator,
        value=value,
        complete=all(start in part.whole for part in parts),
        gap=None if value is not None else "nobody",
    )


def _sum(parts: Sequence[_Part], start: date) -> Decimal:
    return sum((part.sign * part.totals[start] for part in parts), Decimal(0))


def _series(
    request: SeriesRequest, values: tuple[PeriodValue, ...], measured: Sequence[Series]
) -> Series:
    excluded: dict[str, int] = {}
    for series in measured:
        for reason, events in series.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + events
    first = measured[0] if measured else None
    return Series(
        period=request.period,
        values=values,
        as_of=request.as_of,
        received=sum(series.received for series in measured),
        used=sum(series.used for series in measured),
        excluded=excluded,
        watermark=min(
            (series.watermark for series in measured if series.watermark is not None), default=None
        ),
        ledger_identity=None if first is None else first.ledger_identity,
        position=None if first is None else first.position,
        sql="\n".join(series.sql for series in measured),
        baseline=_baseline(values),
    )


def _baseline(values: Sequence[PeriodValue]) -> Decimal | None:
    """Of quotients the quotient of the sums, of totals their mean, over complete periods."""
    whole = [each for each in values if each.complete and each.value is not None]
    above = sum((each.numerator or Decimal(0) for each in whole), Decimal(0))
    below = sum((each.denominator or Decimal(0) for each in whole), Decimal(0))
    if not whole:
        return None
    return divided(above, below) if below else divided(above, Decimal(len(whole)))
