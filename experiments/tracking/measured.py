"""The values of a KPI over time, measured from the facts of customers.

A period or a cohort is a population with anchors; what a formula makes of events, and kinds of
customers, is that of tests (``experiments/measurement``). Everything is added up exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from ibis.expr.types import Table

from experiments.errors import Invalid
from experiments.kpis.document import KpiDocument
from experiments.kpis.measured import check_measured
from experiments.ledger.instants import microseconds
from experiments.measurement.arrivals import arrivals
from experiments.measurement.errors import DivisorBelowZero
from experiments.measurement.formula.days import DAY
from experiments.measurement.formula.plan import SENT
from experiments.measurement.formula.windows import HOUR
from experiments.measurement.history import HistorySegment
from experiments.measurement.identity import certain
from experiments.measurement.kinds import MEASURED, KpiSample, Moment
from experiments.measurement.ready_segments import READY
from experiments.measurement.replica import ReplicaState
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session, session_on
from experiments.tracking.judged import REASONS, facts, judged
from experiments.tracking.narrowed import narrowed, tracking_of
from experiments.tracking.paired import Added, add_up, pairs_of
from experiments.tracking.periods import day_after
from experiments.tracking.populations import WAITING, Population, periods, population
from experiments.tracking.quotients import estimated, pooled, quotient_of
from experiments.tracking.series import PeriodValue, Series, SeriesRequest
from experiments.tracking.stretches import Span, spans_of

Rows = list[dict[str, Any]]
_USED = len(REASONS)


class UnknownSegment(Invalid):
    """A segment that no tracking knows."""

    template = "expected one of the segments {known}, got {got!r}"


@dataclass(frozen=True)
class _Asked:
    """One measurement, settled."""

    series: SeriesRequest
    document: KpiDocument
    request: MeasureRequest
    spans: tuple[Span, ...]

    @property
    def cohorts(self) -> bool:
        return tracking_of(self.document).by == "cohort"

    @property
    def total(self) -> bool:
        return tracking_of(self.document).aggregate == "total"


def measured_series(source: ReplicaState | Session, series: SeriesRequest) -> Series:
    """Measure a KPI for every period asked for, at the replica's position.

    Raises:
        NotMeasuredYet: If the KPI needs figures that arrive added up.
        UnknownSegment: If there is no such segment.
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    check_measured(series.document, "key")
    asked = _settled(series)
    with session_on(source, series.project_id) as session:
        when = periods(session, asked.spans)
        events = facts(session, asked.request, asked.request.plan.types)
        found = session.keep(
            "judged",
            object(),
            lambda: judged(events, asked.request, asked.spans, _reach(asked)),
        )
        tracking = tracking_of(asked.document)
        counted = population(session, asked.request, tracking, when, _segment(series.segment))
        could = found.filter(found["rank"] == REASONS.index("no_window"))
        pairs = pairs_of(could, when, counted, cohorts=asked.cohorts)
        added = add_up(session, pairs, when, counted, asked.request.plan)
        return _series(session, asked, found, counted, added)


def _settled(series: SeriesRequest) -> _Asked:
    document = narrowed(series)
    spans = spans_of(series.starts, series.period, series.zone, tracking_of(document).rolling_days)
    request = MeasureRequest(
        project_id=series.project_id,
        experiment_id=0,
        anchor="assignment",
        variants=(),
        as_of=series.as_of,
        allocation="external",
        kpi=document,
        window_hours=document.formula.longest_hours,
        zone=series.zone,
        costs=series.costs,
        met_since=spans[0].since,
    )
    return _Asked(series, document, request, spans)


def _segment(key: str | None) -> HistorySegment | None:
    if key is None:
        return None
    if key not in READY:
        raise UnknownSegment(field="segment", known=", ".join(READY), got=key)
    return READY[key]


def _reach(asked: _Asked) -> int:
    """How long after its period's end a window can be open."""
    return asked.document.formula.longest_hours * HOUR if asked.cohorts else 0


