"""What stands behind a KPI's comparisons, said: adjustments, caps, credit, steps, days, use."""

from collections.abc import Iterator

from experiments.reporting.depth_facts import Adjustment, DayEffect, Expectation, Plain
from experiments.reporting.goal_facts import Goal
from experiments.reporting.report import Report
from experiments.reporting.wording.labels import label
from experiments.reporting.wording.names import listed, spoken
from experiments.reporting.wording.numbers import count, share
from experiments.reporting.wording.phrases import phrase
from experiments.reporting.wording.quality import Note
from experiments.reporting.wording.reasons import say_gap
from experiments.reporting.wording.telling import customers, range_text, scale_of

# As stats.shrinkage asks for, which needs scipy; a test compares.
FEWEST_TESTS = 10
# Fewer customers than this share more are not worth a sentence.
_WORTH_SAYING = 0.005


def say_depth(report: Report, goal: Goal, language: str) -> tuple[Note, ...]:
    """Everything beside the comparisons of one KPI; nothing while results are withheld."""
    if report.withheld:
        return ()
    return (
        *_expected(goal, language),
        *_adjusted(report, goal, language),
        *_uncapped(goal, language),
        *_credit(goal, language),
        *_days(goal, language),
        *_steps(report, goal, language),
        *_needed(report, goal, language),
    )


def _expected(goal: Goal, language: str) -> Iterator[Note]:
    """The winner's curse: what won was helped by chance, so less is to be expected of it."""
    for each in goal.comparisons:
        if each.expected is None or not each.better:
            continue
        scale = scale_of(goal, language).of_differences
        expected, observed = scale.signed(each.expected.difference, each.difference or 0.0)
        said = phrase(
            language,
            "expected",
            variant=spoken(each.name, language),
            expected=expected,
            observed=observed,
        )
        why = phrase(language, "expected.why")
        yield Note("expected", "quiet", (said, why, _rests_on(each.expected, language)))


def _rests_on(found: Expectation, language: str) -> str:
    """On how many ended tests an expectation rests."""
    if found.past_tests:
        return phrase(language, "expected.past", tests=count(found.past_tests))
    tests, least = count(found.ended_tests), str(FEWEST_TESTS)
    return phrase(language, "expected.usual", tests=tests, least=least)


def _adjusted(report: Report, goal: Goal, language: str) -> Iterator[Note]:
    for entry in goal.comparisons:
        for each in entry.adjustments:
            said = list(_adjustment(goal, each, language))
            if len(report.variants) > 2:
                said[0] = f"{spoken(entry.name, language)}: {said[0]}"
            yield Note(each.kind, "good" if each.used else "quiet", tuple(said))


def _adjustment(goal: Goal, found: Adjustment, language: str) -> Iterator[str]:
    if found.adjusted is None:
        yield phrase(language, f"{found.kind}.not.{found.why_not}")
        return
    values = {"gain": share(_as_customers(found.gain))}
    values["plain"] = plain_text(goal, found.unadjusted, language)
    values["adjusted"] = plain_text(goal, found.adjusted, language)
    if found.used:
        costs = _as_customers(found.gain) < _WORTH_SAYING
        yield phrase(language, f"{found.kind}.used{'.plain' if costs else ''}", **values)
        yield phrase(language, f"{found.kind}.without", **values)
    else:
        yield phrase(language, f"{found.kind}.beside", **values)
    if found.left_out:
        yield phrase(language, "phases.left_out", share=share(found.left_out))


def _as_customers(gain: float | None) -> float:
    """How many more customers would have made the answer as precise, a fraction."""
    return 0.0 if gain is None or not 0 < gain < 1 else gain / (1 - gain)


def _uncapped(goal: Goal, language: str) -> Iterator[Note]:
    found = goal.uncapped
    if found is None:
        return
    (cap,) = scale_of(goal, language).values(found.cap)
    without = _each(goal, found.comparisons, language)
    said = (
        phrase(language, "uncapped", cap=cap, without=without),
        phrase(language, "uncapped.agree" if found.agree else "uncapped.differ"),
    )
    yield Note("uncapped", "quiet" if found.agree else "caution", said)


