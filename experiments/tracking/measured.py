"""The values of a KPI over time, measured from the facts of customers.

A period or a cohort is a population with anchors; what a formula makes of events, and kinds of
customers, is that of tests (``experiments/measurement``). Everything is added up exactly.
"""

from dataclasses import replace

from ibis.expr.types import Table

from experiments.kpis.measured import check_measured
from experiments.ledger.instants import microseconds
from experiments.measurement.arrivals import arrivals
from experiments.measurement.errors import DivisorBelowZero
from experiments.measurement.formula.days import DAY
from experiments.measurement.formula.windows import HOUR
from experiments.measurement.identity import certain
from experiments.measurement.kinds import MEASURED, KpiSample, Moment
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import Session, session_on
from experiments.tracking.judged import REASONS, facts, judged
from experiments.tracking.narrowed import tracking_of
from experiments.tracking.paired import Added, add_up, everybodys, pairs_of, rolling_sums
from experiments.tracking.populations import Population, base_events, periods, population, seen
from experiments.tracking.quotients import NOBODY, estimated, pooled, quotient_of
from experiments.tracking.readings import (
    Rows,
    events_by_reason,
    received_events,
    sums_by_period,
    waiting_by_period,
)
from experiments.tracking.ready import segment_of
from experiments.tracking.rolling import rolls
from experiments.tracking.series import PeriodValue, Series, SeriesRequest
from experiments.tracking.settled import Asked, closed_by, reach_of, settled
from experiments.tracking.slots import Windows
from experiments.tracking.stretches import Span

_USED = len(REASONS)


def measured_series(source: ReplicaState | Session, series: SeriesRequest) -> Series:
    """Measure a KPI for every period asked for, at the replica's position.

    Raises:
        NotMeasuredYet: If the KPI needs figures that arrive added up.
        UnknownSegment: If there is no such segment.
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    check_measured(series.document, "key")
    asked = settled(series)
    with session_on(source, series.project_id) as session:
        when = periods(session, asked.spans)
        events = facts(session, asked.request, asked.request.plan.types)
        found = session.keep(
            "judged",
            object(),
            lambda: judged(events, asked.request, asked.spans, reach_of(asked)),
        )
        could = found.filter(found["rank"] == REASONS.index("no_window"))
        counted, added = _added(session, asked, could, when)
        return _series(session, asked, found, counted, added)


def _added(session: Session, asked: Asked, could: Table, when: Windows) -> tuple[Population, Added]:
    """Who is counted, and what their events add up to."""
    request, tracking, spans = asked.request, tracking_of(asked.document), asked.spans
    segment, plan = segment_of(asked.series.segment), request.plan
    everybody = segment is None and not request.kpi.formula.requires
    if everybody and not asked.cohorts and rolls(spans, plan, request.place.calendar):
        base = tracking.base
        events = None if base is None else base_events(session, request, base)
        known = seen(session, request)
        added = rolling_sums(session, could, known, events, when, spans, plan)
        return Population(None, known), added
    counted = population(session, request, tracking, when, segment)
    if counted.units is None:
        return counted, everybodys(session, could, when, spans, plan)
    pairs = pairs_of(could, when, counted.units, cohorts=asked.cohorts)
    return counted, add_up(session, pairs, counted.units, plan)


def _series(
    session: Session, asked: Asked, found: Table, counted: Population, added: Added
) -> Series:
    rows = sums_by_period(session, asked, counted, added)
    waiting = waiting_by_period(session, counted) if asked.cohorts else {}
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
    by_reason = events_by_reason(session, found, added)
    return Series(
        period=asked.series.period,
        values=values,
        as_of=asked.series.as_of,
        received=received_events(session, asked.request),
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


def _sample(asked: Asked, number: int, rows: Rows) -> KpiSample | None:
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
    asked: Asked, number: int, sample: KpiSample | None, rows: Rows, waiting: int
) -> PeriodValue:
    found = NOBODY if sample is None else quotient_of(sample, total=asked.total)
    return PeriodValue(
        starts_on=asked.series.starts[number],
        units=found.units,
        numerator=found.numerator,
        denominator=found.denominator,
        value=found.value,
        complete=closed_by(asked, number) <= microseconds(asked.series.as_of),
        waiting=waiting,
        late=sum(int(row["late"]) for row in rows),
    )


def _known(session: Session, asked: Asked) -> tuple[int, int] | None:
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


def _steps(asked: Asked, rows: dict[int, Rows]) -> tuple[tuple[int, ...], ...]:
    names = [f"step{number}" for number in range(len(asked.request.plan.steps))]
    if not names:
        return ()
    return tuple(
        tuple(sum(int(row[name]) for row in rows.get(number, [])) for name in names)
        for number in range(len(asked.spans))
    )
