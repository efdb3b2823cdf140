"""Measuring a KPI: from the replica to one sample per variant, with every event accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ibis.expr.types import Table

from experiments.kpis.document import KpiDocument
from experiments.measurement.accounting import USED, Accounting, outcomes, read_accounting
from experiments.measurement.anchors import (
    ANALYSED,
    IMMATURE,
    MISMATCHED,
    UNLISTED,
    Population,
    instant,
    units,
)
from experiments.measurement.kinds import MEASURED, KpiSample, Sums, scale_of, unit_value
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import Session, session_on


@dataclass(frozen=True)
class MeasureRequest(Population):
    """What to measure, on whom.

    Attributes:
        kpi: The document version.
        window_hours: From the anchor, the end not included; may differ from the document's.
    """

    kpi: KpiDocument
    window_hours: int


@dataclass(frozen=True)
class Measurement:
    """A KPI, measured. Mappings by variant have every variant of the request.

    Attributes:
        samples: Units whose window has closed, with the sums of their values.
        accounting: Every event of the KPI's type.
        immature: Units whose window is still open, by variant; not in the samples.
        matures_at: When the last of these windows closes; None if none is open.
        mismatched: Units reported in a variant that Truelift did not give them; left out.
        two_variants: Anchored units met in another variant later, by the first, which counts.
        unlisted: Units in variants that the request does not name; left out.
        ledger_identity, position: What was measured.
        sql: What measured it, over tables named ``exposures`` and ``events``.
    """

    samples: Mapping[str, KpiSample]
    accounting: Accounting
    immature: Mapping[str, int]
    matures_at: datetime | None
    mismatched: Mapping[str, int]
    two_variants: Mapping[str, int]
    unlisted: int
    ledger_identity: str
    position: int
    sql: str


def measure(source: ReplicaState | Session, request: MeasureRequest) -> Measurement:
    """Measure one KPI at the replica's position.

    Args:
        source: The replica, or a session opened on it when several KPIs are wanted.
        request: What and on whom.

    Raises:
        ReplicaUnreadable: If the replica's files are damaged; refresh it and try again.
        TooLargeToSum: If sums of squares pass 38 digits.
        TooMuchToMeasure: If memory and disk do not suffice.
    """
    with session_on(source, request.project_id) as session:
        anchored, placed = place_events(session, request)
        sums = session.rows(_sums(anchored, placed, request.kpi))
        return Measurement(
            samples=_samples(sums, request),
            accounting=_accounting(session, placed, request.kpi),
            immature=_units(sums, IMMATURE, request.variants),
            matures_at=_latest(sums, IMMATURE),
            mismatched=_units(sums, MISMATCHED, request.variants),
            two_variants=_of_variants(sums, "two_variants", request.variants),
            unlisted=sum(row["units"] for row in sums if row["standing"] == UNLISTED),
            ledger_identity=session.state.ledger_identity,
            position=session.state.position,
            sql=session.sql,
        )


def place_events(session: Session, request: MeasureRequest) -> tuple[Table, Table]:
    """Keep the tables ``units`` and ``outcomes`` of a request."""
    population = (request.experiment_id, request.anchor, request.variants, request.as_of)
    anchored = session.keep(
        "units",
        (*population, request.allocation, request.window_hours),
        lambda: units(session.exposures, request, request.window_hours),
    )
    # A key of its own: every KPI has other outcomes.
    placed = session.keep(
        "outcomes", object(), lambda: outcomes(session.events, anchored, request, request.kpi)
    )
    return anchored, placed


def _sums(anchored: Table, placed: Table, kpi: KpiDocument) -> Table:
    """Units and exact sums per variant and standing; values only of what was used."""
    used = placed.filter(placed.reason == USED)
    per_unit = used.group_by("anchor").aggregate(
        events=used.events.sum(), total=used.total.sum().cast("decimal(38, 0)")
    )
    unit = anchored.left_join(per_unit, "anchor")
    unit = unit.mutate(events=unit.events.fill_null(0), total=unit.total.fill_null(0))
    unit = unit.mutate(value=unit_value(unit, kpi))
    return (
        unit.group_by("variant", "standing")
        .aggregate(
            units=unit.count(),
            total=unit.value.sum(),
            squares=(unit.value * unit.value).sum(),
            two_variants=unit.two_variants.sum(),
            closes_at=unit.closes_at.max(),
        )
        .order_by("variant", "standing")
    )


def _accounting(session: Session, placed: Table, kpi: KpiDocument) -> Accounting:
    by_reason = placed.group_by("reason").aggregate(
        events=placed.events.sum(), late=placed.late.sum()
    )
    of_type = session.events.filter(session.events.type == kpi.formula.event)
    [received] = session.rows(of_type.aggregate(received=of_type.count()))
    return read_accounting(session.rows(by_reason.order_by("reason")), received["received"])


def _samples(sums: list[dict[str, Any]], request: MeasureRequest) -> dict[str, KpiSample]:
    kind, scale = MEASURED[request.kpi.kind], scale_of(request.kpi)
    found = {row["variant"]: row for row in sums if row["standing"] == ANALYSED}
    nobody = {"units": 0, "total": 0, "squares": 0}
    return {
        variant: kind.sample(_exact(found.get(variant, nobody)), scale)
        for variant in request.variants
    }


def _exact(row: Mapping[str, Any]) -> Sums:
    return Sums(int(row["units"]), int(row["total"]), int(row["squares"]))


def _units(sums: list[dict[str, Any]], standing: str, variants: tuple[str, ...]) -> dict[str, int]:
    return _of_variants([row for row in sums if row["standing"] == standing], "units", variants)


def _latest(sums: list[dict[str, Any]], standing: str) -> datetime | None:
    found = [row["closes_at"] for row in sums if row["standing"] == standing]
    return instant(max(found)) if found else None


def _of_variants(
    rows: list[dict[str, Any]], column: str, variants: tuple[str, ...]
) -> dict[str, int]:
    return {
        variant: sum(int(row[column]) for row in rows if row["variant"] == variant)
        for variant in variants
    }
