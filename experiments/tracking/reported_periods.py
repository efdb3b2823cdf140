"""Reported figures added up by period, for KPIs over time."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from experiments.errors import Invalid
from experiments.ledger.money import unscaled
from experiments.storage.projects import Project
from experiments.storage.tables import reported_values
from experiments.tracking.periods import day_after
from experiments.tracking.reported_lanes import Lanes
from experiments.tracking.reported_store import Wanted
from experiments.tracking.series import ReportedPeriod, SeriesRequest


def reported_series(
    db: Connection, project: Project, request: SeriesRequest, names: Collection[str]
) -> dict[str, dict[date, ReportedPeriod]]:
    """Figures added up by period, as :class:`experiments.tracking.series.ReportedSeries`.

    Money of another currency than the KPI's is held apart: it is not added.

    Raises:
        Invalid: If a segment or a property is asked for: these figures know no customers.
    """
    for name in ("segment", "split"):
        if getattr(request, name) is not None:
            raise Invalid(
                field=name,
                expected="none, since figures that arrive added up know no customers",
                got=str(getattr(request, name)),
            )
    last = request.as_of.astimezone(project.zone).date()
    starts = request.starts
    table = reported_values.c
    query: Select[Any] = select(
        table.series, table.day, table.channel, table.source, table.value, table.currency
    )
    wanted = Wanted(channel=request.channel)
    rows = db.execute(
        query.where(*wanted.conditions(project), table.series.in_(sorted(names)), table.day <= last)
    ).all()
    found: dict[str, dict[date, ReportedPeriod]] = {}
    for name in names:
        of_name = [row for row in rows if row.series == name]
        found[name] = dict(_by_period(of_name, starts, request, last))
    return found


def _by_period(
    rows: Sequence[Row[Any]], starts: Sequence[date], request: SeriesRequest, today: date
) -> Iterator[tuple[date, ReportedPeriod]]:
    fitting = [row for row in rows if _fits(row.currency, request)]
    lanes = Lanes.of((row.channel, row.source, row.day) for row in fitting)
    by_day: dict[date, list[Decimal]] = defaultdict(list)
    for row in fitting:
        by_day[row.day].append(unscaled(row.value, row.currency))
    days = sorted(by_day)
    for start in starts:
        end = day_after(start, request.period)
        inside = [value for day in days if start <= day < end for value in by_day[day]]
        if inside:
            complete = end <= today and lanes.complete(start, end)
            yield start, ReportedPeriod(sum(inside, Decimal(0)), len(inside), complete)


def _fits(currency: str | None, request: SeriesRequest) -> bool:
    """Numbers without a currency fit every KPI, as clicks do under a cost."""
    return currency is None or currency == request.document.currency
