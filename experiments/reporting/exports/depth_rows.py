"""The figures beside a KPI's comparisons, and those of groups of customers."""

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.reporting.depth_facts import Plain
from experiments.reporting.goal_facts import Arm, Comparison, Goal
from experiments.reporting.group_facts import DimensionFact, GroupFact
from experiments.reporting.ranges import Range
from experiments.reporting.report import Report

Found = float | str | bool | None


@dataclass(frozen=True)
class Told:
    """A figure before it is placed in a row; ``gap`` is a reason of the statistics."""

    figure: str
    found: Found
    missing: str = "no_value"
    gap: str | None = None


def ends(name: str, limits: Range | None, missing: str, gap: str | None = None) -> Iterator[Told]:
    """Both ends of a range."""
    for side in ("lower", "upper"):
        found = getattr(limits, side) if limits is not None else None
        none = "no_limit" if limits is not None else missing
        yield Told(f"{name}_{side}", found, none, None if limits is not None else gap)


def beside_arm(goal: Goal, arm: Arm) -> Iterator[Told]:
    """What is told of one variant beside its value."""
    if goal.uncapped is not None:
        yield Told("uncapped_value", goal.uncapped.values[arm.variant])
        yield Told("cap", goal.uncapped.cap)
    for number, step in enumerate(goal.steps, start=1):
        yield Told(f"step{number}_event", step.event)
        yield Told(f"step{number}_customers", step.units[arm.variant])
        yield Told(f"step{number}_share", step.shares[arm.variant])
        yield Told(f"step{number}_passed", step.passed.get(arm.variant), "nobody_before")
    for each in goal.days:
        yield Told(f"{_hours(each.from_hours, each.to_hours)}_value", each.values[arm.variant])


def beside_comparison(goal: Goal, entry: Comparison) -> Iterator[Told]:
    """What is told of one comparison beside it."""
    for each in entry.adjustments:
        yield Told(f"{each.kind}_used", each.used)
        yield Told(f"{each.kind}_gain", each.gain, "not_adjusted")
        yield Told(f"{each.kind}_withheld", each.why_not or "no")
        if each.kind == "covariate":
            yield Told("covariate_correlation", each.correlation, "not_adjusted")
            yield Told("covariate_balance_p", each.balance_p, "not_adjusted")
        yield from _plain(f"{each.kind}_unadjusted", each.unadjusted)
        if each.adjusted is not None:
            yield from _plain(f"{each.kind}_adjusted", each.adjusted)
    if entry.expected is not None:
        yield Told("expected_difference", entry.expected.difference)
        yield Told("expected_relative", entry.expected.relative)
        yield from ends("expected_relative", entry.expected.relative_interval, "no_interval")
        yield Told("expected_past_tests", entry.expected.past_tests)
        yield Told("expected_ended_tests", entry.expected.ended_tests)
    yield from _of_rest(entry)
    if goal.uncapped is not None:
        yield from _plain("uncapped", goal.uncapped.comparisons[entry.variant])
    for rule in goal.credit:
        yield from _plain(f"credit_{rule.rule}", rule.comparisons[entry.variant])
    for day in goal.days:
        name = _hours(day.from_hours, day.to_hours)
        yield from _plain(name, day.comparisons[entry.variant])
    if goal.days_gap is not None:
        yield Told("days_difference", None, gap=goal.days_gap)
    if goal.days_needed is not None:
        yield Told("days_needed", goal.days_needed)


def _of_rest(entry: Comparison) -> Iterator[Told]:
    """What sending it to the rest of the list is expected to bring."""
    if entry.rest is None:
        return
    yield Told("rest_customers", entry.rest.units)
    yield Told("rest_total", entry.rest.total)
    yield from ends("rest_total", entry.rest.interval, "no_interval")
    yield Told("rest_corrected", entry.rest.corrected)


def of_group(report: Report, fact: DimensionFact, group: GroupFact) -> Iterator[tuple[str, Told]]:
    """What is told of a group, by variant key."""
    early = "before_end" if not report.final else "no_interval"
    for variant in (report.control, fact.variant):
        yield variant, Told("customers", group.units.get(variant, 0))
        yield variant, Told("value", group.values.get(variant))
    told = [
        Told("difference", group.difference, early, group.gap),
        *ends("difference", group.interval, early, group.gap),
        Told("p_value_adjusted", group.p_value, early, group.gap),
        Told("difference_shown", group.shown if group.p_value is not None else None, early,
             group.gap),
        Told("interaction_p", fact.interaction, early, fact.gap),
        Told("interaction_p_adjusted", fact.p_value, early, fact.gap),
        Told("effects_differ", fact.supported if fact.p_value is not None else None, early,
             fact.gap),
    ]  # fmt: skip
    yield from ((fact.variant, each) for each in told)


def _plain(name: str, found: Plain) -> Iterator[Told]:
    yield Told(f"{name}_difference", found.difference, gap=found.gap)
    yield from ends(f"{name}_difference", found.interval, "no_interval", found.gap)
    yield Told(f"{name}_p_value", found.p_value, "no_interval", found.gap)


def _hours(first: int, last: int) -> str:
    return f"hours_{first}_to_{last}"
