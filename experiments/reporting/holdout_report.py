"""Whether all messages together are worth it: customers who get no test against as many who do.

A rate or a mean over a stretch of time, of the customers known before the holdout began. What
the messages cost is no estimate, so revenue per cost has the interval of the revenue over it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from experiments.assignment.gates import COMPARED, HELD_OUT, Holdout
from experiments.errors import Invalid
from experiments.kpis.catalog import get_kpi
from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.measurement.formula.plan import SENT
from experiments.measurement.held_out import Stay, held_out_samples
from experiments.measurement.replica import Replica
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session, open_session
from experiments.registry import keyed
from experiments.registry.holdouts import HOLDOUT, StoredHoldout
from experiments.registry.message_costs import MessageCost, message_costs_of
from experiments.reporting.holdout_facts import HoldoutGroup, HoldoutReport, Incremental, Return
from experiments.reporting.ranges import Range
from experiments.storage.database import Database
from experiments.storage.projects import Project
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.means import compare_means
from stats.proportions import compare_proportions

KINDS = ("proportion", "mean")
CONFIDENCE = 0.95
LONGEST_DAYS = 731
_DAY = timedelta(days=1)


class KpiNotOverTime(Invalid):
    """A holdout is held against a KPI that is no rate and no mean of what customers did."""

    template = "the KPI {key!r} cannot be held against a holdout: expected a rate or a mean"


@dataclass(frozen=True)
class Question:
    """Which KPI over which time; from the holdout's begin until now where nothing is said."""

    kpi: str
    since: datetime | None = None
    until: datetime | None = None


def holdout_report(
    database: Database,
    replica: Replica,
    project: Project,
    key: str,
    question: Question,
    *,
    now: datetime,
) -> HoldoutReport:
    """Hold a holdout against a KPI.

    Raises:
        NotFound: If the project has no such holdout, or no such KPI.
        Invalid: If the KPI is neither rate nor mean, or the time is none.
        DatabaseUnavailable: If the database does not answer.
    """
    with database.reading() as db:
        holdout, kpi, costs = _asked(db, project, key, question.kpi)
    stay = _stay(holdout, question, now)
    state = replica.refresh()
    with open_session(state, project.id) as session:
        request = _request(project, kpi, costs, stay)
        samples = held_out_samples(session, request, stay)
        spent = _spent(session, request, stay) if kpi.unit_of_measure == "money" else None
    compare: Callable[..., Lift] = (
        compare_proportions if kpi.kind == "proportion" else compare_means
    )
    found = _incremental(compare, samples)
    gap = found if isinstance(found, str) else None
    incremental = None if isinstance(found, str) else found
    return HoldoutReport(
        holdout=holdout.key,
        name=holdout.name,
        kpi=kpi.key,
        kpi_name=kpi.name,
        kind=kpi.kind,
        unit_of_measure=kpi.unit_of_measure,
        currency=kpi.currency,
        known_by=stay.known_by,
        since=stay.until - stay.days * _DAY,
        until=stay.until,
        groups=tuple(_group(name, sample) for name, sample in samples.items()),
        incremental=incremental,
        returns=_returns(incremental, spent, samples[COMPARED].units),
        gap=gap,
        ledger_position=state.position,
    )


def _asked(
    db: Connection, project: Project, key: str, kpi: str
) -> tuple[StoredHoldout, KpiDocument, tuple[MessageCost, ...]]:
    holdout = keyed.get(db, HOLDOUT, project, key)
    document = get_kpi(db, project, kpi).document
    absent = any(term.value == "absence" for _, term in document.formula.terms)
    if document.kind not in KINDS or absent:
        raise KpiNotOverTime(field="kpi", key=kpi)
    return holdout, document, tuple(message_costs_of(db, project).costs)


def _stay(holdout: StoredHoldout, question: Question, now: datetime) -> Stay:
    """The whole days between the two moments, up to the later one.

    Raises:
        Invalid: If the time begins before the holdout did, ends in the future, or is no day long.
    """
    began = holdout.created_at
    since, until = question.since or began, question.until or min(now, holdout.ended_at or now)
    if since < began:
        raise Invalid(field="since", expected="a moment after the holdout began", got=str(since))
    if until > now:
        raise Invalid(field="until", expected="a moment that has come", got=str(until))
    days = min(LONGEST_DAYS, (until - since) // _DAY)
    if days < 1:
        raise Invalid(field="until", expected="at least a day after since", got=str(until))
    drawn = Holdout(holdout.key, holdout.seed, holdout.buckets)
    return Stay(drawn, began.astimezone(UTC), until.astimezone(UTC), days)


def _request(
    project: Project, kpi: KpiDocument, costs: tuple[MessageCost, ...], stay: Stay
) -> MeasureRequest:
    return MeasureRequest(
        project_id=project.id,
        experiment_id=0,
        anchor="assignment",
        variants=(),
        as_of=stay.until,
        allocation="external",
        kpi=replace(kpi, covariate_days=stay.days),
        window_hours=24 * stay.days,
        zone=project.time_zone,
        costs=costs,
    )


def _spent(session: Session, request: MeasureRequest, stay: Stay) -> float:
    """What messages to the compared group cost beyond those to the held out, per customer."""
    cost = KpiDocument(
        "message-cost", Text("메시지 비용", "Message cost"), "mean",
        Formula(SENT, "message_cost", 24 * stay.days), "money", currency=request.kpi.currency,
    )  # fmt: skip
    samples = held_out_samples(session, replace(request, kpi=cost), stay)
    means = {name: found.mean if found.units else 0.0 for name, found in samples.items()}
    return float(means[COMPARED] - means[HELD_OUT])


def _incremental(compare: Callable[..., Lift], samples: dict[str, Any]) -> Incremental | str:
    compared = samples[COMPARED]
    try:
        lift = compare(samples[HELD_OUT], compared, confidence=CONFIDENCE)
    except NotEnoughData as reason:
        return reason.reason
    interval, units = lift.absolute.interval, compared.units
    return Incremental(
        per_customer=lift.absolute.value,
        interval=Range(interval.lower, interval.upper),
        in_group=lift.absolute.value * units,
        in_group_interval=_times(Range(interval.lower, interval.upper), units),
        relative=lift.relative.value,
        p_value=lift.p_value,
        shown=lift.significant,
        method=lift.method,
    )


def _returns(found: Incremental | None, spent: float | None, units: int) -> Return | None:
    if found is None or not spent or spent <= 0:
        return None
    return Return(spent * units, found.per_customer / spent, _times(found.interval, 1 / spent))


def _times(between: Range, factor: float) -> Range:
    lower, upper = between.lower, between.upper
    return Range(
        None if lower is None else lower * factor, None if upper is None else upper * factor
    )


def _group(name: str, sample: Any) -> HoldoutGroup:
    rate = hasattr(sample, "successes")
    total = float(sample.successes) if rate else sample.total / sample.scale
    value = total / sample.units if sample.units else None
    return HoldoutGroup(name, sample.units, total, value)