def _series(
    session: Session, asked: _Asked, found: Table, counted: Population, added: Added
) -> Series:
    rows = _rows(session, asked, counted, added)
    waiting = _waiting(session, counted) if asked.cohorts else {}
    known = _known(session, asked)
    samples = [
        _sample(asked, number, rows.get(number, [])) if _has_facts(span, known) else None
        for number, span in enumerate(asked.spans)
    ]
    values = tuple(
        _within(
            _value(asked, number, samples[number], rows.get(number, []), waiting.get(number, 0)),
            span,
            known,
        )
        for number, span in enumerate(asked.spans)
    )
    whole = [
        sample
        for sample, value in zip(samples, values, strict=True)
        if sample is not None and value.complete and value.value is not None
    ]
    by_reason = _accounted(session, found, added)
    return Series(
        period=asked.series.period,
        values=values,
        as_of=asked.series.as_of,
        received=_received(session, asked.request),
        used=by_reason.pop(_USED, 0),
        excluded={REASONS[rank]: by_reason[rank] for rank in sorted(by_reason)},
        watermark=arrivals(session, asked.document.formula.event, asked.series.as_of).watermark,
        ledger_identity=session.state.ledger_identity,
        position=session.state.position,
        sql=session.sql,
        baseline=pooled(whole, total=asked.total),
        steps=_steps(asked, rows),
        between=estimated(asked.document.kind, whole[-1], total=asked.total) if whole else None,
    )


def _rows(session: Session, asked: _Asked, counted: Population, added: Added) -> dict[int, Rows]:
    """Sums by period: of customers with events, and of all those who did nothing."""
    found: dict[int, Rows] = {}
    for row in session.rows(_summed(added.units, asked)):
        found.setdefault(int(row["period"]), []).append(row)
    if added.blank is None:
        return found
    assert counted.seen is not None  # noqa: S101 - narrows a type: everybody is counted
    known = _seen_by_the_end(session, counted.seen, asked)
    for row in session.rows(_summed(added.blank, asked)):
        number = int(row["period"])
        mine = found.setdefault(number, [])
        rest = known[number] - sum(int(each["units"]) for each in mine)
        if rest:
            mine.append(_times(row, rest, MEASURED[asked.document.kind].per))
    return found


def _summed(unit: Table, asked: _Asked) -> Table:
    kind, plan = MEASURED[asked.document.kind], asked.request.plan
    moment = Moment(asked.series.as_of, asked.request.window_hours)
    unit = unit.mutate(**kind.values(unit, plan, moment))
    return (
        unit.group_by("period", *kind.per)
        .aggregate(units=unit.count(), **kind.sums(unit, plan), late=unit.late.sum().fill_null(0))
        .order_by("period", *kind.per)
    )


def _times(row: dict[str, Any], customers: int, kept: Sequence[str]) -> dict[str, Any]:
    """The sums of so many customers like this one."""
    whole = {"period", *kept}
    return {
        name: value if name in whole or value is None else int(value) * customers
        for name, value in row.items()
    }


def _seen_by_the_end(session: Session, seen: Table, asked: _Asked) -> list[int]:
    """Customers that the project had seen by the end of each period."""
    when, first = periods(session, asked.spans), asked.spans[0].starts
    [before] = session.rows(seen.aggregate(units=seen.count(where=seen["at"] < first)))
    met = seen.inner_join(when, [seen["at"] >= when.starts, seen["at"] < when.until])
    new = {
        int(row["period"]): int(row["units"])
        for row in session.rows(met.group_by("period").aggregate(units=met.count()))
    }
    by_period = accumulate(new.get(number, 0) for number in range(len(asked.spans)))
    return [int(before["units"]) + up_to for up_to in by_period]


def _waiting(session: Session, counted: Population) -> dict[int, int]:
    units = counted.units
    assert units is not None  # noqa: S101 - narrows a type: cohorts have their customers
    waiting = units.filter(units.standing == WAITING)
    by_period = waiting.group_by("period").aggregate(units=waiting.count())
    return {int(row["period"]): int(row["units"]) for row in session.rows(by_period)}


