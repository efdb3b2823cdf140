"""How much an answer depends on which of several messages gets the credit."""

from collections.abc import Mapping
from dataclasses import replace

from experiments.kpis.document import CREDITS
from experiments.measurement.kinds import KpiSample
from experiments.measurement.measure import measure
from experiments.measurement.replica import ReplicaState
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session, session_on


def by_credit_rule(
    source: ReplicaState | Session, request: MeasureRequest
) -> dict[str, Mapping[str, KpiSample]]:
    """The samples of every variant under each rule; the KPI's own is among them.

    Raises:
        ReplicaUnreadable: If the replica's files are damaged; refresh it and try again.
        TooMuchToMeasure: If memory and disk do not suffice.
    """
    with session_on(source, request.project_id) as session:
        return {
            rule: measure(session, replace(request, kpi=replace(request.kpi, credit=rule))).samples
            for rule in CREDITS
        }
