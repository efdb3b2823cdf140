"""Draws are even, and independent of each other: over salts, over kinds of ids, over layers.

The bands are those of 1,000 fair draws: between 2.7 % and 7.3 % of their p-values lie below
5 % with a chance of 99.9 %, and the p-values themselves are uniform.
"""

import random
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import chdtrc
from scipy.stats import kstest

from experiments.assignment.buckets import BucketRange, allocate
from experiments.assignment.bulk import arms, assign_many
from experiments.assignment.bulk_hash import Buckets, Texts, chunked
from experiments.assignment.gates import Layer
from experiments.assignment.hashing import fnv1a32
from tests.experiments.assignment.assignable import assignable

SALTS = 1_000
UNITS = 100_000
CELLS = 20
QUARTER = 2_500
KINDS = ("members", "numbers", "uuids", "addresses", "korean")
HALVES = {"a": Decimal("0.5"), "b": Decimal("0.5")}


def unit_ids(kind: str, count: int) -> list[str]:
    rng = random.Random(kind)
    makers: dict[str, Callable[[int], str]] = {
        "members": lambda n: f"c{n:06d}",
        "numbers": str,
        "uuids": lambda _: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "addresses": lambda n: f"user{n}@example.com",
        "korean": lambda n: f"고객-{n}",
    }
    make = makers[kind]
    return [make(number) for number in range(count)]


def draws(kind: str, salts: int, count: int = UNITS) -> Iterator[Buckets]:
    """The buckets of all units under one salt after the other; salts that differ by a digit."""
    texts: list[Texts] = [each for _, each in chunked(unit_ids(kind, count))]
    for number in range(salts):
        start = fnv1a32(f"test-{number}")
        yield np.concatenate([each.buckets(start) for each in texts])


def evenness(places: Buckets) -> float:
    """p-value of the chi-square test of twenty cells of equal size."""
    counts = np.bincount(places * CELLS // 10_000, minlength=CELLS)
    expected = len(places) / CELLS
    return float(chdtrc(CELLS - 1, ((counts - expected) ** 2 / expected).sum()))


def independence(one: Buckets, other: Buckets) -> float:
    """p-value of the chi-square test of the table of quarters by quarters."""
    cells: npt.NDArray[np.int64] = np.bincount(
        one // QUARTER * 4 + other // QUARTER, minlength=16
    ).reshape(4, 4)
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / len(one)
    return float(chdtrc(9, ((cells - expected) ** 2 / expected).sum()))


def assert_fair(p_values: list[float]) -> None:
    below = np.mean(np.array(p_values) < 0.05)
    assert 0.027 <= below <= 0.073
    assert kstest(p_values, "uniform").pvalue > 0.001


def test_units_are_spread_evenly_under_any_salt() -> None:
    """As below, of fewer salts and units."""
    p_values = [evenness(places) for places in draws("members", 200, 20_000)]
    # 99.9 % of 200 fair draws.
    assert 0.005 <= np.mean(np.array(p_values) < 0.05) <= 0.115
    assert kstest(p_values, "uniform").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_units_of_every_kind_are_spread_evenly_and_each_salt_anew(kind: str) -> None:
    even, apart, before = [], [], None
    for places in draws(kind, SALTS + 1):
        even.append(evenness(places))
        if before is not None:
            apart.append(independence(before, places))
        before = places
    assert_fair(even[:SALTS])
    assert_fair(apart)


@pytest.mark.slow
def test_variants_of_any_two_tests_are_drawn_apart() -> None:
    """Pairs of salts far from each other, and of the halves that a test is split into."""
    rng = random.Random(5)
    ranges = allocate(HALVES, Decimal(1))
    texts = [each for _, each in chunked(unit_ids("uuids", UNITS))]
    p_values = []
    for _ in range(SALTS):
        one, other = (
            np.concatenate([each.buckets(fnv1a32(f"{rng.random()}")) for each in texts])
            for _ in range(2)
        )
        table = np.bincount(arms(ranges, one) * 2 + arms(ranges, other), minlength=4)
        expected = UNITS / 4
        p_values.append(float(chdtrc(3, ((table - expected) ** 2 / expected).sum())))
    assert_fair(p_values)


def test_no_unit_of_a_million_meets_two_tests_of_a_layer() -> None:
    ids = unit_ids("members", 1_000_000)
    parts = [
        assignable(key=f"t{start}", seed=f"t{start}", layer=Layer("crm", "layer:crm", start, end))
        for start, end in ((0, 3333), (3333, 9000), (9000, 10_000))
    ]
    met = np.zeros(len(ids), dtype=np.int64)
    for each in parts:
        met += assign_many(each, ids).variants >= 0
    assert met.min() == met.max() == 1


def test_a_unit_gets_its_variant_whatever_its_slot_and_holdout() -> None:
    """Within the slots of a layer the split of a test is as even as outside."""
    ids = unit_ids("members", UNITS)
    layered = assignable(layer=Layer("crm", "layer:crm", 0, 2000))
    found = assign_many(layered, ids)
    a, b = found.counts().values()
    assert abs(a - b) < 4 * np.sqrt(a + b)
    assert (a + b) / UNITS == pytest.approx(0.2, abs=0.006)


def test_a_ramp_of_coverage_moves_none_of_a_hundred_thousand() -> None:
    ids = unit_ids("korean", UNITS)
    before = np.full(UNITS, -1)
    for coverage in ("0.01", "0.05", "0.25", "1"):
        ranges: tuple[BucketRange, ...] = allocate(HALVES, Decimal(coverage))
        now = assign_many(assignable(ranges=ranges), ids).variants
        assert (now[before >= 0] == before[before >= 0]).all()
        before = now
    assert (before >= 0).all()
