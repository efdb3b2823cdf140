"""Guardrails watched at every moment."""

import numpy as np
import pytest

from stats.direction import Direction
from stats.sequential import Information, NormalEstimate, Progress, always_valid_lower, watch_harm

MIDWAY = Progress(15_000, 15_000, planned_units=60_000, conversions=160)


def test_harm_is_shown_and_beyond_the_margin_before_a_stop() -> None:
    shown = NormalEstimate(0.0025, 0.0006)
    assert watch_harm(shown, MIDWAY, margin=0.001).stop
    assert not watch_harm(shown, MIDWAY, margin=0.003).stop  # shown, but accepted
    assert not watch_harm(NormalEstimate(0.0025, 0.0015), MIDWAY, margin=0.001).stop
    assert not watch_harm(NormalEstimate(-0.0025, 0.0006), MIDWAY, margin=0.001).stop


def test_the_limit_is_the_one_sided_confidence_sequence() -> None:
    estimate = NormalEstimate(0.0025, 0.0006)
    watch, limit = watch_harm(estimate, MIDWAY, margin=0.001), always_valid_lower(estimate, MIDWAY)
    assert watch.worsening.interval == limit.interval
    assert watch.p_value == limit.p_value
    assert watch.worsening.value == 0.0025


def test_a_fall_harms_where_a_rise_is_wanted() -> None:
    fall = NormalEstimate(-12.0, 2.0)
    watch = watch_harm(fall, MIDWAY, margin=5.0, wanted=Direction.INCREASE)
    assert watch.stop
    assert watch.worsening.value == 12.0
    assert not watch_harm(fall, MIDWAY, margin=5.0).stop


def test_bad_margins_and_confidences_are_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        watch_harm(NormalEstimate(0.1, 0.1), MIDWAY, margin=0.0)
    with pytest.raises(ValueError, match="confidence"):
        watch_harm(NormalEstimate(0.1, 0.1), MIDWAY, margin=0.1, confidence=0.4)


@pytest.mark.slow
def test_a_harmless_variant_is_hardly_ever_stopped_under_28_daily_looks() -> None:
    """Unsubscribes of 0.5 % in both variants, 2,000 customers a day each, margin 0.01 points."""
    rng = np.random.default_rng(8)
    runs, days, daily = 2000, 28, 2000
    counts = rng.binomial(daily, 0.005, (2, runs, days)).cumsum(axis=2)
    units = daily * np.arange(1, days + 1)
    rates = counts / units
    errors = np.sqrt((rates * (1 - rates)).sum(axis=0) / units)
    stopped = 0
    for run in range(runs):
        stopped += any(
            watch_harm(
                NormalEstimate(rates[1, run, day] - rates[0, run, day], errors[run, day]),
                Information(units[day], units[-1]),
                margin=0.0001,
            ).stop
            for day in range(days)
        )
    assert stopped / runs <= 0.05
