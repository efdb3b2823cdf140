"""Guardrails: three outcomes, of which "not significant" is none."""

import math
from dataclasses import replace

import numpy as np
import pytest

from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.guardrails import (
    METHODS,
    Guardrail,
    GuardrailOutcome,
    check_mean_guardrail,
    check_rate_guardrail,
    check_ratio_guardrail,
    judge_guardrail,
)
from stats.lift import Estimate, Interval
from stats.proportions import compare_proportions
from stats.ratios import compare_ratios
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.score import Difference, Floats, Tables

SAFE, HARMFUL = GuardrailOutcome.SAFE, GuardrailOutcome.HARMFUL
NOT_SHOWN_SAFE = GuardrailOutcome.NOT_SHOWN_SAFE
B = BinomialSample


@pytest.mark.parametrize(
    ("control", "treatment", "outcome"),
    [
        (B(30_000, 75), B(30_000, 75), SAFE),
        (B(30_000, 120), B(30_000, 195), HARMFUL),
        (B(30_000, 75), B(30_000, 96), NOT_SHOWN_SAFE),  # +0.07 points, up to +0.14
        (B(1_000, 3), B(1_000, 3), NOT_SHOWN_SAFE),  # no difference seen, none excluded
        (B(1_000, 2), B(1_000, 4), NOT_SHOWN_SAFE),  # beyond the margin, but not shown
        (B(3_000_000, 3_000), B(3_000_000, 3_600), SAFE),  # worse, but within the margin
    ],
)
def test_the_three_outcomes(control: B, treatment: B, outcome: GuardrailOutcome) -> None:
    assert check_rate_guardrail(control, treatment, margin=0.001).outcome is outcome


@pytest.mark.parametrize(
    ("worsening", "outcome"),
    [
        (Estimate(0.5, Interval(0.1, 1.0)), NOT_SHOWN_SAFE),  # up to the margin is not below it
        (Estimate(1.5, Interval(0.0, 3.0)), NOT_SHOWN_SAFE),  # no worsening is still possible
        (Estimate(1.0, Interval(0.1, 3.0)), NOT_SHOWN_SAFE),  # at the margin is not beyond it
        (Estimate(0.5, Interval(0.1, 0.999)), SAFE),
        (Estimate(1.001, Interval(0.001, 3.0)), HARMFUL),
        (Estimate(2.0, Interval(None, None)), NOT_SHOWN_SAFE),
        (Estimate(2.0, Interval(0.1, None)), HARMFUL),
        (Estimate(0.0, Interval(None, 0.5)), SAFE),
    ],
)
def test_a_limit_at_the_margin_or_at_zero_shows_nothing(
    worsening: Estimate, outcome: GuardrailOutcome
) -> None:
    lift = compare_proportions(B(100, 10), B(100, 10))
    assert Guardrail(worsening, 1.0, 0.95, lift).outcome is outcome


def test_a_lift_without_limits_is_turned_round_without_limits() -> None:
    lift = compare_proportions(B(100, 10), B(100, 12))
    for lower, upper in [(None, 0.5), (-0.5, None), (None, None)]:
        open_ended = replace(lift, absolute=Estimate(0.02, Interval(lower, upper)))
        found = judge_guardrail(open_ended, margin=0.1, wanted=Direction.INCREASE)
        turned = (None if upper is None else -upper, None if lower is None else -lower)
        assert (found.worsening.interval.lower, found.worsening.interval.upper) == turned


def test_an_increase_shown_within_the_margin_is_not_harmful() -> None:
    found = check_rate_guardrail(B(30_000, 75), B(30_000, 103), margin=0.001)
    assert found.worsening.interval.lower is not None
    assert found.worsening.interval.lower > 0
    assert found.worsening.value < 0.001
    assert found.outcome is NOT_SHOWN_SAFE


def test_the_limits_are_one_sided() -> None:
    found = check_rate_guardrail(B(20_000, 60), B(20_000, 68), margin=0.0015)
    lift = compare_proportions(B(20_000, 60), B(20_000, 68), confidence=0.9)
    assert found.confidence == pytest.approx(0.95)
    assert found.worsening.interval.upper == pytest.approx(lift.absolute.interval.upper)


def test_a_kpi_that_should_grow_is_harmed_by_falling() -> None:
    up = Direction.INCREASE
    falling = check_rate_guardrail(B(10_000, 9_800), B(10_000, 9_500), margin=0.01, wanted=up)
    assert falling.outcome is HARMFUL
    assert falling.worsening.value == pytest.approx(0.03)
    assert falling.lift.absolute.value == pytest.approx(-0.03)
    rising = check_rate_guardrail(B(10_000, 9_500), B(10_000, 9_800), margin=0.01, wanted=up)
    assert rising.outcome is SAFE
    assert rising.worsening.value < 0


def test_a_mean_has_the_same_outcomes_in_its_own_unit() -> None:
    control = MeanSample.of([90, 100, 110] * 100)
    slower = MeanSample.of([100, 110, 120] * 100)
    assert check_mean_guardrail(control, slower, margin=5).outcome is HARMFUL
    assert check_mean_guardrail(control, slower, margin=20).outcome is SAFE
    assert check_mean_guardrail(control, slower, margin=10).outcome is NOT_SHOWN_SAFE
    wanted = check_mean_guardrail(control, slower, margin=5, wanted=Direction.INCREASE)
    assert wanted.outcome is SAFE


