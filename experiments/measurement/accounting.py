"""Where every event went: used, or left out for one stated reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr.types import BooleanColumn, BooleanValue, Table

from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import (
    IMMATURE,
    MERGED_APART,
    MISMATCHED,
    NOT_REQUIRED,
    OUTSIDE,
    UNLISTED,
    Population,
)
from experiments.measurement.formula.conditions import selected
from experiments.measurement.formula.plan import Plan, Selection
from experiments.measurement.formula.sends import SAME_MESSAGE, SUPPRESSED
from experiments.measurement.formula.taken import added_up, lacking, of_each
from experiments.measurement.identity import AMBIGUOUS, DOUBTS, UNKNOWN, WITHDRAWN
from experiments.measurement.request import MeasureRequest

USED = "used"
MACHINE = "machine"
NOT_CREDITED = "not_credited"
# In the order in which they are asked: an event is counted under the first that applies. One
# that several parts of a formula look at, under that of the part that it came nearest to.
REASONS = (
    WITHDRAWN,  # brought by an import that was withdrawn
    "after_as_of",  # happened after the moment that is looked at
    UNKNOWN,  # of somebody named by an alias that nobody has explained yet
    AMBIGUOUS,  # of somebody named by an alias that is two units
    "never_assigned",  # of a unit without an anchor in this test
    MERGED_APART,  # of a unit that ids became which had met different variants
    OUTSIDE,  # of a unit that was not in the segment when it was met
    "unit_excluded",  # of a unit that is not analysed, whatever it did
    NOT_REQUIRED,  # of a unit that was not what the KPI requires when it was met
    SUPPRESSED,  # a message that was not sent after all
    SAME_MESSAGE,  # a message that the test's own record tells of already
    "other_experiment",  # of a message of another test
    "property_filter",  # without the properties or the channel that the KPI asks for
    "without_value",  # without the amount, number or cost that the KPI adds up
    "other_currency",  # an amount in another currency, or in none where the KPI has one
    "before_anchor",
    "before_window",  # after the anchor, before the first day that counts
    "after_window",
    "immature",  # within the window of a unit whose window is still open
    NOT_CREDITED,  # another message gets the credit, by the KPI's rule
    MACHINE,  # made by a program, where the KPI counts people; else it would count
)
_RANK_OF_USED = len(REASONS)
_NOT_LOOKED_AT = -1


@dataclass(frozen=True)
class Accounting:
    """Events of the KPI's type in the project; used and excluded add up to received.

    Attributes:
        received: All of them.
        used: Those that count for a unit.
        excluded: The others, by each of ``REASONS``.
        late: Of the used, those received after their unit's window had closed.
    """

    received: int
    used: int
    excluded: dict[str, int]
    late: int = 0

    def __post_init__(self) -> None:
        if self.received != self.used + sum(self.excluded.values()):
            message = f"{self}: used and excluded do not add up to received"
            raise ValueError(message)


def placed_events(events: Table, units: Table, request: MeasureRequest) -> Table:
    """Every event of the KPI's types, with its reason.

    Args:
        events: The project's, those of scanners marked; with ``unsent`` and ``credited``
            where the KPI needs them.
        units: As :func:`experiments.measurement.anchors.units` gives.
        request: The KPI, and as the units were anchored by.

    Returns:
        Rows of ``anchor`` (of the unit; null for everybody not in the test), ``reason`` (or
        used), ``machine``, ``late`` (received after the window), ``at`` and ``id``, what is
        taken of each for every selection (``v0``, ...), and if there are several, whether it
        counts for each (``c0``, ...).
    """
    plan = request.plan
    of_type = events.filter(events.type.isin(plan.types))
    met = of_type.left_join(units, of_type.unit_id == units.unit_id, rname="unit_{name}")
    shared = _reasons_of_identity(met) | reasons_of_unit(met, request)
    own = [shared | reasons_of_event(met, request, each) for each in plan.selections]
    taken = {each.column: of_each(met, each, request) for each in plan.selections}
    placed = met.select(
        "anchor", "machine",
        **_reasons(met, plan, own),
        late=(met.received_at >= met.closes_at).fill_null(False),
        at=met.occurred_at,
        id=met.source_id,
        **{name: value for name, value in taken.items() if value is not None},
    )  # fmt: skip
    return placed if len(own) == 1 else _nearest(placed, plan)


def outcomes(placed: Table, plan: Plan) -> Table:
    """The events added up per unit and reason.

    Args:
        placed: As :func:`placed_events` gives.
        plan: Of the KPI.

    Returns:
        Rows of ``anchor`` and ``reason`` with ``events`` (how many), ``late``,
        ``by_people`` and ``by_machine`` (whether any), and what is added up of those used
        (``v0``, ...; exact).
    """
    counts = _counts(placed, plan)
    return placed.group_by("anchor", "reason").aggregate(
        events=placed.count(),
        late=placed.late.sum().fill_null(0),
        by_people=(~placed.machine).any(),
        by_machine=placed.machine.any(),
        **added_up(placed, plan, plan.selections, counts),
    )


def _counts(placed: Table, plan: Plan) -> list[BooleanValue | None]:
    if len(plan.selections) == 1:
        return [None]
    return [placed[f"c{each.place}"] for each in plan.selections]


def _reasons(met: Table, plan: Plan, own: Sequence[Mapping[str, BooleanColumn]]) -> dict[str, Any]:
    """The reason of each event, or its rank for each selection if there are several."""
    if len(own) == 1:
        asked = [(own[0][reason], reason) for reason in REASONS if reason in own[0]]
        return {"reason": ibis.cases(*asked, else_=USED)}
    ranks = {}
    for each, applies in zip(plan.selections, own, strict=True):
        ranked = [(applies[key], rank) for rank, key in enumerate(REASONS) if key in applies]
        mine = [(met.type != each.events.event, _NOT_LOOKED_AT)] if len(plan.types) > 1 else []
        cases = [(applied, ibis.literal(rank, "int8")) for applied, rank in [*mine, *ranked]]
        ranks[f"r{each.place}"] = ibis.cases(*cases, else_=ibis.literal(_RANK_OF_USED, "int8"))
    return ranks


def _nearest(placed: Table, plan: Plan) -> Table:
    """The reason of the selection that each event came nearest to."""
    ranks = [placed[f"r{each.place}"] for each in plan.selections]
    nearest = placed.mutate(nearest=ibis.greatest(*ranks))
    names = [(nearest.nearest == rank, name) for rank, name in enumerate(REASONS)]
    counts = {
        f"c{each.place}": nearest[f"r{each.place}"] == _RANK_OF_USED for each in plan.selections
    }
    known = {f"r{each.place}" for each in plan.selections}
    kept = [name for name in placed.columns if name not in known]
    return nearest.select(*kept, reason=ibis.cases(*names, else_=USED), **counts)


def reasons_of_unit(met: Table, request: MeasureRequest) -> dict[str, BooleanColumn]:
    """The conditions on an event beside its unit, whatever the event is."""
    applies = {
        "after_as_of": met.occurred_at > microseconds(request.as_of),
        "never_assigned": met.standing.isnull(),
        "unit_excluded": met.standing.isin((MISMATCHED, UNLISTED)),
        "before_anchor": met.occurred_at < met.anchor_at,
        "after_window": met.occurred_at >= met.closes_at,
    }
    if request.kpi.kind != "time_to_event":
        applies["immature"] = met.standing == IMMATURE
    if request.segment is not None:
        applies[OUTSIDE] = met.standing == OUTSIDE
    if request.kpi.formula.requires:
        applies[NOT_REQUIRED] = met.standing == NOT_REQUIRED
    if "opens_at" in met.columns:
        applies["before_window"] = met.occurred_at < met.opens_at
    return applies


def _reasons_of_identity(met: Table) -> dict[str, BooleanColumn]:
    """The conditions that a project has only if it has aliases or withdrawals."""
    if "doubt" not in met.columns:
        return {}
    doubts = {each: (met.doubt == each).fill_null(False) for each in DOUBTS}
    return doubts | {MERGED_APART: met.standing == MERGED_APART}


def reasons_of_event(
    met: Table, request: MeasureRequest, selection: Selection
) -> dict[str, BooleanColumn]:
    """The conditions that this part of the KPI has at all."""
    applies = lacking(met, request, selection)
    if selection.of_this_test:
        applies["other_experiment"] = _of_another_test(met, request)
    if "unsent" in met.columns:
        for why in (SUPPRESSED, SAME_MESSAGE):
            applies[why] = (met.unsent == why).fill_null(False)
    wanted = selected(met, selection.events)
    if wanted is not None:
        applies["property_filter"] = ~wanted
    if "credited" in met.columns:
        applies[NOT_CREDITED] = ~met.credited
    if selection.events.machine == "exclude":
        applies[MACHINE] = met.machine
    return applies


def _of_another_test(met: Table, population: Population) -> BooleanColumn:
    return (met.experiment_id != population.experiment_id).fill_null(False)


def read_accounting(rows: Sequence[Mapping[str, Any]], received: int) -> Accounting:
    """The accounting from rows of ``reason``, ``events`` and ``late``."""
    events = {row["reason"]: int(row["events"]) for row in rows}
    late = sum(int(row["late"]) for row in rows if row["reason"] == USED)
    return Accounting(
        received=received,
        used=events.get(USED, 0),
        excluded={reason: events[reason] for reason in REASONS if reason in events},
        late=late,
    )
