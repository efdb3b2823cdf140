"""Segments over history: who a customer was when the test met them.

Rules look at what had happened before the customer's anchor and at nothing after it, so that
no result can define its own segment. What programs did is not the customer's, and neither is
what became of a message (``sent``, ``delivered``, ...). An event that arrives late and
happened before the anchor does count: membership is a function of the ledger.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, Table

from experiments.kpis.text import Text
from experiments.measurement.identity import certain
from experiments.measurement.properties import text_at

NOT_BY_CUSTOMERS = ("sent", "delivered", "bounced", "deferred", "dropped")
_MICROSECONDS_PER_DAY = 24 * 3_600_000_000

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Past:
    """Which events before the anchor.

    Attributes:
        events: Types; empty: whatever the customer did.
        within_days: 24 hours each, before the anchor; None: ever.
    """

    events: tuple[str, ...] = ()
    within_days: int | None = None

    def of(self, past: Table) -> BooleanValue:
        """Whether an event is one of them."""
        mine: BooleanValue = ~past.type.isin(NOT_BY_CUSTOMERS)
        if self.events:
            mine = past.type.isin(self.events)
        if self.within_days is not None:
            mine &= past.ago <= self.within_days * _MICROSECONDS_PER_DAY
        return mine


@dataclass(frozen=True)
class Frequency:
    """At least so many of these events; with ``below`` 1, none (recency)."""

    past: Past
    at_least: int = 0
    below: int | None = None

    def values(self, past: Table) -> Values:
        """How many there were."""
        return {"events": past.count(where=self.past.of(past))}

    def holds(self, found: Callable[[str], Any]) -> BooleanValue:
        """Whether that is enough, and not too many."""
        events = found("events").fill_null(0)
        enough: BooleanValue = events >= self.at_least
        return enough if self.below is None else enough & (events < self.below)


@dataclass(frozen=True)
class Amount:
    """These events add up to so much, in the ledger's whole numbers of one currency."""

    past: Past
    at_least: int
    currency: str | None

    def values(self, past: Table) -> Values:
        """What they add up to."""
        money = past.currency.isnull() if self.currency is None else past.currency == self.currency
        value = past.value.cast("decimal(38, 0)")
        return {"total": value.sum(where=self.past.of(past) & money)}

    def holds(self, found: Callable[[str], Any]) -> BooleanValue:
        """Whether that is enough."""
        enough: BooleanValue = found("total").fill_null(0) >= self.at_least
        return enough


@dataclass(frozen=True)
class LastEvent:
    """The last thing that the customer did was one of these."""

    events: tuple[str, ...]

    def values(self, past: Table) -> Values:
        """When they did one last, and anything."""
        return {
            "own": past.position_in_time.max(where=Past(self.events).of(past)),
            "any": past.position_in_time.max(where=Past().of(past)),
        }

    def holds(self, found: Callable[[str], Any]) -> BooleanValue:
        """Whether it was the last."""
        last: BooleanValue = (found("own") == found("any")).fill_null(False)
        return last


@dataclass(frozen=True)
class NotFollowed:
    """One of these events, after which none of the others came before the anchor."""

    past: Past
    by: tuple[str, ...]

    def values(self, past: Table) -> Values:
        """When either came last."""
        return {
            "first": past.position_in_time.max(where=self.past.of(past)),
            "then": past.position_in_time.max(where=Past(self.by).of(past)),
        }

    def holds(self, found: Callable[[str], Any]) -> BooleanValue:
        """Whether nothing followed."""
        alone: BooleanValue = found("then").isnull() | (found("then") < found("first"))
        return found("first").notnull() & alone


@dataclass(frozen=True)
class Grade:
    """The last event that had this property said one of these texts."""

    name: str
    one_of: tuple[str, ...]

    def values(self, past: Table) -> Values:
        """What it said."""
        said = text_at(past.properties, self.name)
        return {"said": said.argmax(past.position_in_time, where=said.notnull())}

    def holds(self, found: Callable[[str], Any]) -> BooleanValue:
        """Whether that is one of them."""
        fits: BooleanValue = found("said").isin(self.one_of).fill_null(False)
        return fits


Rule = Frequency | Amount | LastEvent | NotFollowed | Grade


@dataclass(frozen=True)
class HistorySegment:
    """Customers by what had happened before they were met.

    Attributes:
        key: Its name in addresses.
        name: On screen.
        any_of: Lists of rules; of one list, all hold.
    """

    key: str
    name: Text
    any_of: tuple[tuple[Rule, ...], ...]


def members(events: Table, units: Table, segment: HistorySegment) -> Table:
    """The units of a segment, at the anchor of each.

    Args:
        events: The project's.
        units: As :func:`experiments.measurement.anchors.units` gives.
        segment: Its rules.

    Returns:
        Rows of ``anchor``.
    """
    unit = memberships(events, units, (segment,))
    return unit.filter(unit.in0).select("anchor")


def memberships(events: Table, units: Table, segments: Sequence[HistorySegment]) -> Table:
    """Which of several segments each unit belongs to, at its anchor; the past is read once.

    Returns:
        A row per unit: ``anchor``, and ``in0``, ``in1``, ... in the order of the segments.
    """
    past = _past(events, units)
    rules = [rule for segment in segments for rules in segment.any_of for rule in rules]
    values = {
        f"r{number}_{name}": value
        for number, rule in enumerate(rules)
        for name, value in rule.values(past).items()
    }
    known = past.group_by("anchor").aggregate(**values)
    unit = units.select("anchor").left_join(known, "anchor")
    numbered = iter(range(len(rules)))
    fits = {
        f"in{place}": reduce(
            or_,
            [
                reduce(and_, [rule.holds(_reader(unit, next(numbered))) for rule in rules])
                for rules in segment.any_of
            ],
        )
        for place, segment in enumerate(segments)
    }
    return unit.select("anchor", **fits)


def _past(events: Table, units: Table) -> Table:
    """What customers did before their anchor, with ``ago`` (microseconds) and an order."""
    events = certain(events)
    met = events.inner_join(units, events.unit_id == units.unit_id, rname="unit_{name}")
    before = met.filter(met.occurred_at < met.anchor_at, ~met.machine)
    return before.select(
        "anchor", "type", "value", "currency", "properties",
        ago=before.anchor_at - before.occurred_at,
        # Of events at one instant, the order of their ids: not that of arrival.
        position_in_time=ibis.struct({"at": before.occurred_at, "id": before.source_id}),
    )  # fmt: skip


def _reader(unit: Table, number: int) -> Callable[[str], Any]:
    return lambda name: unit[f"r{number}_{name}"]
