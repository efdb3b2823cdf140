"""The reports that are read and kept: every state of the evidence, and what is told otherwise.

``states`` has those whose sentences are checked and not kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from experiments.registry.plan import Plan
from experiments.reporting.families import Sample, family_of
from experiments.reporting.looks import Due, first_shown, judged_looks
from experiments.reporting.report import Report, State, Timeline, TimelinePoint
from experiments.reporting.rest import with_rest
from experiments.reporting.setting import Setting
from experiments.reporting.verdict import Evidence, judge
from tests.experiments.reporting.factories import (
    CASES,
    MORE_BUYERS,
    OPENS,
    QUALITY,
    REVISITS,
    STARTED,
    UNSUBSCRIBES,
    VARIATIONS,
    Case,
    draft_of,
    rates,
    report_of,
)
from tests.experiments.reporting.golden import details

TOLD_OTHERWISE = (
    "target_missed", "target_nearly", "guardrail_unsure", "money", "three_arms", "best_is_harmful",
    "all_worse", "none_better", "no_primary", "not_started",
)  # fmt: skip
Course = Sequence[tuple[tuple[int, int], ...]]
# Customers and opens of A and B until each of three of four looks.
BETTER: Course = (
    ((7_500, 1_320), (7_500, 1_440)),
    ((15_000, 2_650), (15_000, 2_880)),
    ((22_500, 3_990), (22_500, 4_590)),
)
WORSE: Course = tuple((b, a) for a, b in BETTER)
_PLANNED = 60_000
_OPENS = replace(OPENS, window_hours=24)
_A_LITTLE_MORE = replace(REVISITS, samples=rates((20_000, 2_400), (20_000, 2_640)))


def golden_reports() -> dict[str, Report]:
    """Every report by its name."""
    found = {state.value: report_of(case) for state, case in CASES.items()}
    found |= {name: report_of(VARIATIONS[name]) for name in TOLD_OTHERWISE}
    return found | {
        "win_at_a_look": at_a_look(),
        "loss_at_a_look": at_a_look(WORSE),
        "target_uncertain": report_of(replace(VARIATIONS["target_nearly"], kpis=(_A_LITTLE_MORE,))),
        "choice_unsure": choice_unsure(),
        "bad_data": bad_data(),
        "in_depth": in_depth(),
        "by_group": by_group(),
        "rest_of_list": rest_of_list(),
    }


def states_without_a_report() -> set[State]:
    """States that no example is in."""
    return set(State) - {report.verdict.state for report in golden_reports().values()}


def at_a_look(course: Course = BETTER, guard: tuple[Sample, ...] = ()) -> Report:
    """B is ahead, or behind, at the second of four looks; the test runs on.

    Args:
        course: Customers and opens of both variants until each look that came.
        guard: Samples of a guardrail beside the opens.
    """
    sent = tuple(units for units, _ in course[-1])
    guards = (replace(UNSUBSCRIBES, samples=guard),) if guard else ()
    kpis = (replace(_OPENS, samples=rates(*course[-1])), *guards)
    case = Case(kpis=kpis, sent=sent, final=False, shape="triggered", ended=True)
    report = report_of(case)
    draft = replace(draft_of(case), plan=Plan(looks=4, units_planned=_PLANNED))
    due = []
    for number, until in enumerate(course, start=1):
        samples = dict(zip("ab", rates(*until), strict=True))
        units = sum(sample.units for sample in samples.values())
        setting = Setting(draft, family_of("proportion"), "up", samples, _PLANNED, "proportion")
        due.append(Due(number, STARTED + timedelta(days=number), units / _PLANNED, setting))
    looks = judged_looks(due, 4)
    points = tuple(
        TimelinePoint(each.at, "b", sum(arm[0] for arm in until), 0.01 * each.number, None, None)
        for each, until in zip(due, course, strict=True)
    )
    evidence = Evidence(
        report.goals, report.health.splits, (), "learn", sum(sent), final=False,
        look=first_shown(looks),
    )  # fmt: skip
    return replace(report, verdict=judge(evidence), timeline=Timeline("human_open", points, looks))


def choice_unsure() -> Report:
    """The best so far goes out, though a guardrail is not shown to be safe."""
    case = CASES[State.CHOICE]
    guard = replace(UNSUBSCRIBES, samples=rates((1_500, 4), (1_500, 6)))
    return report_of(replace(case, kpis=(*case.kpis, guard)))


def bad_data() -> Report:
    """A winner on data with everything wrong that does not withhold it."""
    kpi = replace(MORE_BUYERS, samples=rates((30_000, 1_560), (30_000, 1_800)))
    report = report_of(Case(kpis=(kpi,), quality=QUALITY))
    return replace(report, health=replace(report.health, delivery=details.DELIVERY))


def in_depth() -> Report:
    """Everything that may stand beside a KPI of money."""
    report = report_of(VARIATIONS["money"])
    (goal,) = report.goals
    kinds = ("covariate", "phases")
    used = tuple(details.adjusted(kind, used=kind == "covariate") for kind in kinds)
    against = tuple(replace(each, adjustments=used) for each in goal.comparisons)
    told = replace(
        goal, comparisons=against, uncapped=details.uncapped(agree=True),
        credit=details.credit(agree=False), days=details.DAYS,
    )  # fmt: skip
    return replace(report, goals=(told,))


def rest_of_list(case: Case = CASES[State.WIN]) -> Report:
    """A winner of a test on a sample: 48,000 customers of the list were not in it."""
    report = report_of(case)
    met = sum(sum(split.counts.values()) for split in report.health.splits[-1:])
    planned = met + 48_000
    return with_rest(report, planned, Decimal(met) / planned, met)


def by_group() -> Report:
    """A winner, by channel, by what is known of the customers and by another test."""
    return replace(report_of(CASES[State.WIN]), segments=details.DIMENSIONS[:6])
