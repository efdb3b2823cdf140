"""How far tests overlap, worked out, against counting customers."""

from itertools import combinations

import pytest

from experiments.assignment.buckets import BucketRange
from experiments.assignment.bulk import assign_many
from experiments.assignment.evaluation import AssignableExperiment
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.members import UnitList
from experiments.assignment.overlap import overlaps, presence
from tests.experiments.assignment.assignable import assignable
from tests.experiments.assignment.many_units import make_ids

SOME = (BucketRange("a", 0, 2000), BucketRange("b", 5000, 7000))
HOLDOUT = Holdout("all", "holdout:all", 1000)
OTHER = Holdout("more", "holdout:more", 2000)


def mail(start: int, end: int) -> Layer:
    return Layer("mail", "layer:mail", start, end)


EXPERIMENTS = (
    assignable(key="plain", seed="plain"),
    assignable(key="partly", seed="partly", ranges=SOME),
    assignable(key="held", seed="held", holdouts=(HOLDOUT,)),
    assignable(key="held-too", seed="held-too", ranges=SOME, holdouts=(HOLDOUT, OTHER)),
    assignable(key="left", seed="left", layer=mail(0, 4000)),
    assignable(key="right", seed="right", layer=mail(4000, 10_000), holdouts=(OTHER,)),
    assignable(key="same-seed", seed="partly", ranges=(BucketRange("a", 1500, 5500),)),
)


def test_shares_are_those_that_are_counted() -> None:
    ids = make_ids(100_000)
    inside = {each.key: assign_many(each, ids).variants >= 0 for each in EXPERIMENTS}
    for each in EXPERIMENTS:
        assert inside[each.key].mean() == pytest.approx(presence(each).share, abs=0.007)
    found = overlaps(EXPERIMENTS)
    assert len(found) == len(list(combinations(EXPERIMENTS, 2)))
    for pair in found:
        both = (inside[pair.first] & inside[pair.second]).mean()
        assert both == pytest.approx(pair.share, abs=0.007), (pair.first, pair.second)
        assert pair.of_first == pytest.approx(
            pair.share / presence(_named(pair.first)).share, rel=1e-12
        )


def _named(key: str) -> AssignableExperiment:
    return next(each for each in EXPERIMENTS if each.key == key)


def test_tests_of_one_layer_share_nobody_and_one_seed_is_one_draw() -> None:
    found = {(each.first, each.second): each.share for each in overlaps(EXPERIMENTS)}
    assert found["left", "right"] == 0
    assert found["partly", "same-seed"] == pytest.approx(0.05 + 0.05)
    assert found["held", "held-too"] == pytest.approx(0.9 * 0.8 * 0.4)


def test_rules_and_lists_make_a_share_an_upper_bound() -> None:
    listed = assignable(key="listed", exclude_lists=(UnitList.of(["u1"]),))
    ruled = assignable(key="ruled", condition={})
    assert not presence(EXPERIMENTS[0]).at_most
    assert presence(listed).at_most
    assert [each.at_most for each in overlaps([EXPERIMENTS[0], EXPERIMENTS[1], ruled])] == [
        False,
        True,
        True,
    ]


def test_households_and_customers_are_drawn_apart() -> None:
    by_household = assignable(key="household", seed="partly", ranges=SOME, hash_attribute="h")
    (pair,) = overlaps([EXPERIMENTS[1], by_household])
    assert pair.share == pytest.approx(0.4 * 0.4)


def test_a_test_that_reaches_nobody_shares_nobody() -> None:
    (pair,) = overlaps([EXPERIMENTS[0], assignable(key="empty", ranges=())])
    assert (pair.share, pair.of_first, pair.of_second) == (0, 0, None)
