"""Who opened: anyone, people, machines; counted per customer, three ways at once."""

from ibis.expr.types import Table

from experiments.measurement.accounting import MACHINE, USED
from experiments.measurement.anchors import ANALYSED
from experiments.measurement.placed import place_events
from experiments.measurement.replica import ReplicaState
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session, session_on
from stats.opens import OpenCounts


def open_counts(source: ReplicaState | Session, request: MeasureRequest) -> dict[str, OpenCounts]:
    """Count openers of every variant of the request among those whose window has closed.

    Whether the request's KPI includes machine events makes no difference. ``sent`` of an
    answer is everybody analysed at the request's anchor.

    Raises:
        ReplicaUnreadable: If the replica's files are damaged; refresh it and try again.
        TooMuchToMeasure: If memory and disk do not suffice.
    """
    with session_on(source, request.project_id) as session:
        placed = place_events(session, request)
        openers = _openers(placed.units, placed.outcomes)
        rows = {row["variant"]: row for row in session.rows(openers)}
    nobody = {"sent": 0, "by_anyone": 0, "by_people": 0, "by_machines": 0}
    names = tuple(nobody)
    return {
        variant: OpenCounts(*(int(rows.get(variant, nobody)[name]) for name in names))
        for variant in request.variants
    }


def _openers(anchored: Table, placed: Table) -> Table:
    made = placed.filter(placed.reason.isin((USED, MACHINE)))
    opener = made.group_by("anchor").aggregate(
        by_people=made.by_people.any(), by_machines=made.by_machine.any()
    )
    analysed = anchored.filter(anchored.standing == ANALYSED)
    unit = analysed.left_join(opener, "anchor")
    return unit.group_by("variant").aggregate(
        sent=unit.count(),
        by_anyone=unit.by_people.notnull().sum(),
        by_people=unit.by_people.fill_null(False).sum(),
        by_machines=unit.by_machines.fill_null(False).sum(),
    )