def _credit(goal: Goal, language: str) -> Iterator[Note]:
    if not goal.credit:
        return
    said = [
        phrase(
            language,
            "credit.own" if each.own else "credit.other",
            rule=label("credit", each.rule, language),
            result=_each(goal, each.comparisons, language),
        )
        if any(each.values.values())
        else phrase(language, "credit.none", rule=label("credit", each.rule, language))
        for each in goal.credit
    ]
    own = next((each for each in goal.credit if each.own), goal.credit[0])
    counted = [each for each in goal.credit if any(each.values.values())]
    signs = {key: _sign(each) for key, each in own.comparisons.items()}
    agree = all(
        _sign(found) == signs[key] for each in counted for key, found in each.comparisons.items()
    )
    said.append(phrase(language, "credit.agree" if agree else "credit.differ"))
    yield Note("credit", "quiet" if agree else "caution", tuple(said))


def _days(goal: Goal, language: str) -> Iterator[Note]:
    if goal.days_gap is not None:
        yield Note("days", "quiet", (say_gap(goal.days_gap, language),))
    if not goal.days:
        return
    said = [
        phrase(
            language, "days.each",
            stretch=_stretch(each, language), result=_each(goal, each.comparisons, language),
        )
        for each in goal.days
    ]  # fmt: skip
    shown = [each for each in goal.days if any(p.shown for p in each.comparisons.values())]
    if shown and len(shown) < len(goal.days):
        named = listed([_stretch(each, language) for each in shown], language)
        said.append(phrase(language, "days.only", stretches=named))
    yield Note("days", "quiet", tuple(said))


def _stretch(found: DayEffect, language: str) -> str:
    first, last = found.from_hours // 24 + 1, -(-found.to_hours // 24)
    if found.to_hours - found.from_hours < 24:
        hours = str(found.from_hours), str(found.to_hours)
        return phrase(language, "days.hours", first=hours[0], last=hours[1])
    key = "days.one" if first == last else "days.many"
    return phrase(language, key, first=str(first), last=str(last))


def _steps(report: Report, goal: Goal, language: str) -> Iterator[Note]:
    if not goal.steps or not any(arm.units for arm in goal.arms):
        return
    said = []
    for step in goal.steps:
        parts = [
            phrase(
                language, "steps.variant", variant=spoken(report.variants.get(key, key), language),
                units=count(units), share=share(step.shares[key] or 0.0),
            )
            for key, units in step.units.items()
        ]  # fmt: skip
        said.append(phrase(language, "steps.each", event=step.event, parts=", ".join(parts)))
    yield Note("steps", "quiet", tuple(said))


def _needed(report: Report, goal: Goal, language: str) -> Iterator[Note]:
    """What is not supported yet, and what would settle it."""
    if not report.final or goal.units_needed is None or goal.role == "guardrail":
        return
    values = {"customers": customers(goal.units_needed, language)}
    said = [phrase(language, "needed.open")]
    if goal.power is not None and goal.minimum_effect is not None:
        scale = scale_of(goal, language).of_differences
        effect, chance = scale.sizes(goal.minimum_effect)[0], share(goal.power)
        said.append(phrase(language, "needed.power", effect=effect, chance=chance))
    said.append(phrase(language, "needed", **values))
    if goal.days_needed:
        key = "needed.day" if goal.days_needed == 1 else "needed.days"
        said.append(phrase(language, key, days=count(goal.days_needed)))
    yield Note("needed", "quiet", tuple(said))


def plain_text(goal: Goal, found: Plain, language: str) -> str:
    """A comparison in one breath: the difference, and its range in brackets."""
    if found.difference is None:
        return say_gap(found.gap or "there are no samples to add", language).rstrip(".")
    scale = scale_of(goal, language).of_differences
    limits = found.interval
    if limits is None or limits.lower is None or limits.upper is None:
        text = range_text(scale, limits, always_signed=True)
        return " ".join(each for each in (scale.signed(found.difference)[0], text) if each)
    difference, text = scale.signed_with_range(found.difference, limits.lower, limits.upper)
    return phrase(language, "plain", difference=difference, range=text)


def _each(goal: Goal, found: dict[str, Plain], language: str) -> str:
    names = {entry.variant: spoken(entry.name, language) for entry in goal.comparisons}
    if len(found) == 1:
        return plain_text(goal, next(iter(found.values())), language)
    parts = [f"{names[key]} {plain_text(goal, each, language)}" for key, each in found.items()]
    return ", ".join(parts)


def _sign(found: Plain) -> int:
    if not found.shown or not found.difference:
        return 0
    return 1 if found.difference > 0 else -1
