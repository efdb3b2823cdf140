"""The power that a test reached: for the minimum effect, at the end, and for no other."""

from dataclasses import replace

import pytest

from experiments.reporting.exports.rows import rows_of
from experiments.reporting.report import State
from experiments.reporting.wording import say_depth
from stats.planning import RateLift, Rules, power_reached
from tests.experiments.reporting.factories import (
    CASES,
    MORE_BUYERS,
    example,
    goal_of,
    rates,
    report_of,
)

SMALL = CASES[State.TOO_SMALL]


def test_it_is_that_of_the_planner() -> None:
    goal = goal_of(SMALL, SMALL.kpis[0])
    assert goal.power == power_reached(RateLift(90 / 1500, 0.005), 3000, Rules())
    [row] = [row for row in rows_of(report_of(SMALL), "en") if row.figure == "power"]
    assert row.value == goal.power


def test_it_is_not_told_before_the_end_nor_without_a_minimum_effect_nor_of_a_guardrail() -> None:
    assert goal_of(replace(SMALL, final=False), SMALL.kpis[0]).power is None
    assert goal_of(SMALL, replace(SMALL.kpis[0], minimum=None)).power is None
    assert all(goal.power is None for goal in example(State.WIN).goals if goal.role == "guardrail")
    empty = replace(MORE_BUYERS, samples=rates((1_500, 0), (0, 0)))
    assert goal_of(replace(SMALL, kpis=(empty,)), empty).power is None


@pytest.mark.parametrize(("language", "said"), [("ko", "알아볼 가능성은 8%"), ("en", "was 8%")])
def test_it_is_said_beside_what_is_open(language: str, said: str) -> None:
    report = report_of(SMALL)
    [note] = [n for n in say_depth(report, report.goals[0], language) if n.topic == "needed"]
    assert said in " ".join(note.sentences)
