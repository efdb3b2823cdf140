"""KPIs outside of tests, for whoever asks: measured at the ledger's end, kept while it stands."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Lock

from experiments.kpis.document import KpiDocument
from experiments.kpis.kinds import SHARES
from experiments.kpis.preview import Preview, PreviewRequest
from experiments.measurement.replica import Replica
from experiments.registry.message_costs import MessageCost, message_costs_of
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.tracking.annotations import Annotation, annotations_of
from experiments.tracking.calendar import holidays_of
from experiments.tracking.composed import composed_series
from experiments.tracking.forecast import (
    FEWEST,
    Forecast,
    History,
)
from experiments.tracking.pace import Between, Standing, standing
from experiments.tracking.pasts import (
    AsWritten,
    adds_up,
    days_in,
    days_of,
    finer_periods,
    of_due,
    remembered,
    unbroken,
)
from experiments.tracking.periods import day_after, first_day
from experiments.tracking.preview import Previewer
from experiments.tracking.reported_periods import reported_series
from experiments.tracking.series import ReportedPeriod, Series, SeriesRequest
from experiments.zones import zone

# A value that nothing new came for changes by the clock alone.
STANDS = timedelta(seconds=15)
MOST_KEPT = 200
# How much past a forecast learns from, and a page shows, in days.
REACH = {"day": 400, "week": 730, "month": 1_826, "quarter": 3_652}
_THEN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Outlook:
    """A KPI against its target, and what may come.

    Attributes:
        series: In the KPI's own period.
        past: What the forecast learned from.
        forecast: In its own period, or in a finer one where the past is too short.
        standing: None without a target.
        annotations: Of the time shown, to come too.
    """

    series: Series
    past: Series
    forecast: Forecast
    standing: Standing | None
    annotations: tuple[Annotation, ...]


class Tracker:
    """Measures KPIs over time.

    Args:
        database: Where KPIs, costs and figures are.
        replica: Of its ledger.
    """

    def __init__(self, database: Database, replica: Replica) -> None:
        self._database = database
        self._replica = replica
        self._kept: OrderedDict[str, tuple[tuple[str, int], Series]] = OrderedDict()
        self._lock = Lock()

    def series(self, project: Project, request: SeriesRequest) -> Series:
        """The values of a KPI, everything accepted so far in them.

        Raises:
            NotMeasuredYet, UnknownSegment: As :func:`measured_series`.
            ReplicaUnreadable, DatabaseUnavailable: Where nothing can be read.
        """
        if request.document.formula.series:
            return composed_series(
                request, partial(self.series, project), partial(self._reported, project)
            )
        return self._measured(request)

    def asked(
        self, project: Project, document: KpiDocument, period: str, as_of: datetime
    ) -> SeriesRequest:
        """A request for as much past as a period's charts and forecasts have."""
        with self._database.reading() as db:
            costs = message_costs_of(db, project).costs
        today = as_of.astimezone(zone(project.time_zone)).date()
        return SeriesRequest(
            project_id=project.id,
            document=document,
            period=period,
            since=first_day(today - timedelta(days=REACH[period]), period),
            until=today,
            as_of=as_of,
            zone=project.time_zone,
            costs=costs,
        )

    def preview(self, project: Project, request: PreviewRequest) -> Preview:
        """The past of a document, saved or not."""
        with self._database.reading() as db:
            costs: tuple[MessageCost, ...] = message_costs_of(db, project).costs
        look = Previewer(partial(self.series, project), project.time_zone, costs)
        return look(request)

    def forecast(
        self, project: Project, series: Series, document: KpiDocument, until: date
    ) -> Forecast:
        """What may come after a series, up to the period that holds a day."""
        longer = document.aggregation_period
        by = longer if series.period == "day" and longer in {"week", "month", "quarter"} else None
        if not adds_up(document):
            by = None
        if by is not None:
            until = day_after(first_day(until, by), by) - timedelta(days=1)
        past = AsWritten(self._history(project, series, document, until))
        return remembered(past, until, by)

    def outlook(
        self,
        project: Project,
        document: KpiDocument,
        *,
        since: date,
        as_of: datetime,
        until: date | None = None,
    ) -> Outlook:
        """Everything that a KPI's page says.

        Args:
            project: The KPI's.
            document: With its target.
            since: When the way to the target began.
            as_of: The moment looked at.
            until: How far to look ahead; None: to the target's day, or a quarter.
        """
        today = as_of.astimezone(zone(project.time_zone)).date()
        due = document.target.due_on if document.target else None
        until = until or (due if due is not None and due > today else today + timedelta(days=91))
        period = document.aggregation_period or "week"
        series = self.series(project, self.asked(project, document, period, as_of))
        past = self._long_enough(project, document, series, as_of)
        ahead = self.forecast(project, past, document, until)
        at_due = None if due is None else of_due(ahead, series, document, due)
        last = series.complete[-1] if series.complete else None
        facts = standing(
            document,
            actual=None if last is None else last.value,
            between=None if series.between is None else Between(*series.between),
            forecast=None if at_due is None else Between(at_due.lower, at_due.upper),
            today=today,
            since=since,
        )
        return Outlook(series, past, ahead, facts, self._notes(project, document, series, until))

    def _long_enough(
        self, project: Project, document: KpiDocument, series: Series, as_of: datetime
    ) -> Series:
        """The series, or in finer periods where it is too short to learn from."""
        finer = ["day"] if adds_up(document) else finer_periods(series.period)
        if len(unbroken(series)) >= FEWEST[series.period]:
            return series
        for period in finer:
            found = self.series(project, self.asked(project, document, period, as_of))
            if len(unbroken(found)) >= FEWEST[period]:
                return found
        return series

    def _history(
        self, project: Project, series: Series, document: KpiDocument, until: date
    ) -> History:
        values = unbroken(series)
        first = values[0][0] if values else until
        off = holidays_of(project.time_zone, first, day_after(until, series.period), "en")
        notes = self._stored(project, document, first, until)
        campaigns = [note for note in notes if note.kind == "campaign"]
        outages = [note for note in notes if note.kind == "outage"]
        return History(
            period=series.period,
            values=tuple(values),
            holidays=days_in(series.period, off),
            campaigns=days_in(series.period, days_of(campaigns, until)),
            outages=frozenset(days_in(series.period, days_of(outages, until))),
            share=document.kind in SHARES,
        )

    def _notes(
        self, project: Project, document: KpiDocument, series: Series, until: date
    ) -> tuple[Annotation, ...]:
        first = next((each.starts_on for each in series.values if each.value is not None), until)
        return tuple(self._stored(project, document, first, until))

    def _stored(
        self, project: Project, document: KpiDocument, since: date, until: date
    ) -> list[Annotation]:
        with self._database.reading() as db:
            return annotations_of(db, project, document.key, since, until)

    def _reported(
        self, project: Project, request: SeriesRequest, names: Collection[str]
    ) -> Mapping[str, Mapping[date, ReportedPeriod]]:
        with self._database.reading() as db:
            return reported_series(db, project, request, names)

    def _measured(self, request: SeriesRequest) -> Series:
        from experiments.tracking.measured import measured_series  # noqa: PLC0415 - loads the engine

        state = self._replica.refresh()
        made_of = (state.ledger_identity, state.position)
        name = repr((replace(request, as_of=_THEN), request.costs))
        with self._lock:
            kept = self._kept.get(name)
        if kept is not None and kept[0] == made_of and _stands(kept[1], request):
            return kept[1]
        found = measured_series(state, request)
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = (made_of, found)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def _stands(series: Series, request: SeriesRequest) -> bool:
    return timedelta(0) <= request.as_of - series.as_of < STANDS
