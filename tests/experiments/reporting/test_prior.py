"""What ended tests tell of the next: of each its first variant, and too few tell nothing."""

from dataclasses import replace
from math import log

import pytest

from experiments.kpis.document import Text
from experiments.kpis.reading import KpiReading
from experiments.reporting.goal_facts import Accounting, Goal
from experiments.reporting.goals import GoalReading, Measured, analyse_goal
from experiments.reporting.group_facts import SegmentRead
from experiments.reporting.prior import PastLift, Prior, lifts_of, prior_of
from experiments.reporting.report import State
from experiments.reporting.wording import say_depth
from experiments.reporting.wording.depth import FEWEST_TESTS
from experiments.reporting.wording.phrases import phrase
from stats import shrinkage
from stats.differences import log_ratio_of
from stats.proportions import compare_proportions
from stats.samples import BinomialSample
from tests.experiments.reporting.factories import (
    CASES,
    THREE_ARMS,
    draft_of,
    example,
    report_of,
)


def with_prior(prior: Prior) -> Goal:
    """The primary KPI of the winning test, with that prior."""
    case = CASES[State.WIN]
    kpi = case.kpis[0]
    samples = dict(zip(case.keys, kpi.samples, strict=True))
    measured = Measured(samples, Accounting(0, 0, {}), {}, "")
    reading = GoalReading(kpi.goal(), KpiReading.of(kpi.document()), 1, kpi.window_hours, prior)
    return analyse_goal(draft_of(case), reading, measured, final=True)


PAST = [PastLift("proportion", "rate", value, 0.02) for value in (0.05, -0.03, 0.0, 0.02) * 10]


def test_a_report_at_its_end_tells_its_first_kpi_of_each_kind() -> None:
    [lift] = lifts_of(example(State.WIN)) or []
    compared = compare_proportions(BinomialSample(30_000, 5_319), BinomialSample(30_000, 6_117))
    estimate = log_ratio_of(compared)
    assert (lift.kind, lift.unit) == ("proportion", "rate")
    assert lift.log_ratio == pytest.approx(log(6_117 / 5_319)) == pytest.approx(estimate.value)
    assert lift.error == pytest.approx(estimate.standard_error)


def test_of_several_variants_it_is_the_first_registered() -> None:
    [lift] = lifts_of(report_of(THREE_ARMS)) or []
    assert lift.log_ratio == pytest.approx(log((3_894 / 21_307) / (2_262 / 21_306)))


def test_lost_and_undecided_tests_tell_theirs_too() -> None:
    assert (lifts_of(example(State.LOSS)) or [])[0].log_ratio < 0
    assert lifts_of(example(State.NO_DIFFERENCE))


def test_what_is_withheld_or_not_at_its_end_tells_nothing() -> None:
    assert lifts_of(example(State.TOO_EARLY)) is None
    assert lifts_of(example(State.SPLIT_BROKEN)) == []
    assert lifts_of(example(State.NO_ANSWER)) == []
    part = replace(example(State.WIN), segment=SegmentRead("vip", Text("VIP", "VIP"), 10))
    assert lifts_of(part) is None


def test_the_prior_is_of_its_own_kind_and_needs_ten_tests() -> None:
    found = prior_of("proportion", "rate", [*PAST, PastLift("mean", "money", 3.0, 0.1)])
    assert (found.past_tests, found.ended_tests) == (40, 40)
    assert found.sd == pytest.approx(0.0425, abs=5e-5)
    few = prior_of("proportion", "rate", PAST[:9])
    assert few == Prior("proportion", "rate", shrinkage.DEFAULT_SD, 0, 9)
    assert prior_of("mean", "money", PAST).ended_tests == 0
    assert FEWEST_TESTS == shrinkage.FEWEST_TESTS


@pytest.mark.parametrize("language", ["ko", "en"])
def test_past_tests_draw_the_expectation_nearer_and_are_named(language: str) -> None:
    report = example(State.WIN)
    nothing, many, few = (
        report.goals[0] if prior is None else with_prior(prior)
        for prior in (None, prior_of("proportion", "rate", PAST),
                      prior_of("proportion", "rate", PAST[:9]))
    )  # fmt: skip
    kept = [goal.comparisons[0].expected for goal in (nothing, many, few)]
    assert all(each is not None for each in kept)
    shares = [each.share_kept for each in kept if each is not None]
    assert shares[1] < shares[0] == shares[2] < 1
    [told] = [note for note in say_depth(report, many, language) if note.topic == "expected"]
    assert told.sentences[-1] == phrase(language, "expected.past", tests="40")
    [told] = [note for note in say_depth(report, few, language) if note.topic == "expected"]
    assert told.sentences[-1] == phrase(language, "expected.usual", tests="9", least="10")
