"""The figures of the planned looks: when each came, its bound, what it saw, what followed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.reporting.exports.depth_rows import Told, ends
from experiments.reporting.goal_facts import Goal
from experiments.reporting.looks import first_shown
from experiments.reporting.report import Look, LookFinding, Report

NOT_DUE = "look_not_due"
_OF_THE_PLAN = ("_due", "_at", "_seen", "_bound", "_error_spent")


@dataclass(frozen=True)
class LookLine:
    """One variant at one planned look, as a line of a table.

    Attributes:
        came: When; None while it is not due.
        decision: ``may_end`` since a look has shown a difference, ``planned_end`` at the last
            one, else ``go_on``; None before it came.
    """

    look: Look
    variant: str
    finding: LookFinding | None
    came: datetime | None
    decision: str | None


def look_lines(report: Report) -> Iterator[LookLine]:
    """Every planned look by variant; none where none are planned, or of one segment."""
    if report.timeline is None or report.segment is not None:
        return
    looks = report.timeline.looks
    for look in looks:
        found = {each.variant: each for each in look.findings}
        decision = None if look.at is None else _decision(look, looks)
        for variant in report.variants:
            if variant != report.control:
                yield LookLine(look, variant, found.get(variant), look.at, decision)


def _decision(look: Look, looks: Sequence[Look]) -> str:
    shown = first_shown(looks)
    if shown is not None and look.number >= shown.number:
        return "may_end"
    return "planned_end" if look.number == len(looks) else "go_on"


def of_looks(report: Report, goal: Goal, variant: str) -> Iterator[Told]:
    """What is told of one variant of the KPI that is looked at."""
    if report.timeline is None or goal.kpi != report.timeline.kpi:
        return
    if report.timeline.gap is not None:
        yield Told("looks_difference", None, gap=report.timeline.gap)
    for line in look_lines(report):
        if line.variant == variant:
            yield from _told(line, withheld=report.withheld)


def is_known_before(figure: str) -> bool:
    """Whether a figure of a look is of its plan, and no result.

    Examples:
        >>> is_known_before("look1_bound"), is_known_before("look1_difference_lower")
        (True, False)
    """
    return figure.startswith("look") and figure.endswith(_OF_THE_PLAN)


def _told(line: LookLine, *, withheld: bool) -> Iterator[Told]:
    look, finding, name = line.look, line.finding, f"look{line.look.number}"
    gap = None if finding is None else finding.gap
    yield Told(f"{name}_due", look.share)
    yield Told(f"{name}_at", None if line.came is None else line.came.isoformat(), NOT_DUE)
    yield Told(f"{name}_seen", look.seen, NOT_DUE)
    yield Told(f"{name}_bound", look.bound, NOT_DUE)
    yield Told(f"{name}_error_spent", look.spent, NOT_DUE)
    yield Told(f"{name}_difference", finding.difference if finding else None, NOT_DUE, gap)
    yield from ends(f"{name}_difference", finding.interval if finding else None, NOT_DUE, gap)
    shown = None if finding is None or gap is not None or withheld else finding.shown
    yield Told(f"{name}_difference_shown", shown, NOT_DUE, gap)
    better = finding.better if finding is not None and shown else None
    yield Told(f"{name}_better", better, "not_shown" if finding else NOT_DUE, gap)
    yield Told(f"{name}_decision", None if withheld else line.decision, NOT_DUE)
