"""One fact at a time: a target, a comparison, what it means for 10,000 customers."""

from experiments.kpis.kinds import SUMMED
from experiments.reporting.goal_facts import Arm, Comparison, Goal
from experiments.reporting.report import Report
from experiments.reporting.wording.names import kpi_name, listed, spoken
from experiments.reporting.wording.phrases import moves, phrase
from experiments.reporting.wording.reasons import say_gap
from experiments.reporting.wording.telling import (
    Telling,
    counted,
    range_of,
    range_text,
    relative_text,
    scale_of,
)

_PER = 10_000


def say_target(goal: Goal, arm: Arm, language: str) -> tuple[str, ...]:
    """The two facts about a target: the actual, and whether it will hold.

    Only at the planned end, since the second is read off the interval.
    """
    if arm.target is None or arm.value is None:
        return ()
    values = _target_values(goal, arm, language)
    if arm.target.reached and arm.target.holds == "yes" and "limit" in values:
        key = "target.yes.at_least" if goal.direction == "up" else "target.yes.at_most"
        return phrase(language, "target.yes"), phrase(language, key, **values)
    state = "reached" if arm.target.reached else "missed"
    said = [phrase(language, f"target.{state}", **values)]
    if arm.target.holds == "no" and "limit" in values:
        key = "missed.at_most" if goal.direction == "up" else "missed.at_least"
        said.append(phrase(language, key, **values))
    elif "limit" in values:
        said.append(phrase(language, f"target.{state}.may", **values))
    return tuple(said)


def best_limit(goal: Goal, arm: Arm, telling: Telling) -> str:
    """How near to its missed target the variant may still be."""
    values = _target_values(goal, arm, telling.language)
    if arm.target is None or "limit" not in values:
        return ""
    if arm.target.holds != "no":
        return telling.phrase("missed.may", **values)
    key = "missed.at_most" if goal.direction == "up" else "missed.at_least"
    return telling.phrase(key, **values)


def _target_values(goal: Goal, arm: Arm, language: str) -> dict[str, str]:
    """Values of the sentences on a target; without ``limit`` where the arm has no interval."""
    if arm.target is None or arm.value is None:
        return {}
    target, limit = arm.target.value, _limit(goal, arm)
    shown = [arm.value, target] if limit is None else [arm.value, target, limit]
    scale = scale_of(goal, language)
    written = dict(zip(("value", "target", "limit"), scale.values(*shown), strict=False))
    side = "above" if goal.direction == "up" else "below"
    passed = "equal" if written["value"] == written["target"] else side
    return {
        **written,
        "kpi": kpi_name(goal, language),
        "variant": spoken(arm.name, language),
        "passed": phrase(language, f"target.{passed}", target=written["target"]),
        "rest": scale.change(arm.value, target)[2],
    }


def _limit(goal: Goal, arm: Arm) -> float | None:
    """The end of the arm's interval that matters: the worse if reached, the better if not."""
    if arm.interval is None or arm.target is None:
        return None
    wants_lower_end = arm.target.reached == (goal.direction == "up")
    return arm.interval.lower if wants_lower_end else arm.interval.upper


def say_comparison(goal: Goal, comparison: Comparison, language: str) -> str:
    """One line: the difference, the relative one in brackets, and the range.

    Before the planned end the range is the one that may be watched all along. A guardrail
    has the worst in its place, since that is what it is judged by.
    """
    variant = spoken(comparison.name, language)
    if comparison.difference is None:
        reason = say_gap(comparison.gap or "there are no samples to add", language)
        return phrase(language, "comparison.gap", variant=variant, reason=reason)
    worst = worst_of(goal, comparison, language)
    difference, text = worst or _with_range(goal, comparison, comparison.difference, language)
    fixed = comparison.interval_adjusted or comparison.interval
    key = "comparison.range" if fixed else "comparison.running"
    key = "comparison.worst" if worst else key
    return phrase(
        language,
        "comparison",
        variant=variant,
        difference=difference,
        relative=relative_text(comparison, language),
        range=phrase(language, key, range=text) if text else "",
    )


