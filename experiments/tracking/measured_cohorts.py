"""Cohort tables, measured from the facts of customers."""

from datetime import date, timedelta
from typing import Any

import ibis
from ibis.expr.types import IntegerValue, Table

from experiments.ledger.instants import microseconds
from experiments.measurement.formula.days import DAY, Calendar, Stretch
from experiments.measurement.formula.requirements import chosen
from experiments.measurement.identity import certain
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import Session, session_on
from experiments.tracking.cohorts import (
    Began,
    CohortQuestion,
    CohortTable,
    rows_of,
    whole_of,
)
from experiments.tracking.periods import day_after, first_day
from experiments.tracking.ready import beginning

_FIRST = date(1970, 1, 1)


def measured_cohorts(source: ReplicaState | Session, question: CohortQuestion) -> CohortTable:
    """Measure a table at the replica's position.

    Raises:
        ReplicaUnreadable, TooMuchToMeasure: As the engine finds.
    """
    with session_on(source, question.project_id) as session:
        calendar = _calendar(question)
        began = session.keep("began", object(), lambda: _began(session, question, calendar))
        found = _by_day(session.rows(_returned(session, question, began, calendar)), question)
        return CohortTable(
            question,
            rows_of(question, found),
            whole_of(question, found),
            session.state.ledger_identity,
            session.state.position,
            session.sql,
        )


def _calendar(question: CohortQuestion) -> Calendar:
    since = beginning(question.starts[0], question.zone)
    return Stretch(question.zone, since, max(since, microseconds(question.as_of))).calendar


def _began(session: Session, question: CohortQuestion, calendar: Calendar) -> Table:
    """Rows of ``unit_id``, ``at`` and ``day``: customers of the cohorts asked for."""
    events = certain(session.events)
    made = events.filter(
        chosen(events, question.base),
        events.unit_id.notnull(),
        events.occurred_at <= microseconds(question.as_of),
    )
    first = made.group_by("unit_id").aggregate(at=made.occurred_at.min())
    first = first.mutate(day=calendar.day_of(first["at"]))
    last = day_after(question.starts[-1], question.cohort)
    return first.filter(
        first["at"] >= beginning(question.starts[0], question.zone),
        first["at"] < beginning(last, question.zone),
    )


def _returned(
    session: Session, question: CohortQuestion, began: Table, calendar: Calendar
) -> Table:
    """Rows of ``day``, ``customers`` and, for each column, how many of them came back."""
    events = certain(session.events)
    made = events.filter(
        chosen(events, question.back),
        events.occurred_at <= microseconds(question.as_of),
    )
    met = made.inner_join(began, made.unit_id == began.unit_id, rname="began_{name}")
    met = met.filter(met.occurred_at >= met["at"])
    day = calendar.day_of(met.occurred_at)
    later = met.select("unit_id", later=_later(met.day, day, question)).distinct()
    per_unit = later.group_by("unit_id").aggregate(
        **{f"n{number}": (later.later == number).any() for number in question.columns}
    )
    every = began.left_join(per_unit, "unit_id", rname="back_{name}")
    return every.group_by("day").aggregate(
        customers=every.count(),
        **{f"n{number}": every[f"n{number}"].fill_null(False).sum() for number in question.columns},
    )


def _later(began: IntegerValue, day: IntegerValue, question: CohortQuestion) -> IntegerValue:
    """How many days or months lie between two local days."""
    if question.unit == "day":
        days: IntegerValue = ((day - began) / DAY).cast("int64")
        return days
    months: IntegerValue = _month(day, question) - _month(began, question)
    return months


def _month(day: IntegerValue, question: CohortQuestion) -> IntegerValue:
    """Number of the month that a local day lies in, counted from the first one asked for."""
    start, steps = first_day(question.starts[0], "month"), []
    while start <= max(question.today, question.starts[-1]):
        steps.append(start)
        start = day_after(start, "month")
    numbered = [
        (day >= ibis.literal((each - _FIRST).days * DAY, "int64"), ibis.literal(number, "int64"))
        for number, each in enumerate(steps)
    ]
    found: IntegerValue = ibis.cases(*reversed(numbered), else_=ibis.literal(-1, "int64"))
    return found


def _by_day(rows: list[dict[str, Any]], question: CohortQuestion) -> dict[date, Began]:
    return {
        _FIRST + timedelta(microseconds=row["day"]): Began(
            row["customers"], {number: int(row[f"n{number}"]) for number in question.columns}
        )
        for row in rows
    }
