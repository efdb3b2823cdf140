"""The verdict: from facts to the state of the evidence. No numbers are made here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from experiments.reporting.goal_facts import Comparison, Goal, Range
from experiments.reporting.health_facts import OpensFact, Split
from experiments.reporting.report import Look, State, Verdict


@dataclass(frozen=True)
class Evidence:
    """What a verdict is made of.

    Attributes:
        goals: All KPIs of the test.
        splits: Every stage up to the anchor.
        opens: If the primary KPI counts opens.
        purpose: ``learn`` or ``choose``.
        met: Customers anchored, counted or not yet.
        final: Whether the planned end is reached.
        one_segment: Whether only the customers of one segment were looked at.
        look: The first planned look that showed a difference; None if none did.
    """

    goals: Sequence[Goal]
    splits: Sequence[Split]
    opens: Sequence[OpensFact]
    purpose: str
    met: int
    final: bool
    one_segment: bool = False
    look: Look | None = None


def judge(evidence: Evidence) -> Verdict:
    """Say what may be said: first whether anything may, then what."""
    nothing = _nothing_to_say(evidence)
    if nothing is not None:
        return nothing
    primary = next((goal for goal in evidence.goals if goal.role == "primary"), None)
    answered = [entry for entry in primary.comparisons if entry.gap is None] if primary else []
    if primary is None or not answered:
        return Verdict(State.NO_ANSWER)
    return _by_outcome(evidence, primary, answered)


def _nothing_to_say(evidence: Evidence) -> Verdict | None:
    """Why no verdict may be given, the most serious reason first."""
    if evidence.met == 0:
        return Verdict(State.NO_DATA)
    broken = next((split for split in evidence.splits if split.broken), None)
    if broken is not None:
        return Verdict(State.SPLIT_BROKEN, short_of(broken))
    if evidence.one_segment:
        return Verdict(State.ONE_SEGMENT)
    if any(fact.faults for fact in evidence.opens):
        return Verdict(State.OPENS_UNRELIABLE)
    return None if evidence.final else _before_the_end(evidence)


def _before_the_end(evidence: Evidence) -> Verdict:
    """Nothing, unless a planned look has shown a difference: then the test may end."""
    look = evidence.look
    primary = next((goal for goal in evidence.goals if goal.role == "primary"), None)
    if look is None or primary is None:
        return Verdict(State.TOO_EARLY)
    sign = 1 if primary.direction == "up" else -1
    shown = sorted(
        (each for each in look.findings if each.shown),
        key=lambda each: -sign * (each.difference or 0.0),
    )
    better = tuple(each.variant for each in shown if each.better)
    if better:
        found = _with_winners(evidence, better, _guardrails(evidence, {"harmful"}))
        return replace(found, look=look.number)
    if len(shown) == len(look.findings):
        return Verdict(State.LOSS, shown[-1].variant, look=look.number)
    return Verdict(State.TOO_EARLY)


def short_of(split: Split) -> str:
    """The variant that has the fewest of the customers it should have had."""
    return min(split.counts, key=lambda key: _share_met(split, key))


def _share_met(split: Split, key: str) -> float:
    planned = split.expected[key] * sum(split.counts.values())
    return split.counts[key] / planned if planned else 1.0


def _by_outcome(evidence: Evidence, primary: Goal, answered: list[Comparison]) -> Verdict:
    standing = _guardrails(evidence, {"harmful"})
    winners = tuple(
        entry.variant for entry in _ranked(primary, answered) if entry.significant and entry.better
    )
    if winners:
        return _with_winners(evidence, winners, standing)
    if standing:
        return Verdict(State.HARMFUL, standing[0][1], guardrails=standing)
    if all(entry.significant and entry.better is False for entry in answered):
        return Verdict(State.LOSS, _ranked(primary, answered)[-1].variant)
    best = _ranked(primary, answered)[0]
    if all(_settled(entry, primary.minimum_effect) for entry in answered):
        return Verdict(State.NO_DIFFERENCE, best.variant)
    if evidence.purpose == "choose":
        return Verdict(State.CHOICE, best.variant if best.better else primary.control.variant)
    return Verdict(State.TOO_SMALL, best.variant)


def _with_winners(
    evidence: Evidence, names: tuple[str, ...], harmful: tuple[tuple[str, str], ...]
) -> Verdict:
    harmed = {variant for _, variant in harmful}
    harmless = [name for name in names if name not in harmed]
    if not harmless:
        return Verdict(State.TRADE_OFF, names[0], names, _about(harmful, names[0]))
    unsure = _guardrails(evidence, {"not_shown_safe"})
    return Verdict(State.WIN, harmless[0], names, _about(unsure, harmless[0]))


def _guardrails(evidence: Evidence, outcomes: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (goal.kpi, fact.variant)
        for goal in evidence.goals
        for fact in goal.guardrails
        if fact.outcome in outcomes
    )


def _about(facts: tuple[tuple[str, str], ...], variant: str) -> tuple[tuple[str, str], ...]:
    return tuple(fact for fact in facts if fact[1] == variant)


def _ranked(primary: Goal, answered: list[Comparison]) -> list[Comparison]:
    """Best first; equal ones as registered."""
    sign = 1 if primary.direction == "up" else -1
    return sorted(answered, key=lambda entry: -sign * (entry.difference or 0.0))


def _settled(entry: Comparison, minimum_effect: float | None) -> bool:
    """Whether the variant is shown to be worse, or no better by as much as matters."""
    worse = entry.significant and entry.better is False
    return worse or ruled_out(entry, minimum_effect)


def ruled_out(entry: Comparison, minimum_effect: float | None) -> bool:
    """Whether every difference worth knowing of lies outside the interval."""
    interval = entry.interval_adjusted
    if minimum_effect is None or interval is None or entry.significant:
        return False
    return _within(interval, minimum_effect)


def _within(interval: Range, limit: float) -> bool:
    return (
        interval.lower is not None
        and interval.upper is not None
        and -limit < interval.lower
        and interval.upper < limit
    )
