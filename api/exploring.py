"""What routes and pages ask of customers over time: funnels, cohorts, changes, correlation.

What measures is slow to import, so that nothing here loads it before it is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from api import tracking
from api.auth import caller
from api.db import reading
from api.runtime import runtime
from experiments.kpis.catalog import Kpi
from experiments.kpis.terms import Events
from experiments.tracking.cohorts import USUAL_NUMBERS, CohortQuestion, CohortTable
from experiments.tracking.compared import CHANNEL, Comparison, compared
from experiments.tracking.correlations import Correlation, Foretelling
from experiments.tracking.funnels import Funnel, FunnelQuestion


@dataclass(frozen=True)
class Together:
    """Two KPIs held against each other over time.

    Attributes:
        found: The answer.
        as_of, position: Of the older of the two pasts; no position of reported figures alone.
    """

    found: Correlation
    as_of: datetime
    position: int | None


def funnel_of(
    steps: tuple[Events, ...],
    *,
    since: date,
    until: date,
    window_hours: int,
    by: str | None = None,
    segment: str | None = None,
    as_of: datetime | None = None,
) -> Funnel:
    """How far the customers of the caller's project came."""
    project = caller().project
    question = FunnelQuestion(
        project_id=project.id,
        steps=steps,
        since=since,
        until=until,
        window_hours=window_hours,
        as_of=tracking.moment(as_of),
        zone=project.time_zone,
        by=by,
        segment=segment,
    )
    from experiments.tracking.measured_funnels import measured_funnel  # noqa: PLC0415 - slow to import

    return measured_funnel(runtime().replica.refresh(), question)


def funnel_of_kpi(kpi: Kpi, **asked: Any) -> Funnel:
    """The funnel that a KPI's document names."""
    formula = kpi.document.formula
    steps = tuple(_events(step) for step in formula.steps)
    return funnel_of(steps, window_hours=formula.longest_hours, **asked)


def _events(step: Events) -> Events:
    names = ("event", "machine", "where", "filters", "channels")
    return Events(**{name: getattr(step, name) for name in names})


def cohorts_of(query: Mapping[str, Any]) -> CohortTable:
    """Who came back, of those who began in each period."""
    project = caller().project
    question = CohortQuestion(
        project_id=project.id,
        base=Events(query["base"]),
        back=Events(query["back"]),
        cohort=query["cohort"],
        unit=query["unit"],
        numbers=query.get("numbers") or USUAL_NUMBERS[query["unit"]],
        since=query["from_"],
        until=query["to"],
        as_of=tracking.moment(query.get("as_of")),
        zone=project.time_zone,
    )
    from experiments.tracking.measured_cohorts import measured_cohorts  # noqa: PLC0415 - slow to import

    return measured_cohorts(runtime().replica.refresh(), question)


def change_of(
    kpi: Kpi, period: str, before: date, after: date, by: str, as_of: datetime | None = None
) -> "Comparison":
    """The change of a KPI from one period to another, split."""
    from experiments.tracking.channels_seen import (  # noqa: PLC0415 - slow to import
        channels_of_events,
        channels_of_figures,
    )

    me, document = caller(), kpi.document
    asked = runtime().tracker.asked(me.project, document, period, tracking.moment(as_of))
    channels: set[str] = set()
    if by == CHANNEL:
        state = runtime().replica.refresh()
        channels = channels_of_events(state, me.project, document)
        with reading() as db:
            channels |= channels_of_figures(db, me.project, document)
    measure = partial(runtime().tracker.series, me.project)
    return compared(measure, asked, before=before, after=after, by=by, channels=channels)


def correlation_of(first: Kpi, second: Kpi, query: Mapping[str, Any]) -> Together:
    """Whether two KPIs moved together, and which first."""
    from experiments.tracking.correlation import correlate  # noqa: PLC0415 - slow to import

    asked = {name: query[name] for name in ("period", "as_of", "from_", "to")}
    asked |= {"segment": None, "channel": None, "split": None}
    pasts = [tracking.values_of(kpi, asked) for kpi in (first, second)]
    points = [
        [(each.starts_on, each.value) for each in past.complete if each.value is not None]
        for past in pasts
    ]
    found = correlate(points[0], points[1], query["period"], query["lags"])
    positions = [past.position for past in pasts if past.position is not None]
    return Together(found, min(past.as_of for past in pasts), min(positions, default=None))


def foretelling_of(
    leading: Kpi, lagging: Kpi, as_of: datetime | None = None
) -> tuple[Foretelling, datetime]:
    """Whether, in past tests, the lift of one KPI foretold that of another; and as of when."""
    return foretelling_maker(leading, lagging, as_of)()


def foretelling_soon(leading: Kpi, lagging: Kpi) -> tuple[Foretelling, datetime]:
    """The same as of now, for a page: reports of many tests may take long.

    Raises:
        StillComputing: If it is not there in time; the next look may find it.
    """
    soon = runtime().soon
    name = ("foretold", caller().project.id, leading.document.key, lagging.document.key)
    return soon.get(name, foretelling_maker(leading, lagging, None), soon.until())


def foretelling_maker(
    leading: Kpi, lagging: Kpi, as_of: datetime | None
) -> Callable[[], tuple[Foretelling, datetime]]:
    """What finds it, without needing anything of the request any more."""
    held, project, now = runtime(), caller().project, tracking.moment(as_of)
    names = (leading.document.key, lagging.document.key)

    def make() -> tuple[Foretelling, datetime]:
        from experiments.tracking.past_tests import foretelling, tests_with  # noqa: PLC0415 - slow to import

        with held.database.reading() as db:
            keys = tests_with(db, project, *names)
        report_of = partial(held.reports.report, project, now=now)
        return foretelling(keys, report_of, *names), now

    return make
