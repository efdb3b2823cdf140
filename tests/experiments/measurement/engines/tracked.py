"""KPIs over time, funnels and cohorts, asked of two engines: both must say the same."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from experiments.kpis.document import Events, KpiDocument, Tracking
from experiments.measurement.session import Session
from experiments.tracking.cohorts import CohortQuestion
from experiments.tracking.funnels import FunnelQuestion
from experiments.tracking.measured import measured_series
from experiments.tracking.measured_cohorts import measured_cohorts
from experiments.tracking.measured_funnels import measured_funnel
from experiments.tracking.series import SeriesRequest, Split
from tests.experiments.measurement.formula_logs import COSTS, FURTHER
from tests.experiments.measurement.ledger import SENT_AT

ZONE = "America/New_York"
AS_OF = SENT_AT + timedelta(days=11, hours=3)
FIRST, LAST = date(2025, 2, 24), date(2025, 3, 23)
COHORT, PERIOD = Tracking(base=Events("visit")), Tracking(by="period", base=Events("visit"))
EVERYBODY, ROLLING = Tracking(by="period"), Tracking(by="period", rolling_days=9)
VISITORS = replace(ROLLING, base=Events("visit"))
Asked = tuple[str, Tracking, str, dict[str, Any]]
# What differs in how it is measured: who is counted, windows that roll, order, times, groups.
SERIES: dict[str, Asked] = {
    "by day of everybody": ("terms", EVERYBODY, "day", {}),
    "rolling actives": ("numbers", ROLLING, "day", {}),
    "rolling, of visitors": ("numbers", VISITORS, "week", {}),
    "cohorts by week": ("terms", COHORT, "week", {}),
    "local days after": ("local days", COHORT, "day", {}),
    "a channel": ("per sent", EVERYBODY, "week", {"channel": "email"}),
    "a segment": ("numbers", COHORT, "week", {"segment": "active"}),
    "a quantile by month": ("quantile", EVERYBODY, "month", {}),
    "a time": ("since", COHORT, "week", {}),
    "steps in order": ("funnel", COHORT, "week", {}),
    "who fulfils": ("required", PERIOD, "week", {}),
    "rolling quantile": ("quantile", ROLLING, "week", {}),
    "cohorts by quarter": ("per sent", COHORT, "quarter", {}),
}  # fmt: skip
# Where each takes long: everybody by day with a channel, windows that roll, cohorts.
ESSENTIAL = ("rolling actives", "cohorts by week", "a channel")
FUNNELS: dict[str, dict[str, Any]] = {
    "channel": {"by": "channel"},
    "property": {"by": "property:category"},
    "segment": {"segment": "active"},
}
COHORTS: dict[str, dict[str, Any]] = {
    "days": {"unit": "day", "cohort": "week", "numbers": (0, 1, 3, 7)},
    "months": {"unit": "month", "cohort": "month", "numbers": (0, 1)},
}


def document_of(key: str, tracking: Tracking) -> KpiDocument:
    return replace(FURTHER[key], tracking=tracking, covariate_days=None)


def series_request(asked: Asked) -> SeriesRequest:
    key, tracking, period, other = asked
    request = SeriesRequest(
        1, document_of(key, tracking), period, FIRST, LAST, zone=ZONE, costs=COSTS, as_of=AS_OF
    )
    return replace(request, **other)


def split_request() -> SeriesRequest:
    """Only events of one category; what is divided by stays whole."""
    tracking = replace(PERIOD, split_by=("category",))
    return replace(
        series_request(("numbers", tracking, "week", {})), split=Split("category", "shoes")
    )


def funnel_question(changes: dict[str, Any]) -> FunnelQuestion:
    steps = (Events("visit"), Events("click"), Events("purchase"))
    question = FunnelQuestion(
        project_id=1, steps=steps, since=FIRST, until=LAST, window_hours=72, as_of=AS_OF, zone=ZONE
    )
    return replace(question, **changes)


def cohort_question(changes: dict[str, Any]) -> CohortQuestion:
    question = CohortQuestion(
        project_id=1, base=Events("visit"), back=Events("purchase"), cohort="week", unit="day",
        numbers=(1,), since=FIRST, until=LAST, as_of=AS_OF, zone=ZONE,
    )  # fmt: skip
    return replace(question, **changes)


def said(answer: Any) -> Any:
    """An answer without how it was asked."""
    return replace(answer, sql="", ledger_identity="", position=0)


def check_shop(ours: Session, theirs: Session, kpis: Iterable[KpiDocument]) -> None:
    """Tables of a shop's own, by day, and who bought again."""
    days = {"since": date(2025, 3, 9), "until": date(2025, 3, 13), "zone": "Asia/Seoul"}
    for kpi in kpis:
        tracked = replace(kpi, tracking=EVERYBODY)
        request = SeriesRequest(1, tracked, "day", as_of=AS_OF, **days)  # type: ignore[arg-type] # days and a zone
        expected = said(measured_series(ours, request))
        assert expected.used
        assert said(measured_series(theirs, request)) == expected, kpi.key
    again = cohort_question({"base": Events("purchase"), "cohort": "day", "numbers": (0, 1)})
    assert said(measured_cohorts(theirs, again)) == said(measured_cohorts(ours, again))


def check_series(ours: Session, theirs: Session, names: Iterable[str] = SERIES) -> None:
    for name in names:
        request = series_request(SERIES[name])
        expected = said(measured_series(ours, request))
        assert any(each.value is not None for each in expected.values), name
        assert said(measured_series(theirs, request)) == expected, name


def check_split(ours: Session, theirs: Session) -> None:
    request = split_request()
    expected = said(measured_series(ours, request))
    assert expected.excluded["property_filter"]
    assert said(measured_series(theirs, request)) == expected


def check_explored(ours: Session, theirs: Session) -> None:
    for changes in FUNNELS.values():
        funnel = funnel_question(changes)
        answer = said(measured_funnel(ours, funnel))
        assert answer.whole.reached[1]
        assert said(measured_funnel(theirs, funnel)) == answer, changes
    for changes in COHORTS.values():
        cohort = cohort_question(changes)
        table = said(measured_cohorts(ours, cohort))
        assert table.whole.customers
        assert said(measured_cohorts(theirs, cohort)) == table, changes
