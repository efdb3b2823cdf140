"""The sections of the plain-text report that stand behind its numbers: checks, groups, depth."""

from collections.abc import Iterator

from experiments.reporting.columns import wrapped
from experiments.reporting.goal_facts import Goal
from experiments.reporting.group_facts import DimensionFact
from experiments.reporting.report import Report
from experiments.reporting.text_grounds import heading
from experiments.reporting.wording import (
    label,
    say_depth,
    say_dimension,
    say_looks,
    say_segment_gap,
)
from experiments.reporting.wording.numbers import count
from experiments.reporting.wording.telling import scale_of


def depth(report: Report, goal: Goal, language: str) -> Iterator[str]:
    """What stands behind one KPI's comparisons."""
    for note in say_depth(report, goal, language):
        said = " ".join(note.sentences)
        yield from wrapped(f"{label('depth', note.topic, language)}: {said}", 4)


def looks(report: Report, language: str) -> list[str]:
    """The planned looks; nothing where there are none."""
    said = say_looks(report, language)
    if not said:
        return []
    return [heading("look", language), *(line for each in said for line in wrapped(each, 2))]


def segments(report: Report, language: str) -> list[str]:
    """Channels and segments; nothing while results are withheld."""
    if not report.segments or report.withheld:
        return []
    goal = next(goal for goal in report.goals if goal.kpi == report.segments[0].kpi)
    lines = [heading("segments", language)]
    for fact in report.segments:
        lines += _dimension(report, goal, fact, language)
    return lines


def _dimension(report: Report, goal: Goal, fact: DimensionFact, language: str) -> Iterator[str]:
    name = fact.name.in_language(language)
    if len(report.variants) > 2:
        name = f"{name} ({fact.variant_name})"
    yield from wrapped(f"{name}: {' '.join(say_dimension(fact, language))}", 2)
    scale = scale_of(goal, language)
    for group in fact.groups:
        customers = count(sum(group.units.values()))
        line = f"{group.name.in_language(language)} {customers}"
        if group.gap is not None:
            line += f": {say_segment_gap(group, language)}"
        elif group.difference is not None and group.interval is not None:
            ends = group.interval.lower, group.interval.upper
            line += f": {scale.of_differences.signed(group.difference)[0]}"
            if ends[0] is not None and ends[1] is not None:
                line += f" ({scale.of_differences.signed_between(ends[0], ends[1])})"
        yield from wrapped(line, 6)
