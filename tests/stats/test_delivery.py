"""Delivery rates given sent: a difference is said, and withholds nothing."""

import pytest

from stats.delivery import ALPHA, METHODS, compare_delivery
from stats.errors import NotEnoughData
from stats.proportions import compare_proportions
from stats.samples import BinomialSample

B = BinomialSample


def test_equal_delivery_leaves_rates_per_delivered_comparable() -> None:
    found = compare_delivery(B(30_000, 29_550), B(30_000, 29_540))
    assert not found.differs
    assert found.per_delivered_comparable
    assert found.most_bias == pytest.approx(10 / 29_550)


def test_a_difference_is_said_and_the_rates_per_delivered_are_marked() -> None:
    found = compare_delivery(B(30_000, 29_550), B(30_000, 29_100))
    assert found.differs
    assert not found.per_delivered_comparable
    assert found.lift.absolute.value == pytest.approx(-0.015)
    assert found.most_bias == pytest.approx(450 / 29_550)


def test_it_is_the_comparison_of_rates_at_its_own_level() -> None:
    control, treatment = B(30_000, 29_550), B(30_000, 29_470)
    assert compare_proportions(control, treatment).significant
    assert not compare_delivery(control, treatment).differs
    assert compare_delivery(control, treatment, confidence=0.95).differs
    assert compare_delivery(control, treatment).lift.confidence == 1 - ALPHA


def test_exchanging_the_variants_changes_only_the_sign() -> None:
    there, back = (
        compare_delivery(B(3000, 2950), B(2000, 1910)),
        compare_delivery(B(2000, 1910), B(3000, 2950)),
    )
    assert there.lift.p_value == pytest.approx(back.lift.p_value)
    assert there.most_bias == back.most_bias


def test_the_most_bias_is_that_of_the_worst_case() -> None:
    """Those delivered to in one variant only all click; per delivered the rates part by that."""
    sent, fewer, more, clicks = 1000, 900, 950, 90
    found = compare_delivery(B(sent, fewer), B(sent, more))
    gap = (clicks + more - fewer) / more - clicks / fewer
    assert gap < found.most_bias
    assert (more - fewer) / more == pytest.approx(found.most_bias)


def test_nothing_delivered_is_no_bias_and_nothing_sent_is_no_answer() -> None:
    assert compare_delivery(B(100, 0), B(100, 0)).most_bias == 0
    with pytest.raises(NotEnoughData, match="no units"):
        compare_delivery(B(0, 0), B(100, 90))
    assert set(METHODS) == {"delivery"}
