"""What is known of a KPI beforehand, for every kind."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from stats.planning import (
    KINDS,
    Baseline,
    MeanBaseline,
    MeanLift,
    MeanMargin,
    RateBaseline,
    RateLift,
    RateMargin,
    RatioBaseline,
    Rules,
    ScoreBaseline,
    power_reached,
    required_units,
)


def test_a_rate_is_planned_as_a_rate() -> None:
    rate = RateBaseline(0.2)
    assert rate.lift(0.02) == RateLift(0.2, 0.02)
    assert rate.margin(-0.02) == RateMargin(0.2, -0.02)
    assert (rate.unit_sd, rate.limits) == (0.4, (0.0, 1.0))


def test_a_mean_is_planned_with_its_standard_deviations() -> None:
    mean = MeanBaseline(2652.0, unit_sd=15_300.0, treatment_sd=17_800.0)
    assert mean.lift(392.0) == MeanLift(15_300.0, 392.0, 17_800.0)
    assert mean.margin(-100.0) == MeanMargin(15_300.0, -100.0)
    assert mean.limits == (0.0, None)
    assert MeanBaseline(-3.0, unit_sd=1.0, least=None).limits == (None, None)


def test_the_coupon_scenario_has_the_power_that_was_simulated() -> None:
    """Revenue less coupons: +392 on 2,652, standard deviations 15,300 and 17,800: power 0.82."""
    contrast = MeanBaseline(2652.0, 15_300.0, 17_800.0).lift(392.0)
    assert power_reached(contrast, 60_000) == pytest.approx(0.82, abs=0.01)


def test_a_score_is_planned_as_a_mean_of_ones_and_minus_ones() -> None:
    score = ScoreBaseline(promoters=0.5, detractors=0.2)
    answers = np.array([1] * 50 + [0] * 30 + [-1] * 20)
    assert score.value == pytest.approx(answers.mean())
    assert score.unit_sd == pytest.approx(answers.std())
    assert score.lift(0.05) == MeanLift(score.unit_sd, 0.05)
    assert score.margin(-0.05) == MeanMargin(score.unit_sd, -0.05)
    assert score.limits == (-1.0, 1.0)


def test_a_ratio_over_one_each_is_planned_like_the_mean() -> None:
    ratio = RatioBaseline(0.3, 1.0, 0.21, 0.0, 0.0)
    mean = MeanBaseline(0.3, sqrt(0.21))
    assert ratio.unit_sd == pytest.approx(mean.unit_sd)
    assert ratio.limits == mean.limits
    total = required_units(ratio.lift(0.02)).total
    assert total == pytest.approx(required_units(mean.lift(0.02)).total)
    assert required_units(ratio.margin(0.02)).total < total


def test_cluster_experiments_ratio_whose_denominator_was_forgotten() -> None:
    """Its plan for a ratio took the numerator's variance alone; covariance can halve the truth."""
    clicks_per_open = RatioBaseline(
        0.5, 4.0, numerator_variance=2.0, denominator_variance=4.0, covariance=1.8
    )
    numerator_alone = sqrt(2.0) / 4.0
    assert clicks_per_open.unit_sd == pytest.approx(sqrt(2.0 - 1.8 + 1.0) / 4.0)
    assert clicks_per_open.unit_sd < 0.8 * numerator_alone


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_several_sends_to_a_customer_have_the_spread_of_simulated_ones(correlation: float) -> None:
    """Outcomes alike in pairs: with that chance a send repeats the customer's own outcome."""
    rng = np.random.default_rng(6)
    own = rng.random((200_000, 1)) < 0.2
    repeats = rng.random((200_000, 4)) < sqrt(correlation)
    opens = np.where(repeats, own, rng.random((200_000, 4)) < 0.2)
    baseline = RatioBaseline.of_sends(0.2, sends=4, correlation=correlation)
    assert opens.mean(axis=1).std() == pytest.approx(baseline.unit_sd, rel=0.01)


def test_one_send_is_a_rate() -> None:
    once = RatioBaseline.of_sends(0.2, sends=1, correlation=0.7)
    assert once.unit_sd == pytest.approx(RateBaseline(0.2).unit_sd)


IMPOSSIBLE: list[Callable[[], Baseline]] = [
    lambda: RateBaseline(0.0),
    lambda: RateBaseline(20),
    lambda: RateBaseline(float("nan")),
    lambda: MeanBaseline(-1.0, 1.0),
    lambda: MeanBaseline(float("inf"), 1.0),
    lambda: MeanBaseline(1.0, 0.0),
    lambda: MeanBaseline(1.0, 1.0, treatment_sd=-1.0),
    lambda: RatioBaseline(-0.1, 1.0, 1.0, 0.0, 0.0),
    lambda: RatioBaseline(0.1, 0.0, 1.0, 0.0, 0.0),
    lambda: RatioBaseline.of_sends(0.2, 0, 0.5),
    lambda: RatioBaseline.of_sends(0.2, 2, 1.5),
    lambda: RatioBaseline.of_sends(1.0, 2, 0.5),
    lambda: ScoreBaseline(0.7, 0.4),
    lambda: ScoreBaseline(-0.1, 0.4),
    lambda: ScoreBaseline(1.0, 0.0),
    lambda: ScoreBaseline(0.0, 0.0),
]


@pytest.mark.parametrize("make", IMPOSSIBLE)
def test_impossible_baselines_are_refused(make: Callable[[], Baseline]) -> None:
    with pytest.raises(ValueError, match="expected"):
        make()


def test_a_ratio_may_be_below_zero_if_it_is_said_to() -> None:
    assert RatioBaseline(-0.1, 1.0, 1.0, 0.0, 0.0, least=None).limits == (None, None)


def test_every_kind_has_a_name() -> None:
    assert set(KINDS) == {"rate", "mean", "ratio", "score"}


def test_margins_of_means_need_what_the_closed_form_says() -> None:
    """(z_.95 + z_.8)^2 2 sd^2 / margin^2 in each variant."""
    size = required_units(MeanMargin(10.0, 1.0), Rules())
    assert size.total / 2 == pytest.approx((1.6448536 + 0.8416212) ** 2 * 200, rel=1e-6)


@pytest.mark.parametrize(
    ("deviation", "margin", "effect"),
    [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (1.0, float("inf"), 0.0), (1.0, 1.0, 1.0), (1.0, -1.0, 0.5)],
)
def test_impossible_margins_of_means_are_refused(
    deviation: float, margin: float, effect: float
) -> None:
    with pytest.raises(ValueError, match="expected"):
        MeanMargin(deviation, margin, effect)
