"""The whole report as plain text, for a terminal."""

from collections.abc import Iterator

from experiments.reporting.adaptive.text import batches
from experiments.reporting.columns import Forest, clean, cut, padded, table, width, wrapped
from experiments.reporting.goal_facts import Arm, Goal
from experiments.reporting.report import Report, State
from experiments.reporting.text_depth import depth, looks, segments
from experiments.reporting.text_grounds import (
    fact_line,
    heading,
    health,
    provenance,
    warnings,
)
from experiments.reporting.wording import (
    Said,
    label,
    per_10000,
    say,
    say_before_the_end,
    say_comparison,
    say_guardrail,
    say_rest,
    say_secondary,
    say_shown,
    say_split,
    say_target,
    say_withheld,
)
from experiments.reporting.wording.moments import dated_moment, duration
from experiments.reporting.wording.names import kpi_name, spoken
from experiments.reporting.wording.numbers import count
from experiments.reporting.wording.telling import range_of, scale_of

_NAME_COLUMNS = 16
_ROLES = ("primary", "secondary", "guardrail")


def render_text(report: Report, language: str) -> str:
    """The report in lines of at most 100 columns.

    Args:
        report: As analysed.
        language: ``ko``, or anything else for English.
    """
    sections = [
        _header(report, language),
        _verdict(report, language),
        *(_role(report, role, language) for role in _ROLES),
        batches(report, language),
        looks(report, language),
        health(report, language),
        segments(report, language),
        warnings(report, language),
        provenance(report, language),
    ]
    written = ["\n".join(section) for section in map(list, sections) if section]
    return "\n\n".join(written) + "\n"


def render_summary(report: Report, said: Said, language: str) -> str:
    """The verdict, the KPIs and the split, without what only a test of the service has."""
    splits = [
        line
        for split in report.health.splits
        for line in wrapped(" ".join(say_split(split, language)), 2)
    ]
    sections = [
        _said(said, language),
        *(_role(report, role, language) for role in _ROLES),
        [heading("split", language), *splits] if splits else [],
    ]
    return "\n\n".join("\n".join(section) for section in map(list, sections) if section) + "\n"


def _header(report: Report, language: str) -> Iterator[str]:
    title = f"{report.name} ({report.experiment})"
    yield from wrapped(title)
    yield "=" * min(100, width(clean(title)))
    channels = ", ".join(label("channel", each, language) for each in report.channels)
    parts = [
        label("state", report.state, language),
        channels,
        label("shape", report.shape, language),
        label("purpose", report.purpose, language),
        label("anchor", report.anchor, language),
    ]
    yield from wrapped(" / ".join(parts), 2)
    zone = report.provenance.time_zone
    for key, at in (
        ("as_of", report.as_of),
        ("started", report.started_at),
        ("stopped", report.stopped_at),
    ):
        if at is not None:
            yield from fact_line(key, f"{dated_moment(at, zone, language)} ({zone})", language)
    if report.hypothesis.strip():
        yield from fact_line("hypothesis", report.hypothesis, language)


def _verdict(report: Report, language: str) -> Iterator[str]:
    yield from _said(say(report, language), language)
    met = any(arm.units for goal in report.goals for arm in goal.arms)
    # Where shares follow results, every comparison says itself why it has no range.
    if not report.final and met and report.adaptive is None:
        yield from wrapped(say_before_the_end(language), 2)


def _said(said: Said, language: str) -> Iterator[str]:
    yield heading("verdict", language)
    for sentence in (said.headline, *said.sentences):
        yield from wrapped(sentence, 2)
    yield from wrapped(f"→ {said.next_step}", 2)


def _role(report: Report, role: str, language: str) -> list[str]:
    goals = [goal for goal in report.goals if goal.role == role]
    if not goals:
        return []
    lines = [heading(role, language)]
    for place, goal in enumerate(goals):
        lines += [""] if place else []
        lines += _goal(report, goal, language)
        lines += depth(report, goal, language)
    summary = say_secondary(report, language) if role == "secondary" else ""
    return [*lines, "", *wrapped(summary, 2)] if summary else lines