def _sample(asked: _Asked, number: int, rows: Rows) -> KpiSample | None:
    """None where nobody was counted, or nothing can be divided."""
    if not rows:
        return None
    span, hours = asked.spans[number], asked.request.window_hours
    if not asked.cohorts:
        hours = (span.until - span.since) // HOUR
    moment = Moment(asked.series.as_of, hours)
    try:
        return MEASURED[asked.document.kind].sample(rows, asked.request.plan, moment)
    except DivisorBelowZero:
        return None


def _value(
    asked: _Asked, number: int, sample: KpiSample | None, rows: Rows, waiting: int
) -> PeriodValue:
    found = None if sample is None else quotient_of(sample, total=asked.total)
    return PeriodValue(
        starts_on=asked.series.starts[number],
        units=0 if found is None else found.units,
        numerator=found and found.numerator,
        denominator=found and found.denominator,
        value=found and found.value,
        complete=_closed_by(asked, number) <= microseconds(asked.series.as_of),
        waiting=waiting,
        late=sum(int(row["late"]) for row in rows),
    )


def _known(session: Session, asked: _Asked) -> tuple[int, int] | None:
    """When the first and the last fact of the KPI happened, of its base too."""
    base, types = tracking_of(asked.document).base, set(asked.request.plan.types)
    types |= set() if base is None else {base.event}
    events = certain(facts(session, asked.request, types))
    mine = events.filter(
        events.type.isin(tuple(sorted(types))),
        events.occurred_at <= microseconds(asked.series.as_of),
    )
    ends = mine.aggregate(first=mine.occurred_at.min(), last=mine.occurred_at.max())
    [found] = session.rows(ends)
    return None if found["first"] is None else (int(found["first"]), int(found["last"]))


def _has_facts(span: Span, known: tuple[int, int] | None) -> bool:
    """Whether the period lies at least partly where anything is known: no silent zeros."""
    return known is not None and span.until > known[0] and span.since <= known[1]


def _within(value: PeriodValue, span: Span, known: tuple[int, int] | None) -> PeriodValue:
    """The value, with the reason where there is none; begun before the first fact: not whole."""
    if not _has_facts(span, known):
        return replace(value, complete=False, gap="no_facts")
    assert known is not None  # noqa: S101 - narrows a type: there are facts
    whole = value.complete and known[0] - span.since < DAY
    return replace(value, complete=whole, gap="nobody" if value.value is None else None)


def _closed_by(asked: _Asked, number: int) -> int:
    """When the last window that can start in the period is over."""
    until, days = asked.spans[number].until, asked.document.formula.days
    if not asked.cohorts:
        return until
    if days is None:
        return until + asked.request.window_hours * HOUR
    last = _last_day(asked.series.starts[number], asked.series.period)
    closes_on = last + timedelta(days=days.last)
    [span] = spans_of([closes_on], "day", asked.series.zone)
    return span.until


def _last_day(start: date, period: str) -> date:
    return day_after(start, period) - timedelta(days=1)


def _accounted(session: Session, found: Table, added: Added) -> dict[int, int]:
    """Events by the place of their reason: the nearest to counting of all their windows."""
    pairs = added.pairs.group_by("position").aggregate(nearest=added.pairs["rank"].max())
    met = found.left_join(pairs, "position", rname="pair_{name}")
    ranked = met.select(place=met.nearest.coalesce(met["rank"]).cast("int64"))
    counted = ranked.group_by("place").aggregate(events=ranked.count())
    return {int(row["place"]): int(row["events"]) for row in session.rows(counted)}


def _received(session: Session, request: MeasureRequest) -> int:
    """Facts of the KPI's types that ever arrived, counted apart from what became of them."""
    types = request.plan.types
    events = sum(arrivals(session, each, request.as_of).received for each in types)
    if SENT not in types:
        return events
    exposures = session.arrived("exposure")
    sent = exposures.filter(exposures.type == SENT)
    [found] = session.rows(sent.aggregate(sent=sent.count()))
    return events + int(found["sent"])


def _steps(asked: _Asked, rows: dict[int, Rows]) -> tuple[tuple[int, ...], ...]:
    names = [f"step{number}" for number in range(len(asked.request.plan.steps))]
    if not names:
        return ()
    return tuple(
        tuple(sum(int(row[name]) for row in rows.get(number, [])) for name in names)
        for number in range(len(asked.spans))
    )
