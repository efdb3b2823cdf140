"""How fast `stats` answers, beside scipy and statsmodels at the same work in the same run.

python -m bench.stats [--rounds 5]

Medians over the rounds, each round running ours and theirs one after the other.
"""

import argparse
import csv
import gzip
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import dunnett, multivariate_normal, ttest_ind_from_stats
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from stats.dunnett import Family
from stats.proportion_batch import RateTables, compare_many_proportions
from stats.proportions import compare_proportions
from stats.sequential import equally_spaced, planned_looks
from stats.sequential.checkpoints import Checkpoints, always_valid_band, running_minimum

ASOS = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "asos"
TABLES, ONE_BY_ONE = 20_000, 200
CHECKPOINTS = 24_153
LOOKS = 10
TREATMENTS = 6
PLANNED = 200_000
COLUMNS = ("count_c", "mean_c", "variance_c", "count_t", "mean_t", "variance_t")


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes:
        ours, theirs: The work, done once.
        times: How many answers one go of ours gives.
        theirs_times: The same of theirs, which may do a part and is scaled up.
        target: What ours has to reach, for reading.
    """

    name: str
    unit: str
    ours: Callable[[], object]
    theirs: Callable[[], object]
    their_name: str
    target: str
    times: int = 1
    theirs_times: int = 1


def tables() -> RateTables:
    rng = np.random.default_rng(20250310)
    control, treatment = rng.integers(1_000, 50_000, (2, TABLES))
    rate = rng.uniform(0.01, 0.4, TABLES)
    return RateTables(
        control,
        rng.binomial(control, rate),
        treatment,
        rng.binomial(treatment, rate * rng.uniform(0.9, 1.1, TABLES)),
    )


def statsmodels_comparison(row: tuple[int, int, int, int]) -> object:
    """Rates, difference, lift and p-value of one table. The difference is Newcombe's: the score
    interval of statsmodels fails on most tables."""
    n_c, x_c, n_t, x_t = row
    return (
        proportion_confint(x_c, n_c, method="wilson"),
        proportion_confint(x_t, n_t, method="wilson"),
        confint_proportions_2indep(x_t, n_t, x_c, n_c, compare="diff", method="newcomb"),
        confint_proportions_2indep(x_t, n_t, x_c, n_c, compare="ratio", method="score"),
        proportions_ztest([x_t, x_c], [n_t, n_c]),
    )


def proportions() -> list[Case]:
    many = tables()
    rows = [tuple(int(column[i]) for column in vars(many).values()) for i in range(ONE_BY_ONE)]

    def theirs() -> object:
        return [statsmodels_comparison(row) for row in rows]  # type: ignore[arg-type] # rows of four

    return [
        Case("two rates compared, all tables at once", "tables/s",
             lambda: compare_many_proportions(many), theirs, "statsmodels, one by one",
             ">= 2,000/s", TABLES, ONE_BY_ONE),
        Case("two rates compared, one by one", "tables/s",
             lambda: [compare_proportions(*many.samples(i)) for i in range(ONE_BY_ONE)], theirs,
             "statsmodels, one by one", "", ONE_BY_ONE, ONE_BY_ONE),
    ]  # fmt: skip


def scipy_looks() -> float:
    """The error that bounds of ten looks spend, by scipy's multivariate normal distribution: one
    evaluation, where setting the bounds would need a hundred."""
    looks = planned_looks(equally_spaced(LOOKS))
    times = np.array([look.fraction for look in looks])
    correlation = np.sqrt(np.minimum.outer(times, times) / np.maximum.outer(times, times))
    upper = np.array([look.critical_z for look in looks])
    within = multivariate_normal.cdf(upper, cov=correlation, lower_limit=-upper, rng=1)
    return float(1 - within)


def dunnett_case(name: str, degrees: float | None) -> Case:
    rng = np.random.default_rng(7)
    groups = rng.normal(size=(TREATMENTS + 1, 200))
    family = Family(200, (200,) * TREATMENTS, degrees=degrees)
    p_values = [0.001, 0.01, 0.03, 0.2, 0.5, 0.9]

    def ours() -> object:
        return family.critical(0.95), family.adjust(p_values)

    def theirs() -> object:
        found = dunnett(*groups[1:], control=groups[0], rng=np.random.default_rng(1))
        return found.pvalue, found.confidence_interval(0.95)

    return Case(name, "ms", ours, theirs, "scipy.stats.dunnett", "< 20 ms")


def checkpoints() -> tuple[Checkpoints, np.ndarray]:
    """The asos data if they are here, else as many checkpoints of the same kind."""
    path = ASOS / "asos_digital_experiments.csv.gz"
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if all(row[name] for name in COLUMNS)]
        rows = [row for row in rows if float(row["count_c"]) > 1 and float(row["count_t"]) > 1]
        names = ("experiment_id", "variant_id", "metric_id")
        series = np.array(["/".join(row[name] for name in names) for row in rows])
        return Checkpoints(*(np.array([float(row[c]) for row in rows]) for c in COLUMNS)), series
    rng = np.random.default_rng(3)
    units = np.sort(rng.integers(100, 100_000, (2, CHECKPOINTS)))
    means = rng.normal(1, 0.01, (2, CHECKPOINTS))
    ones = np.ones(CHECKPOINTS)
    series = np.repeat(np.arange(CHECKPOINTS // 61 + 1).astype(str), 61)[:CHECKPOINTS]
    return Checkpoints(units[0], means[0], ones, units[1], means[1], ones), series


def always_valid_case() -> Case:
    points, series = checkpoints()

    def ours() -> object:
        band = always_valid_band(points.difference, points.squared_error, points.units / PLANNED)
        return running_minimum(band.p_value, series)

    def theirs() -> object:
        columns = zip(*(column.tolist() for column in vars(points).values()), strict=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [
                ttest_ind_from_stats(t, vt**0.5, nt, c, vc**0.5, nc, equal_var=False)
                for nc, c, vc, nt, t, vt in columns
            ]

    return Case(f"{len(series):,} checkpoints, always valid", "ms", ours, theirs,
                "scipy's Welch test, valid once", "< 3 s")  # fmt: skip


def cases() -> list[Case]:
    return [
        *proportions(),
        Case("Lan-DeMets, 10 looks", "ms", lambda: planned_looks(equally_spaced(LOOKS)),
             scipy_looks, "one evaluation by scipy's multivariate normal", "< 30 ms"),
        dunnett_case("Dunnett, 7 arms", None),
        dunnett_case("the same with degrees of freedom", (TREATMENTS + 1) * 199.0),
        always_valid_case(),
    ]  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def figure(case: Case, took: float, times: int) -> str:
    return f"{times / took:,.0f}/s" if case.unit.endswith("/s") else f"{took * 1e3:,.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"{'what':<42} {'ours':>12} {'theirs':>12}  {'times':>8}  by, target of ours")
    for case in cases():
        case.ours()
        timed = [(seconds(case.ours), seconds(case.theirs)) for _ in range(rounds)]
        ours, theirs = (statistics.median(column) for column in zip(*timed, strict=True))
        gain = (theirs / case.theirs_times) / (ours / case.times)
        print(
            f"{case.name:<42} {figure(case, ours, case.times):>12} "
            f"{figure(case, theirs, case.theirs_times):>12}  {gain:>7,.1f}x  "
            f"{case.their_name}; {case.target}"
        )


if __name__ == "__main__":
    main()