def test_a_ratio_has_the_same_outcomes_in_its_own_unit() -> None:
    control = RatioSample.of([(1, 10), (2, 10), (3, 10)] * 100)
    worse = RatioSample.of([(2, 10), (3, 10), (4, 10)] * 100)
    assert check_ratio_guardrail(control, worse, margin=0.05).outcome is HARMFUL
    assert check_ratio_guardrail(control, worse, margin=0.2).outcome is SAFE
    assert check_ratio_guardrail(control, worse, margin=0.1).outcome is NOT_SHOWN_SAFE
    wanted = check_ratio_guardrail(control, worse, margin=0.05, wanted=Direction.INCREASE)
    assert wanted.outcome is SAFE


def test_the_limits_of_a_ratio_are_those_of_its_comparison() -> None:
    control = RatioSample.of([(1, 10), (2, 10), (3, 10)] * 10)
    found = check_ratio_guardrail(control, control, margin=0.1, confidence=0.975)
    interval = compare_ratios(control, control, confidence=0.95).absolute.interval
    assert (found.worsening.interval.lower, found.worsening.interval.upper) == pytest.approx(
        (interval.lower, interval.upper)
    )
    assert found.confidence == pytest.approx(0.975)


def test_scarce_counts_are_judged_by_the_exact_test() -> None:
    found = check_rate_guardrail(B(5_000, 0), B(5_000, 0), margin=0.001)
    assert found.lift.method == "exact"
    assert found.outcome is SAFE  # 1 - 0.05^(1/5000) is 0.0006
    assert check_rate_guardrail(B(500, 0), B(500, 0), margin=0.001).outcome is NOT_SHOWN_SAFE


@pytest.mark.parametrize("margin", [0, -0.001, math.nan, math.inf])
def test_a_margin_is_needed(margin: float) -> None:
    with pytest.raises(ValueError, match="expected a positive amount"):
        check_rate_guardrail(B(10, 1), B(10, 1), margin=margin)


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(0.5, "0.5, expected more than one half"), (0.2, "0.2, expected more"), (95, "95, expected")],
)
def test_a_limit_needs_more_confidence_than_a_coin(confidence: float, expected: str) -> None:
    with pytest.raises(ValueError, match=f"confidence is {expected}"):
        check_rate_guardrail(B(10, 1), B(10, 1), margin=0.1, confidence=confidence)


def test_an_empty_variant_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="no units"):
        check_rate_guardrail(B(0, 0), B(10, 1), margin=0.1)


def test_any_lift_can_be_judged() -> None:
    lift = compare_proportions(B(30_000, 120), B(30_000, 195), confidence=0.9)
    assert judge_guardrail(lift, margin=0.001, wanted=Direction.DECREASE).outcome is HARMFUL
    assert set(METHODS) == {f"non_inferiority_of_{kind}" for kind in ("rates", "means", "ratios")}


def share(units: int, rates: tuple[float, float], margin: float, z: float) -> tuple[float, float]:
    """Enumerate how often the outcome is safe, and how often it is harmful."""
    (x_c, chance_c), (x_t, chance_t) = (_chances(units, rate) for rate in rates)
    tables = Tables(units, x_c[:, None], units, x_t[None, :])
    chance = chance_c[:, None] * chance_t[None, :]
    safe = Difference(np.asarray(margin)).statistic(tables) < -z
    shown = Difference(np.asarray(0.0)).statistic(tables) > z
    beyond = tables.treatment_rate - tables.control_rate > margin
    return float((chance * safe).sum()), float((chance * (shown & beyond)).sum())


def _chances(units: int, rate: float) -> tuple[Floats, Floats]:
    spread = 8 * math.sqrt(units * rate)
    counts = np.arange(max(0, int(units * rate - spread)), int(units * rate + spread) + 1.0)
    logs = [
        math.lgamma(units + 1)
        - math.lgamma(x + 1)
        - math.lgamma(units - x + 1)
        + x * math.log(rate)
        + (units - x) * math.log1p(-rate)
        for x in counts.tolist()
    ]
    return counts, np.exp(np.array(logs))


@pytest.mark.parametrize(
    ("units", "rates", "margin", "z", "expected"),
    [
        (29_550, (0.0025, 0.0025), 0.0010, 1.645, 0.78),
        (10_000, (0.0025, 0.0025), 0.0010, 1.645, 0.40),
        (5_000, (0.0025, 0.0025), 0.0010, 1.645, 0.25),
        (20_000, (0.0030, 0.0034), 0.0015, 1.645, 0.61),
        (20_000, (0.0030, 0.0034), 0.0015, 1.960, 0.48),
    ],
)
def test_a_harmless_variant_is_shown_safe_as_often_as_the_specification_says(
    units: int, rates: tuple[float, float], margin: float, z: float, expected: float
) -> None:
    assert share(units, rates, margin, z)[0] == pytest.approx(expected, abs=0.012)


def test_a_harmful_variant_is_called_so_in_almost_every_test() -> None:
    assert share(30_000, (0.004, 0.0065), 0.001, 1.645)[1] > 0.985


def test_a_variant_at_the_margin_is_called_safe_in_one_test_of_twenty() -> None:
    assert share(30_000, (0.0025, 0.0035), 0.001, 1.645)[0] == pytest.approx(0.05, abs=0.004)
