"""Whether two answers to one question ever differ: p-value and intervals, labels, units."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from stats.lift import Lift
from stats.means import compare_means
from stats.proportions import LEAST_EXPECTED, compare_proportions, least_expected_count
from stats.ratios import compare_ratios
from stats.samples import MeanSample, RatioSample
from tests.calibration.bars import Bar, none_of
from tests.calibration.tables import Pair, endless_pairs, random_pairs

TABLES = 10_000
SPARSE = 500  # of them: an exact test takes a hundred times as long as a score test
AMOUNTS = 1_000
RATE = 1_300  # of exchange, between two currencies


def contradictions() -> Bar:
    """Count the tables whose p-value and intervals disagree, among 9,500 dense and 500 sparse."""
    dense = islice((p for p in endless_pairs(100, most=4) if not _sparse(p)), TABLES - SPARSE)
    sparse = islice((p for p in endless_pairs(101, most=4) if _sparse(p)), SPARSE)
    return _contradictions([*dense, *sparse], f"{TABLES:,} tables, {SPARSE} of them sparse")


def contradictions_as_they_come(seed: int) -> Bar:
    """Count them among a thousand tables, two thirds of which are sparse."""
    return _contradictions(random_pairs(1000, seed, most=4), f"1,000 tables of seed {seed}")


def _contradictions(pairs: Iterable[Pair], said: str) -> Bar:
    count = sum(contradicts(compare_proportions(*pair)) for pair in pairs)
    return none_of(f"contradictions of p-value and intervals, {said}", count)


def contradicts(lift: Lift) -> bool:
    """Say whether the p-value, the two intervals and the values are not of one mind."""
    significant = lift.p_value < 1 - lift.confidence
    absolute, relative = lift.absolute, lift.relative
    at_one = lift.significant == significant and absolute.interval.contains(0) != significant
    at_one = at_one and absolute.interval.contains(absolute.value)
    if relative.interval is not None:
        at_one = at_one and relative.interval.contains(0) != significant
        at_one = at_one and (relative.value is None or relative.interval.contains(relative.value))
    return not at_one


def _sparse(pair: Pair) -> bool:
    return least_expected_count(*pair) < LEAST_EXPECTED


def swapped_rates() -> Bar:
    """Count the tables whose answer is not the mirrored one when variants change names."""
    dense = islice((p for p in endless_pairs(102, most=5) if not _sparse(p)), 950)
    sparse = islice((p for p in endless_pairs(103, most=3) if _sparse(p)), 50)
    count = 0
    for control, treatment in (*dense, *sparse):
        there = compare_proportions(control, treatment)
        back = compare_proportions(treatment, control)
        count += not _mirrored(there, back, near=1e-5)
    return none_of("answers that change with the labels, 1,000 pairs of rates", count)


def contradictions_of_amounts(kind: str) -> Bar:
    """Count the same contradictions among means or ratios, dense or sparse."""
    compare, pairs = _KINDS[kind]
    count = sum(contradicts(compare(control, treatment)) for control, treatment, _ in pairs())
    return none_of(f"contradictions of p-value and intervals, 1,000 pairs of {kind}", count)


def swapped_amounts(kind: str) -> Bar:
    """Count the pairs whose answer changes when variants change names."""
    compare, pairs = _KINDS[kind]
    count = sum(
        not _mirrored(compare(control, treatment), compare(treatment, control), near=1e-9)
        for control, treatment, _ in pairs()
    )
    return none_of(f"answers that change with the labels, 1,000 pairs of {kind}", count)


def scaled_amounts(kind: str) -> Bar:
    """Count the pairs whose answer changes when values are told in another unit of measure."""
    compare, pairs = _KINDS[kind]
    count = 0
    for control, treatment, exchanged in pairs():
        plain, other = compare(control, treatment), compare(*exchanged)
        count += not (
            np.isclose(plain.p_value, other.p_value, rtol=1e-12, atol=0)
            and np.isclose(plain.absolute.value * RATE, other.absolute.value, rtol=1e-12)
            and np.allclose(_lift_sides(plain), _lift_sides(other), rtol=1e-9, atol=1e-12)
        )
    return none_of(f"answers that change with the unit of measure, 1,000 pairs of {kind}", count)


def _mirrored(there: Lift, back: Lift, near: float) -> bool:
    ahead, behind = there.absolute.interval, back.absolute.interval
    assert ahead.lower is not None
    assert ahead.upper is not None
    assert behind.lower is not None
    assert behind.upper is not None
    return bool(
        np.isclose(there.p_value, back.p_value, rtol=near, atol=0)
        and there.significant == back.significant
        and there.absolute.value == -back.absolute.value
        and np.allclose(
            [ahead.lower, ahead.upper], [-behind.upper, -behind.lower], rtol=near, atol=1e-9
        )
    )


def _lift_sides(lift: Lift) -> list[float]:
    interval = lift.relative.interval
    if interval is None or interval.lower is None or interval.upper is None:
        return []
    return [interval.lower, interval.upper]


def _means() -> Iterator[tuple[MeanSample, MeanSample, tuple[MeanSample, MeanSample]]]:
    """Revenue in cents, most of it 0, of variants of different sizes; and exchanged."""
    rng = np.random.default_rng(104)
    for _ in range(AMOUNTS):
        arms = [[1, 2, *_revenue(rng, int(units))] for units in rng.integers(20, 400, 2)]
        control, treatment = (MeanSample.of(arm, 100) for arm in arms)
        first, second = (MeanSample.of([RATE * cents for cents in arm], 100) for arm in arms)
        yield control, treatment, (first, second)


def _ratios() -> Iterator[tuple[RatioSample, RatioSample, tuple[RatioSample, RatioSample]]]:
    """Revenue per order, of customers with one to nine orders; and exchanged."""
    rng = np.random.default_rng(105)
    for _ in range(AMOUNTS):
        arms = []
        for units in rng.integers(20, 400, 2):
            orders = rng.integers(1, 10, units).tolist()
            arms.append([(1, 2), (2, 1), *zip(_revenue(rng, int(units)), orders, strict=True)])
        control, treatment = (RatioSample.of(arm, 100) for arm in arms)
        first, second = (RatioSample.of([(RATE * y, x) for y, x in arm], 100) for arm in arms)
        yield control, treatment, (first, second)


def _revenue(rng: np.random.Generator, units: int) -> list[int]:
    values = rng.lognormal(8, 1, units) * (rng.random(units) < rng.uniform(0.1, 0.9))
    return [int(value) for value in values]


_KINDS: dict[str, tuple[Callable[..., Lift], Callable[[], Iterator[Any]]]] = {
    "means": (compare_means, _means),
    "ratios": (compare_ratios, _ratios),
}
