"""Cells of the printed tables: differences from the control, and targets."""

from typing import Any

from api.i18n import gettext
from api.pages.figures import Figures, lift_of
from experiments.reporting.goal_facts import Arm, Comparison, Goal
from experiments.reporting.report import Report, State
from experiments.reporting.wording import say_withheld

Cell = dict[str, Any]


def lift_cell(report: Report, goal: Goal, entry: Comparison | None, figures: Figures) -> Cell:
    """A difference with its range; of a guardrail with its worst; or why there is none."""
    if entry is None:
        return {"said": ""}
    if entry.difference is None:
        return {"said": figures.gap(entry)}
    harm = None if report.verdict.state is State.SPLIT_BROKEN else figures.harm(goal, entry)
    if report.withheld and harm is None:
        said = figures.difference(goal, entry.difference)
        return {"said": said, "struck": True, "sub": say_withheld(report, figures.language)}
    if harm is not None:
        told = gettext("at worst %(limit)s") % {"limit": harm[1]}
        return {"said": harm[0] + _share(entry, figures), "sub": told, "tone": figures.tone(entry)}
    if not report.final:
        so_far = gettext("so far, may still change")
        return {"said": figures.between(goal, entry.always_valid), "sub": so_far}
    difference, between = figures.lift(goal, entry.difference, lift_of(report, entry))
    told = gettext("allowing for error %(range)s") % {"range": between}
    said = difference + _share(entry, figures)
    return {"said": said, "sub": told, "tone": figures.tone(entry)}


def _share(entry: Comparison, figures: Figures) -> str:
    return "" if entry.relative is None else f" ({figures.relative(entry.relative)})"


def target_cell(goal: Goal, arm: Arm, figures: Figures) -> Cell:
    """The target, whether it is reached, and whether that will hold."""
    if arm.target is None or arm.control:
        return {"said": ""}
    holds = {
        "yes": gettext("holds with the margin of error too"),
        "no": gettext("missed with the margin of error too"),
    }
    reached = gettext("reached") if arm.target.reached else gettext("not reached")
    return {
        "said": f"{figures.value(goal, arm.target.value)} · {reached}",
        "sub": holds.get(arm.target.holds, gettext("not certain to hold next time")),
    }
