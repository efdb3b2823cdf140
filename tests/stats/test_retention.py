"""Retention and churn: who is not mature does not count, in either variant."""

import pytest

from stats.errors import NotEnoughData
from stats.proportions import compare_proportions
from stats.retention import Cohort, compare_churn, compare_retention, complement, matured
from stats.samples import BinomialSample

B = BinomialSample


def test_units_whose_window_is_open_are_left_out_retained_or_not() -> None:
    units = {0: B(40, 3), 7: B(30, 30), 8: B(50, 20), 30: B(10, 1)}
    assert matured(units, window_days=8) == Cohort(B(60, 21), immature=70)
    assert matured(units, window_days=8).left_out == B(130, 70)
    assert matured({}, window_days=8) == Cohort(B(0, 0), immature=0)


def test_the_comparison_is_of_the_mature_units() -> None:
    control = {2: B(300, 10), 20: B(400, 100), 21: B(600, 120)}
    treatment = {2: B(310, 290), 20: B(420, 130), 22: B(590, 130)}
    found = compare_retention(control, treatment, window_days=15, confidence=0.9)
    assert found.lift == compare_proportions(B(1000, 220), B(1010, 260), confidence=0.9)
    assert (found.control.immature, found.treatment.immature) == (300, 310)
    assert found.balance is not None
    assert found.balance.treatment.value == 310 / 1320


def test_early_birds_alone_decide_nothing() -> None:
    control = {1: B(500, 0), 9: B(500, 100)}
    treatment = {1: B(500, 400), 9: B(500, 100)}
    assert compare_retention(control, treatment, window_days=8).lift.absolute.value == 0


def test_churn_is_the_complement() -> None:
    control, treatment = {9: B(1000, 200), 2: B(50, 1)}, {9: B(1000, 250), 2: B(50, 2)}
    retention = compare_retention(control, treatment, window_days=8)
    churn = compare_churn(control, treatment, window_days=8)
    assert churn.lift.p_value == pytest.approx(retention.lift.p_value, rel=1e-12)
    assert churn.lift.absolute.value == -retention.lift.absolute.value
    upper = retention.lift.absolute.interval.upper or 0
    assert churn.lift.absolute.interval.lower == pytest.approx(-upper, abs=1e-9)
    assert churn.lift.control.value == 0.8
    assert (churn.control, churn.treatment) == (retention.control, retention.treatment)
    assert complement(complement(B(10, 3))) == B(10, 3)


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    control, treatment = {9: B(1000, 200), 2: B(50, 1)}, {9: B(900, 250), 2: B(60, 2)}
    there = compare_retention(control, treatment, window_days=8)
    back = compare_retention(treatment, control, window_days=8)
    assert back.lift.p_value == there.lift.p_value
    assert back.control == there.treatment


def test_nobody_left_out_needs_no_balance() -> None:
    found = compare_retention({9: B(100, 20)}, {8: B(100, 30)}, window_days=8)
    assert found.balance is None


def test_variants_of_different_days_are_refused_with_both_shares() -> None:
    control, treatment = {1: B(1000, 0), 9: B(1000, 200)}, {1: B(1300, 0), 9: B(1000, 200)}
    with pytest.raises(NotEnoughData, match=r"50\.0% of the control and 56\.5% of the treatment"):
        compare_retention(control, treatment, window_days=8)
    with pytest.raises(NotEnoughData, match="by day or phase of allocation"):
        compare_churn(control, treatment, window_days=8)


def test_a_split_of_unequal_weights_is_balanced_all_the_same() -> None:
    control, treatment = {1: B(900, 0), 9: B(9000, 2000)}, {1: B(100, 0), 9: B(1000, 200)}
    found = compare_retention(control, treatment, window_days=8)
    assert found.balance is not None
    assert found.balance.p_value == 1


def test_a_difference_as_chance_makes_it_is_let_through() -> None:
    control, treatment = {1: B(1000, 0), 9: B(1000, 200)}, {1: B(1090, 0), 9: B(1000, 200)}
    found = compare_retention(control, treatment, window_days=8)
    assert found.balance is not None
    assert found.balance.p_value > 0.001


@pytest.mark.parametrize(
    ("control", "treatment", "reason"),
    [
        ({}, {9: B(5, 1)}, "the control has no units"),
        ({9: B(5, 1)}, {9: B(0, 0)}, "the treatment has no units"),
        ({1: B(9, 1)}, {1: B(8, 1)}, "no unit of the control has its full 8 days yet"),
        ({9: B(9, 1)}, {1: B(8, 1)}, "no unit of the treatment has its full 8 days yet"),
    ],
)
def test_too_few_units_are_refused(
    control: dict[int, B], treatment: dict[int, B], reason: str
) -> None:
    with pytest.raises(NotEnoughData, match=reason):
        compare_retention(control, treatment, window_days=8)


def test_nobody_retained_at_all_is_an_answer() -> None:
    lift = compare_retention({9: B(50, 0)}, {9: B(60, 0)}, window_days=8).lift
    assert (lift.absolute.value, lift.p_value) == (0, 1)
    assert lift.relative.gap is not None


@pytest.mark.parametrize("days", [0, -1, 1.5, True])
def test_windows_and_ages_are_whole_days(days: int) -> None:
    with pytest.raises(ValueError, match="window_days is"):
        matured({9: B(5, 1)}, window_days=days)
    if days != 0:
        with pytest.raises(ValueError, match="age is"):
            matured({days: B(5, 1)}, window_days=8)


def test_a_confidence_of_95_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        compare_retention({9: B(5, 1)}, {9: B(5, 1)}, window_days=8, confidence=95)
