"""A KPI's value and past before anybody uses it, and what would be its baseline."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from experiments.kpis.preview import Preview, PreviewRequest
from experiments.registry.message_costs import MessageCost
from experiments.tracking.baseline import (
    month_pattern,
    months_before,
    past_values,
    weekday_pattern,
)
from experiments.tracking.series import Series, SeriesRequest
from experiments.zones import zone


@dataclass(frozen=True)
class Previewer:
    """Looks the past of KPIs up; what :class:`experiments.kpis.preview.PreviewsKpi` asks for.

    Attributes:
        measure: As :func:`experiments.tracking.tracked.Tracker.series`.
        zone: IANA time zone of local days.
        costs: Of the project's messages.
    """

    measure: Callable[[SeriesRequest], Series]
    zone: str
    costs: tuple[MessageCost, ...] = ()

    def __call__(self, request: PreviewRequest) -> Preview:
        """Measure the past.

        Raises:
            NotMeasuredYet: Naming the part of the document that cannot be measured.
            Unavailable: If the engine cannot be reached; nothing is ever answered as zero.
        """
        asked = self._asked(request)
        points = self.measure(asked)
        by_day = points if request.period == "day" else self.measure(replace(asked, period="day"))
        return Preview(
            points=past_values(points),
            baseline=points.baseline,
            weekdays=weekday_pattern(by_day),
            months=month_pattern(by_day),
            excluded=dict(points.excluded),
            position=points.position or 0,
            sql=points.sql,
        )

    def _asked(self, request: PreviewRequest) -> SeriesRequest:
        today = request.as_of.astimezone(zone(self.zone)).date()
        return SeriesRequest(
            project_id=request.project_id,
            document=request.document,
            period=request.period,
            since=months_before(today, request.months),
            until=today,
            as_of=request.as_of,
            zone=self.zone,
            segment=request.segment,
            channel=request.channel,
            costs=self.costs,
        )
