"""1,211 headline tests of Upworthy in one batch: splits, treatments against the first, all arms.

Matias, Munger, Le Quere and Ebersole, "The Upworthy Research Archive", Scientific Data 2021 (CC BY
4.0), a quarter of the exploratory set. Its authors published in June 2024 that tests from 25 June
2013 to 10 January 2014 were probably not randomised: a sample-ratio check has to find them.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.special import chdtrc

from stats.lift import Lift
from stats.multiplicity import adjust_bh, adjust_holm, compare_with_control, family_of
from stats.proportion_batch import ManyLifts, RateTables, compare_many_proportions
from stats.proportions import compare_proportions
from stats.sample_ratio import check_sample_ratio
from stats.samples import BinomialSample, pool

FILE = "upworthy_quarter.csv.gz"
ALPHA = 0.05
FAULTY_WEEKS = range(201325, 201403)
TESTS, ARMS, IMPRESSIONS, CLICKS = 1_211, 5_656, 20_301_986, 295_700
ONE_BY_ONE = 60  # every so many tests, the batch is held against one comparison at a time


@dataclass(frozen=True)
class HeadlineTest:
    """One test; the arm listed first is taken for the control."""

    week: int
    arms: tuple[BinomialSample, ...]

    @property
    def broken(self) -> bool:
        """Whether the visitors were not split evenly."""
        return check_sample_ratio([arm.units for arm in self.arms], [1] * len(self.arms)).broken

    @cached_property
    def omnibus(self) -> float:
        """Pearson's p-value of equal rates in all arms."""
        every = pool(self.arms)
        chi_square = sum(
            (arm.successes - arm.units * every.rate) ** 2 / (arm.units * every.rate)
            + (arm.failures - arm.units * (1 - every.rate)) ** 2 / (arm.units * (1 - every.rate))
            for arm in self.arms
        )
        return float(chdtrc(len(self.arms) - 1, chi_square))


def checked(file: Path) -> Iterator[tuple[bool, str]]:
    """Every published number beside ours."""
    tests = tuple(_read(file))
    every = pool(arm for test in tests for arm in test.arms)
    found = (len(tests), sum(len(test.arms) for test in tests), every.units, every.successes)
    yield (
        found == (TESTS, ARMS, IMPRESSIONS, CLICKS),
        "{:,} tests, {:,} arms, {:,} impressions, {:,} clicks".format(*found),
    )
    yield from _splits(tests)
    yield from _all_arms(tests)
    yield from _treatments(tests)


def _read(file: Path) -> Iterator[HeadlineTest]:
    arms: dict[str, list[tuple[int, BinomialSample]]] = {}
    with gzip.open(file, "rt", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            sample = BinomialSample(int(row["impressions"]), int(row["clicks"]))
            arms.setdefault(row["clickability_test_id"], []).append((int(row["test_week"]), sample))
    for rows in arms.values():
        yield HeadlineTest(rows[0][0], tuple(sample for _, sample in rows))


def _splits(tests: tuple[HeadlineTest, ...]) -> Iterator[tuple[bool, str]]:
    broken = [test.week in FAULTY_WEEKS for test in tests if test.broken]
    weeks = sum(test.week in FAULTY_WEEKS for test in tests)
    found = (len(broken), sum(broken), weeks, len(broken) - sum(broken), len(tests) - weeks)
    yield (
        found == (182, 176, 286, 6, 925),
        "broken splits: {} in all, {} of {} in the faulty weeks, {} of {} in the others; "
        "published 182, 176 of 286, 6 of 925".format(*found),
    )


def _all_arms(tests: tuple[HeadlineTest, ...]) -> Iterator[tuple[bool, str]]:
    p_values = [test.omnibus for test in tests]
    sound = [test.omnibus for test in tests if test.week not in FAULTY_WEEKS]
    found = (
        _below(p_values),
        _below(adjust_bh(p_values)),
        _below(adjust_holm(p_values)),
        _below([p_value * len(tests) for p_value in p_values]),
        _below(sound),
    )
    yield (
        found == (533, 407, 138, 136, 405),
        "all arms: {} below 5 %, {} by Benjamini-Hochberg, {} by Holm, {} by Bonferroni, {} in the "
        "sound weeks; published 533, 407, 138, 136, 405".format(*found),
    )


def _treatments(tests: tuple[HeadlineTest, ...]) -> Iterator[tuple[bool, str]]:
    """Dunnett's verdicts of the batch, some of them held against `compare_with_control`."""
    pairs = [(test.arms[0], arm) for test in tests for arm in test.arms[1:]]
    lifts = compare_many_proportions(_tables(pairs))
    ends = np.cumsum([0, *(len(test.arms) - 1 for test in tests)]).tolist()
    shown, wrong = 0, 0
    for index, (test, (start, end)) in enumerate(zip(tests, pairwise(ends), strict=True)):
        control, treatments = test.arms[0], test.arms[1:]
        family = family_of(control, treatments)
        adjusted = family.adjust(lifts.p_value[start:end].tolist())
        shown += _below(adjusted)
        if index % ONE_BY_ONE == 0:
            wrong += not _agrees(test, lifts, start, adjusted)
    yield (
        wrong == 0 and 0 < shown < int(lifts.significant.sum()),
        f"{len(pairs):,} treatments against the first arm: {int(lifts.significant.sum())} differ "
        f"alone, {shown} by Dunnett; the batch differs from one by one in {wrong} tests",
    )


def _agrees(test: HeadlineTest, lifts: ManyLifts, start: int, adjusted: tuple[float, ...]) -> bool:
    singly = compare_with_control(compare_proportions, test.arms[0], test.arms[1:])
    return all(
        np.isclose(each.lift.p_value, lifts.p_value[start + place], rtol=1e-6)
        and np.allclose(_sides(each.lift), lifts.interval[start + place], rtol=1e-6)
        and each.significant == (p_value < ALPHA)
        for place, (each, p_value) in enumerate(zip(singly, adjusted, strict=True))
    )


def _sides(lift: Lift) -> list[float]:
    interval = lift.absolute.interval
    return [side for side in (interval.lower, interval.upper) if side is not None]


def _tables(pairs: list[tuple[BinomialSample, BinomialSample]]) -> RateTables:
    counts = [(c.units, c.successes, t.units, t.successes) for c, t in pairs]
    return RateTables(*np.array(counts, dtype=np.int64).T)


def _below(p_values: tuple[float, ...] | list[float]) -> int:
    return sum(p_value < ALPHA for p_value in p_values)
