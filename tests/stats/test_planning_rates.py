from math import sqrt

import pytest

from stats.planning import RateLift, RateMargin


def test_equal_arms_pool_to_the_middle_rate() -> None:
    spread = RateLift(0.1, 0.02).spread(ratio=1.0)
    assert spread.refuted == pytest.approx(sqrt(2 * 0.11 * 0.89))
    assert spread.planned == pytest.approx(sqrt(0.1 * 0.9 + 0.12 * 0.88))


def test_counting_failures_for_successes_changes_nothing() -> None:
    for ratio in (0.25, 1.0, 3.0):
        there, back = RateLift(0.1, 0.02).spread(ratio), RateLift(0.9, -0.02).spread(ratio)
        assert there.refuted == pytest.approx(back.refuted)
        assert there.planned == pytest.approx(back.planned)


def test_the_rates_on_the_margin_keep_the_margin_and_the_total() -> None:
    """With equal arms and no effect the fit to a small margin is nearly symmetric."""
    spread = RateMargin(0.5, 0.02).spread(ratio=1.0)
    assert spread.refuted == pytest.approx(sqrt(2 * 0.49 * 0.51), rel=1e-4)


@pytest.mark.parametrize(
    ("rate", "effect"),
    [(0.0, 0.1), (1.0, -0.1), (0.5, 0.6), (0.5, -0.6), (0.5, 0.0), (float("nan"), 0.1)],
)
def test_impossible_rates_are_refused(rate: float, effect: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        RateLift(rate, effect)


@pytest.mark.parametrize(
    ("rate", "margin", "effect"),
    [
        (0.0, 0.01, 0.0),
        (0.1, 0.0, 0.0),
        (0.1, 1.0, 0.0),
        (0.1, 0.01, 0.01),
        (0.1, 0.01, 0.02),
        (0.1, 0.01, -0.005),
        (0.1, -0.01, 0.005),
        (0.1, 0.95, 0.92),
    ],
)
def test_impossible_margins_are_refused(rate: float, margin: float, effect: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        RateMargin(rate, margin, effect)
