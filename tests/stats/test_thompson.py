"""Shares of the next batch: exact decimals, a floor, the same answer every time."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from stats.bayes import standings_of_rates
from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.thompson import METHODS, plan_batch, probabilities_of_best, thompson_weights

B = BinomialSample
LEAST = Decimal("0.1")
COLLECTED = {"A": B(1000, 50), "B": B(1000, 60), "C": B(1000, 57)}


def test_chances_above_the_floor_are_the_shares() -> None:
    weights = thompson_weights({"A": 0.3, "B": 0.7})
    assert weights == {"A": Decimal("0.3000"), "B": Decimal("0.7000")}


def test_a_chance_below_the_floor_is_raised_and_the_others_give_way_in_proportion() -> None:
    weights = thompson_weights({"A": 0.04, "B": 0.64, "C": 0.32})
    assert weights == {"A": LEAST, "B": Decimal("0.6000"), "C": Decimal("0.3000")}


def test_giving_way_can_bring_another_down_to_the_floor() -> None:
    weights = thompson_weights({"A": 0.001, "B": 0.002, "C": 0.101, "D": 0.896})
    assert weights == {"A": LEAST, "B": LEAST, "C": LEAST, "D": Decimal("0.7000")}


def test_without_a_floor_a_share_may_be_nothing() -> None:
    weights = thompson_weights({"A": 1.0, "B": 0.0}, floor=Decimal(0))
    assert weights == {"A": Decimal(1), "B": Decimal(0)}


def test_a_floor_that_leaves_nothing_to_follow_gives_equal_shares() -> None:
    best = dict.fromkeys("ABCDEFGHI", 0.0) | {"J": 1.0}
    assert set(thompson_weights(best).values()) == {LEAST}
    assert thompson_weights({"A": 0.9, "B": 0.1}, floor=Decimal("0.5")) == {
        "A": Decimal("0.5"),
        "B": Decimal("0.5"),
    }


def test_a_floor_between_two_buckets_is_rounded_up() -> None:
    weights = thompson_weights({"A": 0.0, "B": 1.0}, floor=Decimal("0.12341"))
    assert weights["A"] == Decimal("0.1235")


@given(
    some.lists(some.integers(0, 10**6), min_size=2, max_size=10).filter(any),
    some.sampled_from([Decimal(0), Decimal("0.01"), LEAST]),
)
def test_shares_sum_to_one_exactly_keep_the_floor_and_the_order(
    parts: list[int], floor: Decimal
) -> None:
    best = {str(i): part / sum(parts) for i, part in enumerate(parts)}
    weights = thompson_weights(best, floor=floor)
    assert sum(weights.values()) == 1
    assert sum(Fraction(weight) for weight in weights.values()) == 1
    assert min(weights.values()) >= floor
    assert all(weight * 10_000 == int(weight * 10_000) for weight in weights.values())
    ranked = sorted(best, key=lambda name: best[name])
    shares = [weights[name] for name in ranked]
    assert all(later >= earlier - Decimal("0.0001") for earlier, later in pairwise(shares))


@pytest.mark.parametrize(
    ("best", "floor", "reason"),
    [
        ({}, LEAST, "sum to 1"),
        ({"A": 0.5, "B": 0.4}, LEAST, "sum to 1"),
        ({"A": 1.5, "B": -0.5}, LEAST, "sum to 1"),
        ({"A": float("nan"), "B": 1.0}, LEAST, "sum to 1"),
        ({"A": 0.5, "B": 0.5}, Decimal("0.51"), "expected 0 to 0.5"),
        ({"A": 0.5, "B": 0.5}, Decimal("-0.1"), "expected 0 to 0.5"),
        (dict.fromkeys("ABCDEFGHIJK", 1 / 11), LEAST, "11 variants"),
    ],
)
def test_shares_that_cannot_be_are_refused(
    best: dict[str, float], floor: Decimal, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        thompson_weights(best, floor=floor)


def test_the_plan_keeps_what_it_rests_on() -> None:
    plan = plan_batch(3, COLLECTED)
    control, *treatments = COLLECTED.values()
    chances = [standing.best for standing in standings_of_rates(control, treatments)]
    assert list(plan.best.values()) == pytest.approx(chances, abs=1e-15)
    assert plan.propensities == thompson_weights(plan.best)
    assert (plan.number, plan.floor) == (3, LEAST)
    assert plan.units == {"A": 1000, "B": 1000, "C": 1000}
    assert plan == plan_batch(3, COLLECTED)
    assert METHODS["thompson"] is plan_batch


def test_before_the_first_unit_shares_are_equal() -> None:
    for empty in (B(0, 0), MeanSample.of([])):
        plan = plan_batch(1, {"A": empty, "B": empty, "C": empty})
        assert plan.propensities == {
            "A": Decimal("0.3334"),
            "B": Decimal("0.3333"),
            "C": Decimal("0.3333"),
        }


def test_alike_variants_have_alike_shares() -> None:
    assert plan_batch(2, {"A": B(700, 31), "B": B(700, 31)}).propensities == {
        "A": Decimal("0.5"),
        "B": Decimal("0.5"),
    }


def test_a_variant_not_yet_sent_is_as_likely_as_its_prior() -> None:
    best = probabilities_of_best({"A": B(1000, 500), "new": B(0, 0)})
    assert best["new"] == pytest.approx(0.5, abs=0.001)


def test_where_less_is_better_the_lower_rate_gets_more() -> None:
    down = plan_batch(2, {"A": B(900, 30), "B": B(900, 20)}, direction=Direction.DECREASE)
    up = plan_batch(2, {"A": B(900, 30), "B": B(900, 20)})
    assert down.propensities["B"] == up.propensities["A"] > LEAST


def test_means_and_ratios_are_shared_by_their_normal_beliefs() -> None:
    low, high = [900, 1100, 1000, 950, 1050], [1000, 1200, 1100, 1050, 1150]
    plan = plan_batch(2, {"A": MeanSample.of(low), "B": MeanSample.of(high)})
    assert plan.propensities["B"] == Decimal("0.9")
    reversed_plan = plan_batch(
        2, {"A": MeanSample.of(low), "B": MeanSample.of(high)}, direction=Direction.DECREASE
    )
    assert reversed_plan.propensities["A"] == Decimal("0.9")
    ratios = {
        "A": RatioSample.of([(1, 4), (2, 5), (0, 3)]),
        "B": RatioSample.of([(2, 4), (2, 5), (1, 3)]),
    }
    assert plan_batch(2, ratios).propensities["B"] > Decimal("0.5")


def test_what_cannot_be_planned_is_refused() -> None:
    with pytest.raises(ValueError, match="number 0"):
        plan_batch(0, COLLECTED)
    with pytest.raises(NotEnoughData, match="at least two"):
        plan_batch(1, {"A": B(10, 1)})
    with pytest.raises(NotEnoughData, match="at least two units"):
        plan_batch(2, {"A": MeanSample.of([1, 2, 3]), "B": MeanSample.of([4])})
    with pytest.raises(NotEnoughData, match="one and the same value"):
        plan_batch(2, {"A": MeanSample.of([1, 2, 3]), "B": MeanSample.of([4, 4])})
    with pytest.raises(ValueError, match="expected one kind"):
        plan_batch(2, {"A": MeanSample.of([1, 2, 3]), "B": B(10, 1)})


def test_the_better_variant_is_sent_more_and_more() -> None:
    rng = np.random.default_rng(1)
    collected = {"A": B(0, 0), "B": B(0, 0)}
    shares = []
    for number in range(1, 9):
        plan = plan_batch(number, collected)
        shares.append(plan.propensities["B"])
        for name, rate in (("A", 0.04), ("B", 0.08)):
            units = int(1000 * plan.propensities[name])
            collected[name] += B(units, int(rng.binomial(units, rate)))
    assert shares[0] == Decimal("0.5")
    assert shares[-1] == Decimal("0.9")