def worst_of(goal: Goal, comparison: Comparison, language: str) -> tuple[str, str] | None:
    """Of a guardrail: the difference, and the worst it may be; None where it is not judged."""
    fact = next((each for each in goal.guardrails if each.variant == comparison.variant), None)
    if fact is None or fact.worst is None or comparison.difference is None:
        return None
    worst = fact.worst if goal.direction == "down" else -fact.worst
    difference, limit = scale_of(goal, language).of_differences.signed(comparison.difference, worst)
    return difference, limit


def _with_range(
    goal: Goal, comparison: Comparison, difference: float, language: str
) -> tuple[str, str | None]:
    scale, limits = scale_of(goal, language).of_differences, range_of(comparison)
    if limits is None or limits.lower is None or limits.upper is None:
        text = range_text(scale, limits, always_signed=True)
        return scale.signed(difference)[0], text
    return scale.signed_with_range(difference, limits.lower, limits.upper)


def say_shown(goal: Goal, comparison: Comparison, language: str) -> str:
    """Whether a difference is shown; of a secondary KPI, as a hint.

    Nothing before the planned end, and nothing of a guardrail: no shown difference would
    not make it safe.
    """
    if goal.role == "guardrail" or comparison.p_value is None:
        return ""
    if not comparison.significant:
        return phrase(language, "shown.no")
    return phrase(language, "shown.exploratory" if goal.exploratory else "shown.yes")


def per_10000(goal: Goal, comparison: Comparison, language: str) -> str | None:
    """The difference as customers, money or a count per 10,000 customers, with its range.

    Returns:
        None where a sum means nothing (days, scores, ratios), where there is no difference to
        tell, before the planned end, and of a guardrail, which goes by its worst alone.
    """
    if goal.role == "guardrail" or goal.kind not in SUMMED:
        return None
    totals = scale_of(goal, language).of_totals
    limits = comparison.interval_adjusted or comparison.interval
    if totals is None or limits is None or comparison.difference is None:
        return None
    (total,) = totals.sizes(_PER * comparison.difference)
    words = moves(goal.unit_of_measure, comparison.difference, language)
    if limits.lower is None or limits.upper is None:
        return phrase(language, "per_10000", **words, total=total)
    ends = _PER * limits.lower, _PER * limits.upper
    if ends[0] < 0 < ends[1]:
        text = totals.signed_between(*ends)
        return phrase(language, "per_10000.open", **words, total=total, range=text)
    text = totals.between(*ends)
    return phrase(language, "per_10000.range", **words, total=total, range=text)


def say_rest(goal: Goal, comparison: Comparison, language: str) -> tuple[str, ...]:
    """What the winner is expected to bring to the rest of the list, where the report knows."""
    rest, totals = comparison.rest, scale_of(goal, language).of_totals
    if rest is None or totals is None:
        return ()
    lower, upper = rest.interval.lower or 0.0, rest.interval.upper or 0.0
    sure = lower >= 0 or upper <= 0
    said = phrase(
        language,
        "rest.range" if sure else "rest.open",
        **moves(goal.unit_of_measure, rest.total, language),
        customers=counted(rest.units, language),
        variant=spoken(comparison.name, language),
        control=spoken(goal.control.name, language),
        total=totals.sizes(rest.total)[0],
        range=totals.between(lower, upper) if sure else totals.signed_between(lower, upper),
    )
    return (said, phrase(language, "rest.corrected")) if rest.corrected else (said,)


def say_secondary(report: Report, language: str) -> str:
    """Which secondary KPIs differ and which are not shown to; all of it exploratory.

    Nothing before the planned end, or while results are withheld.
    """
    goals = [goal for goal in report.goals if goal.role == "secondary"]
    if not goals or not report.final or report.withheld:
        return ""
    named: dict[str, list[str]] = {"shown": [], "not_shown": [], "gap": []}
    for goal in goals:
        named[_outcome(goal)].append(kpi_name(goal, language))
    said = [
        phrase(language, f"secondary.{outcome}", kpis=listed(names, language))
        for outcome, names in named.items()
        if names
    ]
    return " ".join([*said, phrase(language, "secondary.hint")])


def say_before_the_end(language: str) -> str:
    """Why a report of a running test shows so little."""
    return phrase(language, "before_the_end")


def _outcome(goal: Goal) -> str:
    if all(each.gap is not None for each in goal.comparisons):
        return "gap"
    return "shown" if any(each.significant for each in goal.comparisons) else "not_shown"
