"""How often a design shows an effect that is not there, and one that is: seeded simulation.

Customers enter for 28 days, 500 a day and variant. A fixed design reads the end, the group-
sequential one the end of each week, the always-valid one every day.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stats.means import compare_means
from stats.planning import RateLift, Rules, power_reached
from stats.proportions import compare_proportions
from stats.samples import BinomialSample, MeanSample
from stats.sequential import NormalEstimate, Progress, always_valid, equally_spaced, planned_looks
from tests.calibration.bars import Bar

DAYS, PER_DAY = 28, 500
WEEKLY = slice(6, None, 7)
ALPHA = 0.05
RUNS = 2_000

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """Many runs of one test, day by day; arrays of shape (2 variants, runs, days).

    Attributes:
        totals: Sum of the values so far; of a rate, successes.
        squares: Sum of their squares so far.
        scale: What a value is divided by.
    """

    totals: Integers
    squares: Integers
    scale: int

    @property
    def units(self) -> Integers:
        """Units of each variant after each day."""
        return PER_DAY * np.arange(1, DAYS + 1)

    @property
    def differences(self) -> Floats:
        """Treatment minus control, (runs, days)."""
        means = self.totals / self.units / self.scale
        return np.asarray(means[1] - means[0])

    @property
    def errors(self) -> Floats:
        """Standard errors of the differences, from both variants' variances."""
        spread = self.squares - self.totals / self.units * self.totals
        variances = spread / (self.units - 1) / self.scale**2
        return np.asarray(np.sqrt(variances.sum(axis=0) / self.units))

    @property
    def z(self) -> Floats:
        """The differences in standard errors."""
        return self.differences / self.errors


def rates(control: float, treatment: float, runs: int, seed: int) -> Runs:
    """Each customer converts or does not."""
    rng = np.random.default_rng(seed)
    daily = [rng.binomial(PER_DAY, rate, (runs, DAYS)) for rate in (control, treatment)]
    totals = np.cumsum(daily, axis=2)
    return Runs(totals, totals, 1)


def revenues(runs: int, seed: int) -> Runs:
    """One customer in ten buys, for 20 and more, seldom for a thousand; in cents."""
    rng = np.random.default_rng(seed)
    totals, squares = np.zeros((2, 2, runs, DAYS), dtype=np.int64)
    for arm in range(2):
        for run in range(runs):
            shape = (DAYS, PER_DAY)
            buys = rng.random(shape) < 0.1
            cents = (100 * rng.lognormal(3, 0.8, shape) * buys).astype(np.int64)
            totals[arm, run], squares[arm, run] = cents.sum(axis=1), (cents**2).sum(axis=1)
    return Runs(totals.cumsum(axis=2), squares.cumsum(axis=2), 100)


def share_called_at_the_end(tests: Runs) -> float:
    """Read each run once, by the product's comparison."""
    units, called = int(tests.units[-1]), 0
    ends = zip(*tests.totals[:, :, -1], *tests.squares[:, :, -1], strict=True)
    for control, treatment, control_squares, treatment_squares in ends:
        if tests.scale == 1:
            pair = BinomialSample(units, int(control)), BinomialSample(units, int(treatment))
            called += compare_proportions(*pair).significant
        else:
            first = MeanSample(units, int(control), int(control_squares), tests.scale)
            second = MeanSample(units, int(treatment), int(treatment_squares), tests.scale)
            called += compare_means(first, second).significant
    return called / len(tests.differences)


def share_called_at_weekly_looks(tests: Runs) -> float:
    """Read each run at four planned looks."""
    bounds = [look.critical_z for look in planned_looks(equally_spaced(4), alpha=ALPHA)]
    return float((np.abs(tests.z[:, WEEKLY]) > bounds).any(axis=1).mean())


def share_called_at_daily_looks(tests: Runs) -> float:
    """Read each run every day by the always-valid interval."""
    progress = [Progress(int(n), int(n), 2 * DAYS * PER_DAY) for n in tests.units]
    called = 0
    for differences, errors in zip(tests.differences, tests.errors, strict=True):
        days = zip(differences, errors, progress, strict=True)
        called += any(
            not always_valid(NormalEstimate(float(d), float(e)), seen).interval.contains(0)
            for d, e, seen in days
        )
    return called / len(tests.differences)


def type_one_errors(kpi: str, runs: int = RUNS) -> tuple[Bar, ...]:
    """Measure the three designs, and naive daily looks beside them, on equal variants."""
    equal = rates(0.02, 0.02, runs, seed=28) if kpi == "rate" else revenues(runs, seed=29)
    said, slack = f"{runs:,} tests of equal variants, a {kpi}", 3 * _error(ALPHA, runs)
    naive = float((np.abs(equal.z) > 1.959964).any(axis=1).mean())
    return (
        Bar(
            f"alarms at the end, {said}",
            share_called_at_the_end(equal),
            ALPHA - slack,
            ALPHA + slack,
        ),
        Bar(
            f"alarms at 4 planned weekly looks, {said}",
            share_called_at_weekly_looks(equal),
            ALPHA - slack,
            ALPHA + slack,
        ),
        Bar(
            f"alarms at 28 daily looks, always valid, {said}",
            share_called_at_daily_looks(equal),
            0,
            ALPHA,
        ),
        Bar(f"alarms at 28 daily looks, naive, {said}", naive, 0.277 - 0.04, 0.277 + 0.04),
    )


def powers(runs: int = 100_000) -> tuple[Bar, ...]:
    """Measure what four weekly looks keep of the fixed test's power: computed, and simulated."""
    contrast, total = RateLift(0.02, 0.005), 2 * DAYS * PER_DAY
    fixed = power_reached(contrast, total)
    planned = power_reached(contrast, total, Rules(looks=equally_spaced(4)))
    better = rates(0.02, 0.025, runs, seed=30)
    once = np.abs(better.z[:, -1]) > 1.959964
    weekly = share_called_at_weekly_looks(better)
    slack = 3 * _error(weekly, runs)
    few = rates(0.02, 0.025, RUNS, seed=31)
    return (
        Bar(
            "power of 4 weekly looks as a share of the fixed test's, computed",
            planned / fixed,
            0.99,
            1,
        ),
        Bar(
            f"the same in {runs:,} tests of 2 % and 2.5 %",
            weekly / float(once.mean()),
            0.99 - slack,
            1,
        ),
        Bar(
            "power of 4 weekly looks, simulated",
            weekly,
            planned - slack - 0.005,
            planned + slack + 0.005,
        ),
        Bar(
            "power of 28 daily looks, always valid, simulated",
            share_called_at_daily_looks(few),
            0.47,
            0.55,
        ),
    )


def _error(share: float, runs: int) -> float:
    return math.sqrt(share * (1 - share) / runs)
