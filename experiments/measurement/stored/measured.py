"""Measuring by what is stored: the answers of ``measure``, to the last digit, sooner."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from experiments.measurement.anchors import ANALYSED
from experiments.measurement.arrivals import arrivals_of
from experiments.measurement.engines.duckdb import DuckDbEngine
from experiments.measurement.errors import ReplicaUnreadable, TooLargeToSum
from experiments.measurement.kinds import KpiSample
from experiments.measurement.measure import Measurement, MeasureRequest, measure
from experiments.measurement.placed import met_since, settled
from experiments.measurement.replica import ReplicaState
from experiments.measurement.scanners import SCANNED
from experiments.measurement.session import Session
from experiments.measurement.stored.answer import Answer, is_ahead, is_current, read_answer
from experiments.measurement.stored.definition import definition_of
from experiments.measurement.stored.provenance import Describer
from experiments.measurement.stored.refresh import brought_up
from experiments.measurement.stored.sheet import Sheet, free_columns, sheets_of
from experiments.measurement.stored.shelf import Shelf
from experiments.measurement.stored.values import FREE
from experiments.measurement.stored.whole import accounting_of, outcomes_marked, outcomes_of
from experiments.measurement.telling import Sums, measurement_of, samples_of

SMALLEST = 200_000
# The engine sums no more digits than this.
_TOO_LARGE = 10**38
Rows = list[dict[str, Any]]


def measure_stored(
    session: Session, requests: Sequence[MeasureRequest], *, smallest: int = SMALLEST
) -> list[Measurement]:
    """Measure several KPIs, by what is stored of them; what is not is measured and stored.

    The answers are those of :func:`experiments.measurement.measure.measure`. It is asked
    itself for moments before the one that is stored, and where nothing can be stored.

    Args:
        session: On the replica, of the project of all requests.
        requests: In any number; those that differ by their KPI only are measured together.
        smallest: Of projects with fewer facts nothing is stored: measuring takes less.

    Raises:
        ReplicaUnreadable, TooLargeToSum, DivisorBelowZero, TooMuchToMeasure: As ``measure``.
    """
    if not requests:
        return []
    if not _can_store(session, smallest):
        return [measure(session, each) for each in requests]
    asked = [settled(session, each) for each in requests]
    found = {
        definition_of(each): None if answer is None else _told(session, sheet, place, answer)
        for sheet, answer in _answers(session, asked)
        for place, each in enumerate(sheet.requests)
    }
    known = [found[definition_of(each)] for each in asked]
    return [
        measure(session, request) if each is None else each
        for request, each in zip(requests, known, strict=True)
    ]


def samples_by_day(
    session: Session, requests: Sequence[MeasureRequest]
) -> list[dict[int, dict[str, KpiSample]] | None]:
    """The samples of several KPIs by the local day of the anchor, and by variant.

    A day is named by the microseconds from 1970 to its midnight, on a clock that never
    changed. Samples of all days add up to those of :func:`measure_stored`.

    Returns:
        None for a KPI of which nothing can be stored.
    """
    asked = [settled(session, each) for each in requests]
    found = {
        definition_of(each): None if answer is None else _by_day(each, answer.sums[place])
        for sheet, answer in _answers(session, asked)
        for place, each in enumerate(sheet.requests)
    }
    return [found[definition_of(each)] for each in asked]


def _by_day(request: MeasureRequest, rows: Rows) -> dict[int, dict[str, KpiSample]]:
    days: dict[int, Rows] = {}
    for row in rows:
        days.setdefault(row["day"], []).append(row)
    return {day: samples_of(days[day], request, request.plan) for day in sorted(days)}


def _answers(
    session: Session, asked: Sequence[MeasureRequest]
) -> Iterator[tuple[Sheet, Answer | None]]:
    for sheet in sheets_of(asked, partial(met_since, session, asked[0])):
        yield sheet, _answer(session, sheet)


def _can_store(session: Session, smallest: int) -> bool:
    state, project_id = session.state, session.project_id
    if not isinstance(state, ReplicaState) or state.earlier:
        return False
    facts = state.rows(project_id, "exposure") + state.rows(project_id, "event")
    return isinstance(session.engine, DuckDbEngine) and facts >= smallest


def _answer(session: Session, sheet: Sheet) -> Answer | None:
    """What is stored of a sheet, brought up; None where it has to be measured anew."""
    state = session.state
    if not (isinstance(state, ReplicaState) and sheet.can_be_kept):
        return None
    shelf = Shelf(state, session.project_id, sheet.name)
    kept = shelf.read()
    if kept is not None and is_ahead(kept, session, sheet):
        return None
    if kept is not None and is_current(kept, session, sheet):
        found = read_answer(shelf, kept)
        if found is not None:
            return found
    try:
        return brought_up(session, sheet, shelf)
    except OSError:
        return None
    except ReplicaUnreadable:
        shelf.forget()
        raise


def _told(session: Session, sheet: Sheet, place: int, answer: Answer) -> Measurement:
    request, matures_at = sheet.requests[place], answer.kept.matures_at
    rows = [row | {"closes_at": matures_at} for row in answer.sums[place]]
    plan, whole = request.plan, answer.kept.whole
    _check_size(rows)
    event = request.kpi.formula.event
    if sheet.is_plain:
        outcomes = outcomes_marked(answer.marked, answer.kept.meaning, place)
    else:
        outcomes = outcomes_of(rows)
    sums = Sums(
        capped=rows,
        uncapped=_freely(rows) if free_columns(plan) else None,
        covariates=_past(rows) if request.kpi.covariate_days is not None else None,
        accounting=accounting_of(request, outcomes, whole),
        scanned=whole.scanned if SCANNED in plan.types else None,
        arrivals=arrivals_of(whole.arrivals.get(event), request.as_of),
    )
    found = measurement_of(sums, request, session)
    return replace(found, sql=Describer(session).sql_of(request))


def _freely(rows: Rows) -> Rows:
    """The rows with the sums that no cap has changed."""
    return [
        row | {name.removeprefix(FREE): row[name] for name in row if name.startswith(FREE)}
        for row in rows
    ]


def _past(rows: Rows) -> Rows:
    """A row for each variant, of those analysed."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["standing"] == ANALYSED:
            held = found.setdefault(row["variant"], {"variant": row["variant"]})
            for name in row.keys() - {"day", "variant", "standing", "closes_at"}:
                held[name] = held.get(name, 0) + row[name]
    return list(found.values())


def _check_size(rows: Rows) -> None:
    """Refuse what the engine would, which adds up by variant and standing.

    Raises:
        TooLargeToSum: Past 38 digits.
    """
    sums: dict[tuple[Any, ...], int] = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int):
                group = row["variant"], row["standing"], name
                sums[group] = sums.get(group, 0) + value
    if any(abs(total) >= _TOO_LARGE for total in sums.values()):
        raise TooLargeToSum(field="kpi")
