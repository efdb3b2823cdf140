"""A question for a KPI's values, settled: its document, its periods as instants, its request."""

from dataclasses import dataclass
from datetime import timedelta

from experiments.kpis.document import KpiDocument
from experiments.measurement.formula.windows import HOUR
from experiments.measurement.request import MeasureRequest
from experiments.tracking.narrowed import narrowed, tracking_of
from experiments.tracking.periods import day_after
from experiments.tracking.series import SeriesRequest
from experiments.tracking.stretches import Span, spans_of


@dataclass(frozen=True)
class Asked:
    """One measurement, settled."""

    series: SeriesRequest
    document: KpiDocument
    request: MeasureRequest
    spans: tuple[Span, ...]

    @property
    def cohorts(self) -> bool:
        """Whether windows are the customers' own."""
        return tracking_of(self.document).by == "cohort"

    @property
    def total(self) -> bool:
        """Whether a mean is read as the sum over all customers."""
        return tracking_of(self.document).aggregate == "total"


def settled(series: SeriesRequest) -> Asked:
    """The question with everything that it leaves to the document."""
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
    return Asked(series, document, request, spans)


def reach_of(asked: Asked) -> int:
    """How long after its period's end a window can be open."""
    return asked.document.formula.longest_hours * HOUR if asked.cohorts else 0


def closed_by(asked: Asked, number: int) -> int:
    """When the last window that can start in the period is over."""
    until, days = asked.spans[number].until, asked.document.formula.days
    if not asked.cohorts:
        return until
    if days is None:
        return until + asked.request.window_hours * HOUR
    last = day_after(asked.series.starts[number], asked.series.period) - timedelta(days=1)
    closes_on = last + timedelta(days=days.last)
    [span] = spans_of([closes_on], "day", asked.series.zone)
    return span.until
