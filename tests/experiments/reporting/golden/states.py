"""Every state that the verdict can come to, in whatever makes it said otherwise.

They are not kept: ``test_states`` looks at all of them for what no report may say.
"""

from collections.abc import Iterator
from dataclasses import replace

from experiments.reporting.depth_facts import Expectation
from experiments.reporting.goal_facts import Comparison, Goal, Range
from experiments.reporting.health_facts import Split
from experiments.reporting.report import Report, State
from tests.experiments.reporting.factories import CASES, QUALITY, VARIATIONS, rates, report_of
from tests.experiments.reporting.golden import details
from tests.experiments.reporting.golden.judged import judged
from tests.experiments.reporting.golden.reports import (
    BETTER,
    WORSE,
    at_a_look,
    golden_reports,
    rest_of_list,
)


def states() -> dict[str, Report]:
    """Every report by what is special about it."""
    found = golden_reports()
    for name, case in {**{s.value: c for s, c in CASES.items()}, **VARIATIONS}.items():
        for purpose in ("learn", "choose"):
            found[f"{name}, {purpose}"] = report_of(replace(case, purpose=purpose))
        found[f"{name}, before the end"] = report_of(replace(case, final=False))
    found |= {f"judged: {name}": report_of(case) for name, case in judged()}
    found |= {f"changed: {name}": report for name, report in _changed()}
    return found


def _changed() -> Iterator[tuple[str, Report]]:
    """Reports with facts that the examples do not come to by themselves."""
    win, money = report_of(CASES[State.WIN]), report_of(VARIATIONS["money"])
    yield "loss at a look", at_a_look(WORSE)
    yield "a look, guardrail unsure", at_a_look(BETTER, rates((22_500, 56), (22_500, 70)))
    yield "a look, guardrail harmful", at_a_look(BETTER, rates((22_500, 90), (22_500, 190)))
    for why in details.NOT_ADJUSTED:
        yield f"not adjusted {why}", _with(money, adjustments=(details.not_adjusted(*why),))
    for gain in (0.2, 0.001):
        both = tuple(details.adjusted(kind, gain=gain) for kind in ("covariate", "phases"))
        beside = tuple(replace(each, used=False) for each in both)
        yield f"adjusted, gain {gain}", _with(money, adjustments=both)
        yield f"adjusted beside, gain {gain}", _with(money, adjustments=beside)
    for agree in (True, False):
        (goal,) = money.goals
        goal = replace(
            goal, uncapped=details.uncapped(agree=agree), credit=details.credit(agree=agree),
            days=details.DAYS, steps=details.STEPS,
        )  # fmt: skip
        yield f"beside the KPI, agree {agree}", replace(money, goals=(goal,))
    for days in (1, 12):
        goal = replace(win.goals[1], units_needed=400_000, days_needed=days)
        yield f"{days} days more", replace(win, goals=(win.goals[0], goal))
    yield "rest of the list, money", rest_of_list(VARIATIONS["money"])
    yield "by group", replace(win, segments=details.DIMENSIONS)
    for sides in (Range(0.001, None), Range(None, 0.05)):
        goal = _open_sided(win.goals[0], sides)
        yield f"an open side {sides}", replace(win, goals=(goal, *win.goals[1:]))
    known = Expectation(0.1, Range(0.05, 0.15), 0.02, 0.7, 14, 14)
    yield "expected from past tests", _with(money, expected=known)
    (fact,) = win.goals[-1].guardrails
    unknown = replace(fact, outcome="not_shown_safe", worst=None)
    guard = replace(win.goals[-1], guardrails=(unknown,))
    yield "a guardrail without a limit", replace(win, goals=(*win.goals[:-1], guard))
    small = report_of(CASES[State.TOO_SMALL])
    yield (
        "too few, an open side",
        replace(small, goals=(_open_sided(small.goals[0], Range(0.001, None)),)),
    )
    stayed = ("no_closed_windows", "not_enough_data", "split_broken")
    still = [details.batch(number, 0.5, why) for number, why in enumerate(stayed, start=2)]
    for run in (
        details.followed(details.batch(1, 0.5), details.batch(2, 0.72), details.batch(3, 0.9)),
        details.followed(details.batch(1, 0.5)),
        details.followed(details.batch(1, 0.5), *still, ended_early=True),
    ):
        yield f"shares that follow, {len(run.batches)} batches", replace(win, adaptive=run)
    yield from _in_health(win)


def _in_health(win: Report) -> Iterator[tuple[str, Report]]:
    broken = report_of(CASES[State.SPLIT_BROKEN])
    yield "causes known", _healthy(broken, causes=details.CAUSES)
    seldom = replace(broken.health.splits[-1], one_in=49_804, bias=None)
    yield "broken seldom", _healthy(broken, splits=(seldom,))
    apart = replace(broken.health.splits[-1], stage="assigned")
    yield "broken at assignment", _healthy(broken, splits=(apart,))
    gap = Split("sent", {"a": 3, "b": 2}, {"a": 0.5, "b": 0.5}, None, None, False, None,
                "a variant expects 2.5 units, 5 needed")  # fmt: skip
    yield "split cannot be checked", _healthy(win, splits=(gap,))
    yield "bad data", _healthy(win, quality=QUALITY, delivery=details.DELIVERY)
    many = replace(QUALITY.two_variants, level="warning")
    alike = tuple(replace(each, differs=False) for each in details.DELIVERY)
    warned = replace(QUALITY, two_variants=many, arrivals=(QUALITY.arrivals[1],))
    yield "a warning", _healthy(win, quality=warned, delivery=alike)
    none = replace(QUALITY.two_variants, units=0, share=0.0, level="fine")
    slow = replace(QUALITY.arrivals[0], delay_seconds=300_000.0)
    quick = replace(QUALITY.arrivals[0], delay_seconds=20.0)
    quiet = replace(QUALITY, two_variants=none, arrivals=(slow, quick))
    yield "nobody in two variants", _healthy(win, quality=quiet)
    early = report_of(CASES[State.TOO_EARLY])
    yield "nobody is waiting", _healthy(early, matures_at=None)
    yield "nobody has been met", _healthy(early, matures_at=None, mature_share=None)


def _healthy(report: Report, **changes: object) -> Report:
    health = replace(report.health, **changes)  # type: ignore[arg-type]  # of these callers
    return replace(report, health=health)


def _with(report: Report, **changes: object) -> Report:
    """The same with something else in every comparison of its only KPI."""
    (goal,) = report.goals
    found = tuple(
        replace(each, **changes)  # type: ignore[arg-type]  # of these callers
        for each in goal.comparisons
    )
    return replace(report, goals=(replace(goal, comparisons=found),))


def _open_sided(goal: Goal, sides: Range) -> Goal:
    def opened(entry: Comparison) -> Comparison:
        return replace(
            entry, interval_adjusted=sides, relative=None,
            relative_gap="the control's rate cannot be told from 0",
        )  # fmt: skip

    return replace(goal, comparisons=tuple(map(opened, goal.comparisons)))
