"""Deliveries: how many of those sent to were reached, by variant.

A customer was reached if a delivery was reported between the message and the end of the window.
Where a tool reports bounces only, whoever did not bounce was reached. What names another test is
about another message.
"""

from collections.abc import Mapping

from ibis.expr.types import Table

from experiments.measurement.anchors import ANALYSED
from experiments.measurement.identity import certain
from experiments.measurement.placed import anchored_units
from experiments.measurement.replica import ReplicaState
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session, session_on
from stats.samples import BinomialSample

DELIVERED, BOUNCED = "delivered", "bounced"


def delivery_samples(
    source: ReplicaState | Session, request: MeasureRequest
) -> dict[str, BinomialSample]:
    """Customers sent to whose window has closed, and those of them who were reached.

    Args:
        source: The replica, or a session on it.
        request: Whose customers; its anchor is the message.

    Returns:
        A sample for each variant of the request; empty where neither deliveries nor bounces of
        these customers were reported: then nothing is known.

    Raises:
        ReplicaUnreadable: If the replica's files are damaged; refresh it and try again.
        TooMuchToMeasure: If memory and disk do not suffice.
    """
    with session_on(source, request.project_id) as session:
        anchored = anchored_units(session, request)
        units = anchored.filter(anchored.standing == ANALYSED)
        rows = {row["variant"]: row for row in session.rows(_reached(session, request, units))}
    if not any(row["delivered"] or row["bounced"] for row in rows.values()):
        return {}
    told = any(row["delivered"] for row in rows.values())
    return {key: _sample(rows.get(key), told=told) for key in request.variants}


def _reached(session: Session, request: MeasureRequest, units: Table) -> Table:
    """Rows of ``variant``, ``units``, ``delivered`` and ``bounced``."""
    events = certain(session.events)
    told = events.filter(
        events.type.isin((DELIVERED, BOUNCED)),
        events.experiment_id.isnull() | (events.experiment_id == request.experiment_id),
    ).select("unit_id", "type", "occurred_at")
    met = told.inner_join(units, "unit_id")
    met = met.filter(met.occurred_at >= met.anchor_at, met.occurred_at < met.closes_at)
    of_unit = met.group_by("anchor").aggregate(
        delivered=(met.type == DELIVERED).any(), bounced=(met.type == BOUNCED).any()
    )
    unit = units.left_join(of_unit, "anchor")
    return unit.group_by("variant").aggregate(
        units=unit.count(),
        delivered=unit.delivered.fill_null(False).sum(),
        bounced=unit.bounced.fill_null(False).sum(),
    )


def _sample(row: Mapping[str, int] | None, *, told: bool) -> BinomialSample:
    if row is None:
        return BinomialSample(0, 0)
    units = int(row["units"])
    return BinomialSample(units, int(row["delivered"]) if told else units - int(row["bounced"]))
