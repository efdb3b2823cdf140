"""Events as marks: every question that a sheet asks of an event, as a bit of one number.

Why an event is left out, and of what part of which KPI, follows from its answers; and most
events have the same ones. So each event is placed once for all KPIs, with its marks, and the
reasons are found for the few marks that there are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from experiments.measurement.accounting import (
    MACHINE,
    REASONS,
    USED,
    reasons_of_event,
    reasons_of_unit,
)
from experiments.measurement.anchors import (
    IMMATURE,
    MERGED_APART,
    MISMATCHED,
    NOT_REQUIRED,
    OUTSIDE,
    UNLISTED,
)
from experiments.measurement.formula.plan import Selection
from experiments.measurement.request import MeasureRequest
from experiments.measurement.stored.layout import stands_among
from experiments.measurement.stored.sheet import NOBODYS, Sheet

_RANKS = {reason: rank for rank, reason in enumerate((*REASONS, USED))}
# What follows from the standing of a unit alone.
_STANDINGS = {
    MERGED_APART: (MERGED_APART,), OUTSIDE: (OUTSIDE,), "unit_excluded": (MISMATCHED, UNLISTED),
    NOT_REQUIRED: (NOT_REQUIRED,),
}  # fmt: skip
_NARROW = 31
_LATE, _BY_MACHINE = "late", "by_machine"


@dataclass(frozen=True)
class Meaning:
    """What marks say.

    Attributes:
        bits: Of each question by its name.
        parts: Of each KPI, in the order of its parts: the questions that leave an event out,
            by reason; under "" whether it is of another type.
    """

    bits: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def reason(self, marks: int, number: int) -> str | None:
        """Why an event with these marks is left out of a KPI, or used; None: of another type."""
        nearest = max(self._rank(marks, names) for names in self.parts[str(number)])
        return None if nearest < 0 else (*REASONS, USED)[nearest]

    def used(self, marks: IntegerValue, number: int, part: int) -> BooleanValue:
        """Whether an event with these marks counts for a part of a KPI."""
        return self._none(marks, self.parts[str(number)][part].values())

    def but_for_machines(self, marks: IntegerValue, number: int) -> BooleanValue:
        """Whether an event counts for a KPI, or would if no program had made it."""
        parts = [
            self._none(marks, (name for reason, name in names.items() if reason != MACHINE))
            for names in self.parts[str(number)]
        ]
        return reduce(or_, parts)

    def by_machine(self, marks: IntegerValue) -> BooleanValue:
        """Whether a program made an event."""
        found: BooleanValue = (marks & (1 << self.bits[_BY_MACHINE])) != 0
        return found

    def _none(self, marks: IntegerValue, names: Iterable[str]) -> BooleanValue:
        none: BooleanValue = (marks & sum({1 << self.bits[name] for name in names})) == 0
        return none

    def is_late(self, marks: int) -> bool:
        """Whether such events came after the window of their unit."""
        return self._has(marks, _LATE)

    def _rank(self, marks: int, names: Mapping[str, str]) -> int:
        if self._has(marks, names[""]):
            return -1
        applies = (_RANKS[reason] for reason in names if reason and self._has(marks, names[reason]))
        return min(applies, default=_RANKS[USED])

    def _has(self, marks: int, name: str) -> bool:
        return bool(marks >> self.bits[name] & 1)


@dataclass
class Marks:
    """The questions of a sheet, as expressions."""

    sheet: Sheet
    meaning: Meaning = field(default_factory=Meaning)
    _asked: dict[str, BooleanValue] = field(default_factory=dict)
    _names: dict[Any, str] = field(default_factory=dict)

    def of_units(self, units: Table) -> IntegerValue:
        """The bits that are the same for all events of a unit."""
        return self._numbered(
            {reason: stands_among(units, standings) for reason, standings in _STANDINGS.items()}
        )

    def of_events(self, events: Table) -> IntegerValue:
        """The bits that an event has by itself."""
        self._ask(_BY_MACHINE, events.machine)
        for number, request in enumerate(self.sheet.matured):
            self.meaning.parts[str(number)] = [
                self._of_part(events, request, each) for each in request.plan.selections
            ]
        return self._answered()

    def of_both(self, met: Table) -> IntegerValue:
        """The bits that it has beside its unit, which are the same for all KPIs; and all others.

        Args:
            met: Events beside their units, with ``event_marks`` and ``unit_marks``.
        """
        asked = {
            reason: question
            for reason, question in reasons_of_unit(met, self.sheet.matured[0]).items()
            if reason not in {*_STANDINGS, *NOBODYS, IMMATURE}
        }
        for parts in self.meaning.parts.values():
            for names in parts:
                names |= {reason: reason for reason in asked}
        late = {_LATE: met.received_at >= met.closes_at}
        found: IntegerValue = met.unit_marks | met.event_marks | self._numbered(asked | late)
        return found

    def _of_part(self, events: Table, request: MeasureRequest, part: Selection) -> dict[str, str]:
        names = {reason: reason for reason in _STANDINGS}
        for reason, question in reasons_of_event(events, request, part).items():
            names[reason] = self._ask(f"{reason}_{len(self.meaning.bits)}", question)
        other = self._ask(f"no_{part.events.event}", events.type != part.events.event)
        return names | {"": other}

    def _ask(self, name: str, question: BooleanValue) -> str:
        """The name of a question, which may have been asked before."""
        known = self._names.setdefault(question.op(), name)
        if known == name and name not in self.meaning.bits:
            self.meaning.bits[name] = len(self.meaning.bits)
            self._asked[name] = question
        return known

    def _answered(self) -> IntegerValue:
        asked, self._asked = self._asked, {}
        return self._number(asked)

    def _numbered(self, asked: Mapping[str, BooleanValue]) -> IntegerValue:
        for name in asked:
            self.meaning.bits[name] = len(self.meaning.bits)
        return self._number(asked)

    def _number(self, asked: Mapping[str, BooleanValue]) -> IntegerValue:
        bits = self.meaning.bits
        # Narrow numbers are quicker.
        type_ = "int32" if max(bits[name] for name in asked) < _NARROW else "int64"
        nothing = ibis.literal(0, type_)
        numbers = [
            question.ifelse(ibis.literal(1 << bits[name], type_), nothing)
            for name, question in asked.items()
        ]
        found: IntegerValue = reduce(or_, numbers)
        return found
