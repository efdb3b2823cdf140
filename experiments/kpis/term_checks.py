"""Refusals of what a formula says of events, each with its path in the document."""

from decimal import Decimal
from itertools import pairwise

from experiments.errors import Invalid
from experiments.kpis.checks import (
    LONGEST_NAME,
    check_choice,
    check_number,
    check_positive,
    check_text,
    check_whole,
)
from experiments.kpis.terms import VALUES, Cap, Events, Filter, Quantity, Requirement, Term
from experiments.ledger.fields import check_event_type
from experiments.ledger.money import check_currency
from experiments.names import check_key
from experiments.registry.channels import CHANNELS, is_measurable

MACHINE_EVENTS = ("include", "exclude")
MOST_CONDITIONS = 20
MOST_CHOICES = 200
MOST_TERMS = 10
MOST_EVENTS = 1_000_000
LONGEST_PAST_DAYS = 3_660
BOUNDS = ("over", "at_least", "below", "at_most")
# A value that needs a property, and a cost that is known of one event only.
OF_A_PROPERTY = ("distinct", "number")
PRICED_EVENT = "sent"


def check_events(events: Events, path: str) -> None:
    """Refuse events that nobody can report, or conditions that nothing can meet.

    Raises:
        Invalid: Naming the path.
    """
    check_event_type(events.event, f"{path}.event")
    check_choice(events.machine, MACHINE_EVENTS, f"{path}.machine")
    _check_channels(events, f"{path}.channels")
    count = len(events.where) + len(events.filters)
    if count > MOST_CONDITIONS:
        raise Invalid(
            field=f"{path}.where", expected=f"at most {MOST_CONDITIONS} conditions", got=count
        )
    for name, text in events.where.items():
        check_text(name, f"{path}.where", shortest=1, longest=LONGEST_NAME)
        check_text(text, f"{path}.where.{name}", longest=LONGEST_NAME)
    for index, each in enumerate(events.filters):
        _check_filter(each, f"{path}.filters.{index}")


def _check_channels(events: Events, path: str) -> None:
    for index, channel in enumerate(events.channels):
        check_choice(channel, CHANNELS, f"{path}.{index}")
    if events.channels and not is_measurable(events.event, events.channels):
        able = ", ".join(each for each in CHANNELS if is_measurable(events.event, [each]))
        raise Invalid(
            field=path,
            expected=f"a channel that reports {events.event}: {able}",
            got=", ".join(events.channels),
        )


def _check_filter(each: Filter, path: str) -> None:
    check_text(each.property, f"{path}.property", shortest=1, longest=LONGEST_NAME)
    bounds = [name for name in BOUNDS if getattr(each, name) is not None]
    tests = [bool(each.one_of), bool(bounds), each.present is not None]
    if sum(tests) != 1:
        raise Invalid(
            field=path,
            expected="one of one_of, present, or bounds (over, at_least, below, at_most)",
            got=sum(tests),
        )
    if len(each.one_of) > MOST_CHOICES:
        raise Invalid(
            field=f"{path}.one_of", expected=f"at most {MOST_CHOICES}", got=len(each.one_of)
        )
    for index, text in enumerate(each.one_of):
        check_text(text, f"{path}.one_of.{index}", longest=LONGEST_NAME)
    for name in bounds:
        check_number(getattr(each, name), f"{path}.{name}")
    _check_bounds(each, path)


def _check_bounds(each: Filter, path: str) -> None:
    """Refuse two lower or two upper bounds, and a range that holds no number."""
    for names in (("over", "at_least"), ("below", "at_most")):
        if all(getattr(each, name) is not None for name in names):
            raise Invalid(
                field=f"{path}.{names[1]}", expected=f"none beside {names[0]}", got="both"
            )
    least = each.over if each.at_least is None else each.at_least
    most = each.below if each.at_most is None else each.at_most
    if least is None or most is None:
        return
    open_end = each.over is not None or each.below is not None
    if least > most or (least == most and open_end):
        raise Invalid(field=path, expected="a range that holds a number", got=f"{least}, {most}")


