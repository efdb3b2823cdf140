"""Where every event went: used, or left out for one stated reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr.types import BooleanColumn, StringColumn, Table

from experiments.kpis.document import KpiDocument
from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import (
    IMMATURE,
    MERGED_APART,
    MISMATCHED,
    OUTSIDE,
    UNLISTED,
    Population,
)
from experiments.measurement.identity import AMBIGUOUS, DOUBTS, UNKNOWN, WITHDRAWN
from experiments.measurement.properties import text_at

USED = "used"
MACHINE = "machine"
# In the order in which they are asked: an event is counted under the first that applies.
REASONS = (
    WITHDRAWN,  # brought by an import that was withdrawn
    "after_as_of",  # happened after the moment that is looked at
    UNKNOWN,  # of somebody named by an alias that nobody has explained yet
    AMBIGUOUS,  # of somebody named by an alias that is two units
    "never_assigned",  # of a unit without an anchor in this test
    MERGED_APART,  # of a unit that ids became which had met different variants
    OUTSIDE,  # of a unit that was not in the segment when it was met
    "unit_excluded",  # of a unit that is not analysed, whatever it did
    "other_experiment",  # of a message of another test
    "property_filter",  # without the properties that the KPI asks for
    "without_value",  # without the amount that the KPI adds up
    "other_currency",  # an amount in another currency, or in none where the KPI has one
    "before_anchor",
    "after_window",
    "immature",  # within the window of a unit whose window is still open
    MACHINE,  # made by a program, where the KPI counts people; else it would count
)
# Of a message: where they name a test, they are of that test's message and of no other.
MESSAGE_EVENTS = (
    "sent", "delivered", "bounced", "deferred", "dropped", "open", "click", "unsubscribe",
    "complaint",
)  # fmt: skip


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


def outcomes(events: Table, units: Table, population: Population, kpi: KpiDocument) -> Table:
    """Every event of the KPI's type, added up per unit and reason.

    Args:
        events: The project's.
        units: As :func:`experiments.measurement.anchors.units` gives.
        population: As the units were anchored by.
        kpi: Which events count.

    Returns:
        Rows of ``anchor`` (of the unit; null for everybody not in the test), ``reason`` (or used),
        ``machine``, with ``events`` (how many), ``total`` (of their values; exact) and
        ``late`` (how many were received after the window).
    """
    of_type = events.filter(events.type == kpi.formula.event)
    met = of_type.left_join(units, of_type.unit_id == units.unit_id, rname="unit_{name}")
    placed = met.select(
        "anchor",
        "machine",
        reason=_reason(met, population, kpi),
        value=met.value.cast("decimal(38, 0)"),
        late=(met.received_at >= met.closes_at).fill_null(False),
    )
    return placed.group_by("anchor", "reason", "machine").aggregate(
        events=placed.count(),
        total=placed.value.sum().fill_null(0).cast("decimal(38, 0)"),
        late=placed.late.sum().fill_null(0),
    )


def _reason(met: Table, population: Population, kpi: KpiDocument) -> StringColumn:
    applies = (
        _reasons_of_identity(met)
        | _reasons_of_unit(met, population)
        | _reasons_of_event(met, population, kpi)
    )
    asked = [(applies[reason], reason) for reason in REASONS if reason in applies]
    return ibis.cases(*asked, else_=USED)


def _reasons_of_unit(met: Table, population: Population) -> dict[str, BooleanColumn]:
    outside = {} if population.segment is None else {OUTSIDE: met.standing == OUTSIDE}
    return outside | {
        "after_as_of": met.occurred_at > microseconds(population.as_of),
        "never_assigned": met.standing.isnull(),
        "unit_excluded": met.standing.isin((MISMATCHED, UNLISTED)),
        "before_anchor": met.occurred_at < met.anchor_at,
        "after_window": met.occurred_at >= met.closes_at,
        "immature": met.standing == IMMATURE,
    }


def _reasons_of_identity(met: Table) -> dict[str, BooleanColumn]:
    """The conditions that a project has only if it has aliases or withdrawals."""
    if "doubt" not in met.columns:
        return {}
    doubts = {each: (met.doubt == each).fill_null(False) for each in DOUBTS}
    return doubts | {MERGED_APART: met.standing == MERGED_APART}


def _reasons_of_event(
    met: Table, population: Population, kpi: KpiDocument
) -> dict[str, BooleanColumn]:
    """The conditions that this KPI has at all."""
    formula, applies = kpi.formula, {}
    if formula.event in MESSAGE_EVENTS:
        other = met.experiment_id != population.experiment_id
        applies["other_experiment"] = other.fill_null(False)
    if formula.where:
        applies["property_filter"] = ~_has_properties(met, formula.where)
    if formula.value == "amount":
        applies["without_value"] = met.value.isnull()
        applies["other_currency"] = _other_money(met, kpi.currency)
    if formula.machine == "exclude":
        applies[MACHINE] = met.machine
    return applies


def _other_money(met: Table, currency: str | None) -> BooleanColumn:
    if currency is None:
        return met.currency.notnull()
    return (met.currency != currency).fill_null(True)


def _has_properties(met: Table, where: dict[str, str]) -> BooleanColumn:
    """Whether all wanted properties are there; numbers and booleans compare as JSON text."""
    found = ibis.literal(True)
    for name, wanted in sorted(where.items()):
        found &= (text_at(met.properties, name) == wanted).fill_null(False)
    return found


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
