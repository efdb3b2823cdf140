"""A report without what an outsider is not to see.

Names become letters, amounts of money an index in which the control is 100, segments go.
Whatever a report will hold one day goes through the same walk: a variant's key or name, or
an amount within a KPI of money, is replaced wherever it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from string import ascii_uppercase
from typing import Any

from experiments.kpis.document import Text
from experiments.reporting.goal_facts import Goal
from experiments.reporting.report import Report

NAMES, REVENUE, SEGMENTS = "names", "revenue", "segments"
REDACTIONS = (NAMES, REVENUE, SEGMENTS)
INDEX_OF_CONTROL = 100.0
# Fields of a KPI of money that are no amounts.
_NO_AMOUNTS = frozenset(
    {
        "units", "units_needed", "window_hours", "version", "relative", "relative_interval",
        "p_value", "p_value_adjusted", "accounting", "immature", "significant", "share",
        "gain", "correlation", "balance_p", "left_out", "share_kept", "power", "days_needed",
        "steps", "from_hours", "to_hours", "interaction", "seen", "bound", "spent", "lost",
    }
)  # fmt: skip


def redacted(report: Report, what: frozenset[str]) -> Report:
    """The report without names, amounts of money or segments, whichever ``what`` lists."""
    if REVENUE in what:
        report = _without_amounts(report)
    if SEGMENTS in what:
        report = _without_segments(report)
    return _without_names(report) if NAMES in what else report


def _without_amounts(report: Report) -> Report:
    factors = {goal.kpi: _factor(goal) for goal in report.goals if goal.unit_of_measure == "money"}
    goals = tuple(
        _indexed(goal, factors[goal.kpi]) if goal.kpi in factors else goal for goal in report.goals
    )
    timeline = report.timeline
    if timeline is not None and timeline.kpi in factors:
        timeline = _scaled(timeline, factors[timeline.kpi])
    segments = tuple(
        _scaled(each, factors[each.kpi]) if each.kpi in factors else each
        for each in report.segments
    )
    return replace(report, goals=goals, timeline=timeline, segments=segments)


def _factor(goal: Goal) -> float:
    """What makes the control's value 100; where it has none, the largest of the others'."""
    values = [abs(arm.value or 0.0) for arm in sorted(goal.arms, key=lambda arm: not arm.control)]
    size = values[0] or max(values, default=0.0)
    return INDEX_OF_CONTROL / size if size else 0.0


def _indexed(goal: Goal, factor: float) -> Goal:
    found: Goal = _scaled(goal, factor)
    return replace(
        found,
        unit_of_measure="score",
        currency=None,
        name=_as_index(goal.name),
        short_name=_as_index(goal.short_name),
        sql="",
    )


def _as_index(name: Text) -> Text:
    return Text(f"{name.ko}(기준안=100)", f"{name.en} (control = 100)")


def _scaled(found: Any, factor: float) -> Any:
    """The same with every amount in it multiplied."""
    if isinstance(found, float):
        return found * factor
    if isinstance(found, tuple):
        return tuple(_scaled(each, factor) for each in found)
    if isinstance(found, dict):
        return {key: _scaled(value, factor) for key, value in found.items()}
    if is_dataclass(found) and not isinstance(found, type | Text):
        changed = {
            field.name: _scaled(getattr(found, field.name), factor)
            for field in fields(found)
            if field.name not in _NO_AMOUNTS
        }
        return replace(found, **changed)
    return found


def _without_segments(found: Report) -> Report:
    """Fields named for segments, of the report and of its KPIs, emptied."""
    goals = tuple(replace(goal, **_emptied(goal)) for goal in found.goals)
    return replace(found, goals=goals, **_emptied(found))


def _emptied(found: object) -> dict[str, Any]:
    assert is_dataclass(found)  # noqa: S101 - a report or a goal
    named = [field.name for field in fields(found) if field.name.startswith("segment")]
    return {name: () if isinstance(getattr(found, name), tuple) else None for name in named}


@dataclass(frozen=True)
class Aliases:
    """What stands for each variant, by its key and by its name."""

    keys: Mapping[str, str]
    names: Mapping[str, str]

    def hide(self, found: Any, field: str = "") -> Any:
        """The same without keys and names of variants."""
        if isinstance(found, str):
            return self._word(found, field)
        if isinstance(found, tuple):
            return tuple(self.hide(each, field) for each in found)
        if isinstance(found, dict):
            return {
                self.keys.get(key, key) if self._of_variants(found) else key: self.hide(value)
                for key, value in found.items()
            }
        if is_dataclass(found) and not isinstance(found, type | Text):
            kept = {each.name: self.hide(getattr(found, each.name), each.name)
                    for each in fields(found)}  # fmt: skip
            return replace(found, **kept)
        return found

    def _of_variants(self, found: dict[Any, Any]) -> bool:
        return bool(found) and set(found) <= set(self.keys)

    def _word(self, found: str, field: str) -> str:
        if field in {"variant", "control", "better"}:
            return self.keys.get(found, found)
        return self.names.get(found, found) if field == "name" else found


def _without_names(report: Report) -> Report:
    keys = list(report.variants)
    letters = [_letter(place) for place in range(len(keys))]
    aliases = Aliases(
        keys={key: letter.lower() for key, letter in zip(keys, letters, strict=True)},
        names={report.variants[key]: letter for key, letter in zip(keys, letters, strict=True)},
    )
    hidden: Report = aliases.hide(report)
    named = dict(zip(aliases.keys.values(), letters, strict=True))
    verdict = report.verdict
    blocking = tuple((kpi, aliases.keys[variant]) for kpi, variant in verdict.guardrails)
    return replace(
        hidden,
        experiment="",
        name="",
        hypothesis="",
        variants=named,
        goals=tuple(_renamed(goal, named) for goal in hidden.goals),
        segments=tuple(replace(e, variant_name=named[e.variant]) for e in hidden.segments),
        verdict=replace(hidden.verdict, guardrails=blocking),
        warnings=(),
    )


def _renamed(goal: Goal, named: Mapping[str, str]) -> Goal:
    """Every arm by its letter, two variants of one name too; the SQL names variants and goes."""
    return replace(
        goal,
        sql="",
        arms=tuple(replace(each, name=named[each.variant]) for each in goal.arms),
        comparisons=tuple(replace(e, name=named[e.variant]) for e in goal.comparisons),
        guardrails=tuple(replace(e, name=named[e.variant]) for e in goal.guardrails),
    )


def _letter(place: int) -> str:
    """A, B and so on, after Z comes AA.

    Examples:
        >>> _letter(0), _letter(25), _letter(26)
        ('A', 'Z', 'AA')
    """
    rest, letter = divmod(place, len(ascii_uppercase))
    return (_letter(rest - 1) if rest else "") + ascii_uppercase[letter]
