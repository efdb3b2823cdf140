"""Whether two answers to one question ever differ: p-value and intervals, labels, units."""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from stats.lift import Lift
from stats.means import compare_means
from stats.proportions import LEAST_EXPECTED, compare_proportions, least_expected_count
from stats.samples import MeanSample
from tests.calibration.bars import Bar, none_of
from tests.calibration.tables import Pair, endless_pairs, random_pairs

TABLES = 10_000
SPARSE = 500  # of them: an exact test takes a hundred times as long as a score test


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


def swapped_means() -> Bar:
    """Count the same among means."""
    count = 0
    for control, treatment in _amounts():
        there, back = compare_means(control, treatment), compare_means(treatment, control)
        count += not _mirrored(there, back, near=1e-9)
    return none_of("answers that change with the labels, 1,000 pairs of means", count)


def scaled_means() -> Bar:
    """Count the pairs whose answer changes when values are told in another unit of measure."""
    count = 0
    for control, treatment in _amounts():
        plain = compare_means(control, treatment)
        other = compare_means(_in_parts(control), _in_parts(treatment))
        count += not (
            np.isclose(plain.p_value, other.p_value, rtol=1e-12, atol=0)
            and np.isclose(plain.absolute.value * 1300, other.absolute.value, rtol=1e-12)
            and np.allclose(_lift_sides(plain), _lift_sides(other), rtol=1e-9, atol=1e-12)
        )
    return none_of("answers that change with the unit of measure, 1,000 pairs of means", count)


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


def _amounts() -> Iterable[tuple[MeanSample, MeanSample]]:
    """Revenue in cents, most of it 0, of variants of different sizes."""
    rng = np.random.default_rng(104)
    for _ in range(1000):
        arms = []
        for units in rng.integers(20, 400, 2):
            values = rng.lognormal(8, 1, units) * (rng.random(units) < rng.uniform(0.1, 0.9))
            arms.append(MeanSample.of([1, 2, *(int(value) for value in values)], 100))
        yield arms[0], arms[1]


def _in_parts(sample: MeanSample) -> MeanSample:
    """The same amounts at an exchange rate of 1,300."""
    return MeanSample(sample.units, sample.total * 1300, sample.squares * 1300**2, sample.scale)
