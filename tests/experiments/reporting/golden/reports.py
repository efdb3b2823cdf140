"""One report for every state of the evidence, and for what is told otherwise within one."""

from dataclasses import replace
from datetime import timedelta

from experiments.registry.plan import Plan
from experiments.reporting.families import FAMILIES
from experiments.reporting.looks import Due, first_shown, judged_looks
from experiments.reporting.report import Report, State, Timeline, TimelinePoint
from experiments.reporting.setting import Setting
from experiments.reporting.verdict import Evidence, judge
from tests.experiments.reporting.factories import (
    CASES,
    OPENS,
    STARTED,
    VARIATIONS,
    Case,
    draft_of,
    rates,
    report_of,
)

TOLD_OTHERWISE = (
    "target_missed", "target_nearly", "guardrail_unsure", "money", "three_arms", "best_is_harmful",
)  # fmt: skip
# Customers and opens of A and B until each of three of four looks.
_COURSE = (
    ((7_500, 1_320), (7_500, 1_440)),
    ((15_000, 2_650), (15_000, 2_880)),
    ((22_500, 3_990), (22_500, 4_590)),
)
_PLANNED = 60_000


def golden_reports() -> dict[str, Report]:
    """Every report by its name."""
    found = {state.value: report_of(case) for state, case in CASES.items()}
    found |= {name: report_of(VARIATIONS[name]) for name in TOLD_OTHERWISE}
    return found | {"win_at_a_look": at_a_look()}


def states_without_a_report() -> set[State]:
    """States that no example is in."""
    return set(State) - {report.verdict.state for report in golden_reports().values()}


def at_a_look() -> Report:
    """B is ahead at the third of four looks; the test runs on."""
    kpis = (replace(OPENS, samples=rates(*_COURSE[-1])),)
    report = report_of(Case(kpis=kpis, sent=(22_500, 22_500), final=False))
    draft = replace(
        draft_of(Case(kpis=kpis)), shape="triggered", plan=Plan(looks=4, units_planned=_PLANNED)
    )
    due = []
    for number, course in enumerate(_COURSE, start=1):
        samples = dict(zip("ab", rates(*course), strict=True))
        units = sum(sample.units for sample in samples.values())
        setting = Setting(draft, FAMILIES["proportion"], "up", samples, _PLANNED, "proportion")
        due.append(Due(number, STARTED + timedelta(days=number), units / _PLANNED, setting))
    looks = judged_looks(due, 4)
    points = tuple(
        TimelinePoint(each.at, "b", sum(arm[0] for arm in course), 0.01 * each.number, None, None)
        for each, course in zip(due, _COURSE, strict=True)
    )
    evidence = Evidence(
        report.goals, report.health.splits, (), "learn", 45_000, final=False,
        look=first_shown(looks),
    )  # fmt: skip
    return replace(
        report,
        shape="triggered",
        verdict=judge(evidence),
        timeline=Timeline("human_open", points, looks),
    )
