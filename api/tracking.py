"""What routes and pages ask of KPIs over time: the caller's KPI, its moment, its values."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Response

from api.auth import caller
from api.db import reading
from api.runtime import runtime
from experiments.errors import Invalid
from experiments.kpis.catalog import Kpi, get_kpi
from experiments.tracking.series import PeriodValue, Series, Split
from experiments.zones import zone

if TYPE_CHECKING:
    from experiments.tracking.tracked import Outlook

COLUMNS = (
    "starts_on", "units", "numerator", "denominator", "value", "complete", "waiting", "late", "gap",
)  # fmt: skip


def kpi_of(key: str) -> Kpi:
    """The caller's KPI; 404 if the project has none of that key."""
    with reading() as db:
        return get_kpi(db, caller().project, key)


def moment(as_of: datetime | None) -> datetime:
    """The moment looked at, now where none is named.

    Raises:
        Invalid: If it is still to come.
    """
    now = runtime().clock().astimezone(UTC)
    if as_of is not None and as_of > now:
        raise Invalid(field="as_of", expected="a moment that has come", got=as_of.isoformat())
    return now if as_of is None else as_of.astimezone(UTC)


def values_of(kpi: Kpi, query: Mapping[str, Any]) -> Series:
    """The values that a query asks for; without a first day, from the first that has one."""
    project, document = caller().project, kpi.document
    period = query["period"] or document.aggregation_period or "week"
    asked = runtime().tracker.asked(project, document, period, moment(query["as_of"]))
    asked = replace(
        asked,
        since=query["from_"] or min(asked.since, query["to"] or asked.since),
        until=query["to"] or max(asked.until, query["from_"] or asked.until),
        segment=query["segment"],
        channel=query["channel"],
        split=_split(query["split"]),
    )
    found = runtime().tracker.series(project, asked)
    return found if query["from_"] else _from_the_first(found)


def outlook_of(kpi: Kpi, as_of: datetime | None, until: date | None = None) -> "Outlook":
    """A KPI against its target, and what may come."""
    project = caller().project
    began = kpi.created_at.astimezone(zone(project.time_zone)).date()
    return runtime().tracker.outlook(
        project, kpi.document, since=began, as_of=moment(as_of), until=until
    )


def outlook_soon(kpi: Kpi) -> "Outlook":
    """A KPI against its target as of now, for a page.

    Raises:
        StillComputing: If it is not there in time; the next look may find it.
    """
    held, project, at = runtime(), caller().project, moment(None)
    began = kpi.created_at.astimezone(zone(project.time_zone)).date()
    return held.soon.get(
        ("outlook", project.id, kpi.document.key, kpi.revision),
        lambda: held.tracker.outlook(project, kpi.document, since=began, as_of=at),
        held.soon.until(),
    )


def values_body(kpi: Kpi, series: Series) -> dict[str, Any]:
    """The values as :class:`api.schemas.tracking.ValuesSchema` describes them."""
    steps = series.steps or (None,) * len(series.values)
    between = (
        None
        if series.between is None
        else dict(zip(("lower", "upper"), series.between, strict=True))
    )
    return {
        "kpi": kpi.document.key,
        "version": kpi.version,
        "unit_of_measure": kpi.document.unit_of_measure,
        "currency": kpi.document.currency,
        "items": [
            vars(value) | {"steps": taken}
            for value, taken in zip(series.values, steps, strict=True)
        ],
        "latest_between": between,
        **{
            name: getattr(series, name)
            for name in (
                "period", "as_of", "watermark", "baseline", "received", "used", "excluded",
                "ledger_identity", "position", "sql",
            )
        },
    }  # fmt: skip


def values_file(kpi: Kpi, series: Series) -> Response:
    """The values as CSV, one row per period; the moment and position stand in every row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((*COLUMNS, "as_of", "position"))
    for value in series.values:
        row = [_cell(value, name) for name in COLUMNS]
        writer.writerow((*row, series.as_of.isoformat(), series.position))
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    name = f"{kpi.document.key}-{series.period}-{series.as_of:%Y-%m-%d}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _cell(value: PeriodValue, name: str) -> Any:
    found = getattr(value, name)
    if isinstance(found, Decimal):
        return format(found, "f")
    return str(found).lower() if isinstance(found, bool) else found


def _from_the_first(series: Series) -> Series:
    known = [number for number, each in enumerate(series.values) if each.gap != "no_facts"]
    first = known[0] if known else len(series.values)
    return replace(series, values=series.values[first:], steps=series.steps[first:])


def _split(said: str | None) -> Split | None:
    if said is None:
        return None
    name, colon, value = said.partition(":")
    if not (name and colon):
        raise Invalid(field="split", expected="property:value", got=said)
    return Split(name, value)
