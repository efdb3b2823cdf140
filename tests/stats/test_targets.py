"""Targets: the actual is one fact, whether it will hold another."""

import math

import pytest

from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.lift import Estimate, Interval
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.targets import (
    TargetCheck,
    WillHold,
    check_mean_target,
    check_rate_target,
    check_ratio_target,
)

UP, DOWN = Direction.INCREASE, Direction.DECREASE


@pytest.mark.parametrize(
    ("successes", "target", "reached", "will_hold"),
    [
        (994, 0.048, True, WillHold.NOT_CERTAIN),  # 4.97 %, 4.68 to 5.28 %
        (1_100, 0.048, True, WillHold.YES),
        (940, 0.048, False, WillHold.NOT_CERTAIN),
        (800, 0.048, False, WillHold.NO),
        (960, 0.048, True, WillHold.NOT_CERTAIN),  # exactly at the target
    ],
)
def test_a_rate_that_should_grow(
    successes: int, target: float, reached: bool, will_hold: WillHold
) -> None:
    check = check_rate_target(BinomialSample(20_000, successes), target)
    assert check.reached is reached
    assert check.will_hold is will_hold


@pytest.mark.parametrize(
    ("successes", "reached", "will_hold"),
    [
        (60, False, WillHold.NOT_CERTAIN),
        (45, True, WillHold.NOT_CERTAIN),
        (20, True, WillHold.YES),
        (90, False, WillHold.NO),
    ],
)
def test_a_rate_that_should_fall(successes: int, reached: bool, will_hold: WillHold) -> None:
    check = check_rate_target(BinomialSample(20_000, successes), 0.0025, wanted=DOWN)
    assert check.reached is reached
    assert check.will_hold is will_hold


def test_a_mean() -> None:
    sample = MeanSample.of([2_500, 2_700, 2_600, 2_650])
    assert check_mean_target(sample, 2_000).will_hold is WillHold.YES
    assert check_mean_target(sample, 2_600).will_hold is WillHold.NOT_CERTAIN
    assert check_mean_target(sample, 4_000).will_hold is WillHold.NO
    assert check_mean_target(sample, 4_000, wanted=DOWN).will_hold is WillHold.YES


def test_a_ratio() -> None:
    sample = RatioSample.of([(1, 10), (2, 10), (3, 10)] * 100)
    assert check_ratio_target(sample, 0.15).will_hold is WillHold.YES
    assert check_ratio_target(sample, 0.2).will_hold is WillHold.NOT_CERTAIN
    assert check_ratio_target(sample, 0.2).reached
    assert check_ratio_target(sample, 0.25).will_hold is WillHold.NO
    assert check_ratio_target(sample, 0.25, wanted=DOWN).will_hold is WillHold.YES
    with pytest.raises(NotEnoughData, match="denominator above 0"):
        check_ratio_target(RatioSample.of([(0, 0), (0, 0)]), 0.1)


def test_more_confidence_makes_fewer_promises() -> None:
    sample = BinomialSample(20_000, 1_020)
    assert check_rate_target(sample, 0.0485, confidence=0.8).will_hold is WillHold.YES
    assert check_rate_target(sample, 0.0485, confidence=0.99).will_hold is WillHold.NOT_CERTAIN


def test_a_target_at_the_side_of_the_interval() -> None:
    estimate = Estimate(1.5, Interval(1.0, 2.0))
    assert TargetCheck(estimate, 1.0, UP).will_hold is WillHold.YES
    assert TargetCheck(estimate, 2.0, UP).will_hold is WillHold.NOT_CERTAIN
    assert TargetCheck(estimate, 2.0, DOWN).will_hold is WillHold.YES
    assert TargetCheck(estimate, 1.0, DOWN).will_hold is WillHold.NOT_CERTAIN
    assert TargetCheck(estimate, 1.5, DOWN).reached


@pytest.mark.parametrize("wanted", [UP, DOWN])
def test_an_interval_without_limits_promises_nothing(wanted: Direction) -> None:
    check = TargetCheck(Estimate(1.0, Interval(None, None)), 0.5, wanted)
    assert check.will_hold is WillHold.NOT_CERTAIN


@pytest.mark.parametrize("target", [math.nan, math.inf])
def test_a_target_is_a_number(target: float) -> None:
    with pytest.raises(ValueError, match="expected a finite number"):
        check_rate_target(BinomialSample(100, 5), target)


def test_no_units_are_no_fact() -> None:
    with pytest.raises(NotEnoughData, match="at least one unit"):
        check_rate_target(BinomialSample(0, 0), 0.05)