def check_requirement(each: Requirement, path: str) -> None:
    """Refuse a condition on the time before the anchor that cannot be asked.

    Raises:
        Invalid: Naming the path.
    """
    check_events(each, path)
    check_whole(each.at_least, 1, MOST_EVENTS, f"{path}.at_least")
    check_whole(each.within_days, 1, LONGEST_PAST_DAYS, f"{path}.within_days")


def check_quantity(quantity: Quantity, path: str) -> None:
    """Refuse terms that cannot be added up, and a cap without its source.

    Raises:
        Invalid: Naming the path.
    """
    count = len(quantity.plus) + len(quantity.minus)
    if count > MOST_TERMS:
        raise Invalid(field=f"{path}.plus", expected=f"at most {MOST_TERMS} terms", got=count)
    for term_path, term in quantity.paths(path):
        _check_term(term, term_path)
    for index, term in enumerate(quantity.minus):
        if term.event == "refund" and term.value == "amount":
            raise Invalid(
                field=f"{path}.minus.{index}.event",
                expected="refunds under plus, since their amounts are negative already",
                got="refund",
            )
    if quantity.cap is not None:
        _check_cap(quantity.cap, f"{path}.cap")


def _check_term(term: Term, path: str) -> None:
    check_choice(term.value, VALUES, f"{path}.value")
    if term.is_series:
        check_key(term.event, f"{path}.event")
        _check_series(term, path)
    else:
        check_events(term, path)
    _check_property(term, path)
    check_whole(term.at_least, 1, MOST_EVENTS, f"{path}.at_least")
    if term.at_least is not None and term.value != "occurrence":
        raise Invalid(
            field=f"{path}.at_least",
            expected="none, unless the value is occurrence",
            got=term.at_least,
        )
    check_positive(term.times, f"{path}.times")
    if term.times is not None and term.value == "absence":
        raise Invalid(field=f"{path}.times", expected="none for absence", got=str(term.times))
    if term.currency is not None:
        check_currency(term.currency, f"{path}.currency")


def _check_property(term: Term, path: str) -> None:
    if term.value == "message_cost" and term.event != PRICED_EVENT:
        raise Invalid(
            field=f"{path}.event",
            expected=f"{PRICED_EVENT}, since messages are what is paid for",
            got=term.event,
        )
    if term.value in OF_A_PROPERTY:
        if term.of is None:
            raise Invalid(
                field=f"{path}.of",
                expected=f"the property whose value is taken, since the value is {term.value}",
                got=None,
            )
        check_text(term.of, f"{path}.of", shortest=1, longest=LONGEST_NAME)
    elif term.of is not None:
        raise Invalid(
            field=f"{path}.of",
            expected="none, unless the value is distinct or number",
            got=term.of,
        )


def _check_series(term: Term, path: str) -> None:
    """Refuse conditions on single events, where there are none."""
    for name in ("where", "filters"):
        if getattr(term, name):
            raise Invalid(
                field=f"{path}.{name}",
                expected="none, since a series has no single events",
                got=len(getattr(term, name)),
            )
    for index, channel in enumerate(term.channels):
        check_choice(channel, CHANNELS, f"{path}.channels.{index}")


def _check_cap(cap: Cap, path: str) -> None:
    check_positive(cap.at, f"{path}.at")
    check_text(cap.source, f"{path}.source", shortest=1, longest=LONGEST_NAME)


def check_share_of_values(quantile: Decimal, path: str) -> None:
    """Refuse a quantile that is not a fraction inside (0, 1).

    Raises:
        Invalid: Naming the path.
    """
    check_number(quantile, path)
    if not 0 < quantile < 1:
        raise Invalid(
            field=path, expected="a fraction over 0 and below 1 (0.5 is the median)",
            got=str(quantile),
        )  # fmt: skip


def check_in_turn(steps: tuple[Events, ...]) -> None:
    """Refuse two equal steps one after the other: one event would be both.

    Raises:
        Invalid: Naming the second; ``formula.then.0`` is the second step of all.
    """
    for index, (before, after) in enumerate(pairwise(steps)):
        if _selected(before) == _selected(after):
            raise Invalid(
                field=f"formula.then.{index}.event",
                expected="another step than the one before",
                got=after.event,
            )


def _selected(events: Events) -> tuple[object, ...]:
    return events.event, events.machine, events.conditions, events.channels