def _goal(report: Report, goal: Goal, language: str) -> Iterator[str]:
    short = " ".join(goal.short_name.in_language(language).split())
    name = kpi_name(goal, language)
    named = name if short == name else f"{name} - {short}"
    yield from wrapped(f"{named}{_window(goal, language)}", 2)
    yield from table([_columns(goal, language), *_arms(goal, language)], 4)
    yield from _comparisons(report, goal, language)
    yield from _conclusions(report, goal, language)


def _window(goal: Goal, language: str) -> str:
    if not goal.window_hours:
        return ""
    term = label("term", "window", language).lower()
    return f" ({term} {duration(goal.window_hours, language)})"


def _columns(goal: Goal, language: str) -> list[str]:
    total = "with_outcome" if goal.unit_of_measure == "rate" else "total"
    keys = ["variant", "unit", total, "value", "interval"]
    shown = keys if any(arm.interval for arm in goal.arms) else keys[:-1]
    return [label("term", key, language) for key in shown]


def _arms(goal: Goal, language: str) -> Iterator[list[str]]:
    scale, none = scale_of(goal, language), label("term", "none", language)
    values = iter(scale.values(*(arm.value for arm in goal.arms if arm.value is not None)))
    with_interval = any(arm.interval for arm in goal.arms)
    for arm in goal.arms:
        name = f"{arm.name} ({label('term', 'control', language)})" if arm.control else arm.name
        row = [clean(name), count(arm.units), _total(goal, arm, language)]
        row.append(none if arm.value is None else next(values))
        yield [*row, _interval(goal, arm, language) or none] if with_interval else row


def _total(goal: Goal, arm: Arm, language: str) -> str:
    if goal.unit_of_measure == "money":
        return scale_of(goal, language).values(arm.total)[0]
    return count(arm.total)


def _interval(goal: Goal, arm: Arm, language: str) -> str | None:
    limits = arm.interval
    if limits is None or limits.lower is None or limits.upper is None:
        return None
    return scale_of(goal, language).values_between((limits.lower, limits.upper))[0]


def _comparisons(report: Report, goal: Goal, language: str) -> Iterator[str]:
    withheld = say_withheld(report, language)
    for comparison in goal.comparisons:
        line = say_comparison(goal, comparison, language)
        yield from wrapped(f"{line} [{withheld}]" if withheld else line, 4)
    if not withheld:
        yield from _forest(goal, language)


def _forest(goal: Goal, language: str) -> Iterator[str]:
    rows = [
        (comparison, comparison.difference, limits)
        for comparison in goal.comparisons
        if (limits := range_of(comparison)) and comparison.difference is not None
    ]
    if not rows:
        return
    forest = Forest([(difference, limits) for _, difference, limits in rows])
    for (comparison, _, _), bar in zip(rows, forest.bars(), strict=True):
        name = cut(clean(comparison.name), _NAME_COLUMNS)
        yield f"    {padded(name, _NAME_COLUMNS)} {bar}"
    ends = scale_of(goal, language).of_differences.marks(forest.least, forest.most)
    yield " " * (5 + _NAME_COLUMNS) + forest.axis(*ends)


def _conclusions(report: Report, goal: Goal, language: str) -> Iterator[str]:
    """What may be said of the KPI: at the planned end, and while nothing is withheld."""
    if not report.ended or report.verdict.state is State.SPLIT_BROKEN:
        return
    for fact in goal.guardrails:
        yield from wrapped(" ".join(say_guardrail(goal, fact, language)), 4)
    if report.withheld or not report.final:
        return
    for comparison in goal.comparisons:
        told = (
            say_shown(goal, comparison, language),
            per_10000(goal, comparison, language),
            *say_rest(goal, comparison, language),
        )
        line = " ".join(each for each in told if each)
        if line:
            yield from wrapped(f"{spoken(comparison.name, language)}: {line}", 4)
    for facts in (say_target(goal, arm, language) for arm in goal.arms):
        if facts:
            yield from wrapped(" ".join(facts), 4)
