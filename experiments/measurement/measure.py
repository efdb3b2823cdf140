"""Measuring a KPI: from the replica to one sample per variant, with every event accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ibis.expr.types import Table

from experiments.kpis.document import KpiDocument
from experiments.measurement.accounting import (
    MACHINE,
    USED,
    Accounting,
    outcomes,
    read_accounting,
)
from experiments.measurement.anchors import (
    ANALYSED,
    IMMATURE,
    MERGED_APART,
    MISMATCHED,
    OUTSIDE,
    UNLISTED,
    Population,
    instant,
    merged_apart,
    units,
)
from experiments.measurement.arrivals import Arrivals, arrivals
from experiments.measurement.history import HistorySegment, members
from experiments.measurement.kinds import MEASURED, KpiSample, Sums, scale_of, unit_value
from experiments.measurement.replica import ReplicaState
from experiments.measurement.scanners import SCANNED, USUAL_PACE, Pace, by_scanners, marked
from experiments.measurement.session import Session, session_on


@dataclass(frozen=True)
class MeasureRequest(Population):
    """What to measure, on whom.

    Attributes:
        kpi: The document version.
        window_hours: From the anchor, the end not included; may differ from the document's.
        pace: Of clicks that no person makes.
    """

    kpi: KpiDocument
    window_hours: int
    pace: Pace = USUAL_PACE


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
        merged_apart: Units whose ids, since merged, met different variants; left out.
        by_machines: Analysed units with an event that would count, but for a program having
            made it (or that counts, where programs' do), by variant.
        scanned: Clicks of the project that only their pace tells of a scanner; None unless
            the KPI counts clicks.
        arrivals: How the events of the KPI's type come in.
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
    merged_apart: int
    by_machines: Mapping[str, int]
    scanned: int | None
    arrivals: Arrivals
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
        came = arrivals(session, request.kpi.formula.event, request.as_of)
        return Measurement(
            samples=_samples(sums, request),
            accounting=_accounting(session, placed, came.received),
            immature=_units(sums, IMMATURE, request.variants),
            matures_at=_latest(sums, IMMATURE),
            mismatched=_units(sums, MISMATCHED, request.variants),
            two_variants=_of_variants(sums, "two_variants", request.variants),
            unlisted=_standing(sums, UNLISTED),
            merged_apart=_standing(sums, MERGED_APART),
            by_machines=_of_variants(_analysed(sums), "by_machines", request.variants),
            scanned=_scanned(session, request),
            arrivals=came,
            ledger_identity=session.state.ledger_identity,
            position=session.state.position,
            sql=session.sql,
        )


def place_events(session: Session, request: MeasureRequest) -> tuple[Table, Table]:
    """Keep the tables ``units`` and ``outcomes`` of a request."""
    anchored = anchored_units(session, request)
    events = session.events
    if request.kpi.formula.event == SCANNED:
        events = marked(events, _by_scanners(session, request))
    # A key of its own: every KPI has other outcomes.
    placed = session.keep(
        "outcomes", object(), lambda: outcomes(events, anchored, request, request.kpi)
    )
    return anchored, placed


def anchored_units(session: Session, request: MeasureRequest) -> Table:
    """Keep the table ``units`` of a request."""
    population = (request.experiment_id, request.anchor, request.variants, request.as_of)
    key = (*population, request.allocation, request.window_hours)
    everybody, segment = (lambda: _units_of(session, request)), request.segment
    if segment is None:
        return session.keep("units", key, everybody)
    all_units = session.keep("everybody", key, everybody)
    return session.keep("units", (*key, segment), lambda: _within(session, all_units, segment))


def _within(session: Session, everybody: Table, segment: HistorySegment) -> Table:
    inside = everybody.anchor.isin(members(session.events, everybody, segment).anchor)
    return everybody.mutate(standing=inside.ifelse(everybody.standing, OUTSIDE))


def _units_of(session: Session, request: MeasureRequest) -> Table:
    exposures = session.exposures
    return units(exposures, request, request.window_hours, merged_apart(exposures, request))


def _by_scanners(session: Session, request: MeasureRequest) -> Table:
    return session.keep(
        "scanned",
        (request.pace, request.as_of),
        lambda: by_scanners(session.events, request.pace, request.as_of),
    )


def _scanned(session: Session, request: MeasureRequest) -> int | None:
    if request.kpi.formula.event != SCANNED:
        return None
    clicks = _by_scanners(session, request)
    [found] = session.rows(clicks.aggregate(clicks=(~clicks.machine).sum().fill_null(0)))
    return int(found["clicks"])


def _sums(anchored: Table, placed: Table, kpi: KpiDocument) -> Table:
    """Units and exact sums per variant and standing; values only of what was used."""
    counted = placed.filter(placed.reason.isin((USED, MACHINE)))
    used = counted.reason == USED
    per_unit = counted.group_by("anchor").aggregate(
        events=counted.events.sum(where=used),
        total=counted.total.sum(where=used).cast("decimal(38, 0)"),
        machine=counted.machine.any(),
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
            by_machines=unit.machine.fill_null(False).sum(),
            closes_at=unit.closes_at.max(),
        )
        .order_by("variant", "standing")
    )


def _accounting(session: Session, placed: Table, received: int) -> Accounting:
    by_reason = placed.group_by("reason").aggregate(
        events=placed.events.sum(), late=placed.late.sum()
    )
    return read_accounting(session.rows(by_reason.order_by("reason")), received)


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


def _analysed(sums: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in sums if row["standing"] == ANALYSED]


def _standing(sums: list[dict[str, Any]], standing: str) -> int:
    return sum(row["units"] for row in sums if row["standing"] == standing)


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
