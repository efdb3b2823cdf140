"""The exact unconditional test: against brute force, in its size and its speed."""

import time

import numpy as np
import pytest
from scipy.stats import binom

from stats import exact
from stats.proportions import compare_exactly
from stats.samples import BinomialSample
from stats.score import Contrast, Difference, Floats, Ratio, Tables


def probabilities(units: int, rates: Floats) -> Floats:
    return np.asarray(binom.pmf(np.arange(units + 1), units, rates[:, None]))


def greatest_tail(observed: Tables, contrast: Contrast, grid: int) -> float:
    """Every table, every rate of a fine grid, nothing left out but what is ruled out."""
    rates = exact._control_rates(observed, contrast)
    if rates.size == 0:
        return exact.RULED_OUT
    fine = np.linspace(rates[0], rates[-1], grid)
    n_c, n_t = observed.control_units, observed.treatment_units
    everything = Tables(n_c, np.arange(n_c + 1.0)[:, None], n_t, np.arange(n_t + 1.0)[None, :])
    extreme = contrast.statistic(everything) >= float(contrast.statistic(observed)) - 1e-8
    control = probabilities(n_c, fine)
    treatment = probabilities(n_t, np.clip(contrast.treatment_rate(fine), 0, 1))
    return float(((control @ extreme) * treatment).sum(axis=1).max()) + exact.RULED_OUT


@pytest.mark.parametrize("index", range(12))
def test_the_tail_is_that_of_brute_force(index: int) -> None:
    rng = np.random.default_rng(index)
    n_c, n_t = (int(n) for n in rng.choice([3, 8, 20, 45], 2))
    control = BinomialSample(n_c, int(rng.integers(0, n_c + 1)))
    treatment = BinomialSample(n_t, int(rng.integers(0, n_t + 1)))
    observed = Tables.of(control, treatment)
    contrasts: list[Contrast] = [
        Difference(np.asarray(0.0)),
        Difference(np.asarray(rng.uniform(-0.4, 0.4))),
        Ratio(np.asarray(np.exp(rng.normal()))),
    ]
    for contrast in contrasts:
        expected = greatest_tail(observed, contrast, grid=1500)
        assert exact.tail_above(observed, contrast) == pytest.approx(expected, rel=2e-4, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("n_c", "n_t"), [(4, 400), (400, 4)])
def test_the_tail_of_very_unequal_variants_is_that_of_brute_force(n_c: int, n_t: int) -> None:
    for x_c, x_t in [(1, n_t // 3), (n_c // 2, n_t - 1), (n_c, 0)]:
        observed = Tables.of(BinomialSample(n_c, x_c), BinomialSample(n_t, x_t))
        for contrast in (Difference(np.asarray(0.0)), Ratio(np.asarray(0.8))):
            expected = greatest_tail(observed, contrast, grid=8000)
            assert exact.tail_above(observed, contrast) == pytest.approx(expected, rel=2e-3)


def test_a_contrast_is_accepted_exactly_if_its_p_value_reaches_alpha() -> None:
    """The search for a side may decide on a coarse grid, but only as the p-value would."""
    rng = np.random.default_rng(11)
    for _ in range(60):
        n_c, n_t = (int(n) for n in rng.choice([9, 30, 60], 2))
        control = BinomialSample(n_c, int(rng.integers(0, n_c + 1)))
        tables = Tables.of(control, BinomialSample(n_t, int(rng.integers(0, n_t + 1))))
        at = np.array([rng.uniform(-0.3, 0.3)])
        tail = exact.tail_above(tables, Difference(at[0]))
        for alpha, index in ((tail * (1 - 1e-6), 0), (tail * (1 + 1e-6), 1)):
            if 1e-6 < alpha < 0.9:
                assert exact.first_not_above(tables, alpha, Difference, at) == index


def test_a_contrast_that_no_rates_allow_is_accepted_only_below_what_was_ruled_out() -> None:
    tables = Tables.of(BinomialSample(1000, 900), BinomialSample(1000, 10))
    at = np.array([0.9])
    assert exact.first_not_above(tables, 2e-8, Difference, at) == 1
    assert exact.first_not_above(tables, 1e-9, Difference, at) == 0


@pytest.mark.parametrize("units", [1, 2, 50, 4000])
def test_a_rate_is_ruled_out_at_a_quarter_in_each_of_four_tails(units: int) -> None:
    """Both variants, above and below: together `RULED_OUT`, as Clopper and Pearson would."""
    for successes in {0, 1, units // 2, units - 1, units}:
        lower, upper = exact._not_ruled_out(np.asarray(float(successes)), units)
        quarter = pytest.approx(exact.RULED_OUT / 4, rel=1e-3, abs=0)
        assert binom.sf(successes - 1, units, lower) == quarter if successes else lower == 0
        assert binom.cdf(successes, units, upper) == quarter if successes < units else upper == 1


@pytest.mark.parametrize("units", [1, 5, 400, 5000])
def test_chances_of_counts_are_those_of_the_binomial_distribution(units: int) -> None:
    """Few counts or thousands, from none to all, and both beyond."""
    rates = np.array([0.0, 1e-6, 0.3, 0.5, 0.999, 1.0])
    for first, last in (
        (-1, units),
        (units - 1, units),
        (units // 2, units // 2 + 1),
        (units,) * 2,
    ):
        counts = np.arange(float(first), last + 1)
        expected = binom.cdf(counts, units, rates[:, None])
        assert exact._at_most(counts, units, rates) == pytest.approx(expected, rel=1e-9, abs=1e-13)


def test_extreme_tables_lie_on_one_side_of_an_edge() -> None:
    """Barnard's convexity, on which the search for the edge relies."""
    rng = np.random.default_rng(3)
    for _ in range(100):
        n_c, n_t = (int(n) for n in rng.choice([4, 9, 30, 200], 2))
        tables = Tables(n_c, np.arange(n_c + 1.0)[:, None], n_t, np.arange(n_t + 1.0)[None, :])
        contrasts: list[Contrast] = [
            Difference(np.asarray(rng.uniform(-0.9, 0.9))),
            Ratio(np.asarray(np.exp(2 * rng.normal()))),
        ]
        for contrast in contrasts:
            statistic = contrast.statistic(tables)
            finite = np.clip(statistic, -1e6, 1e6)
            assert (np.diff(finite, axis=0) <= 1e-9).all()
            assert (np.diff(finite, axis=1) >= -1e-9).all()


def test_no_successes_at_all_leave_the_closed_form() -> None:
    """With 0 of n in both, a difference d is in doubt while (1 - d)^n > 2.5 %."""
    lift = compare_exactly(BinomialSample(10, 0), BinomialSample(10, 0), 0.95)
    upper = 1 - 0.025 ** (1 / 10)
    interval = lift.absolute.interval
    assert (interval.lower, interval.upper) == pytest.approx((-upper, upper), abs=1e-6)


def test_a_familiar_small_table() -> None:
    """7 of 15 against 12 of 15: Barnard's unconditional p-value is near 0.0341 x 2."""
    lift = compare_exactly(BinomialSample(15, 7), BinomialSample(15, 12), 0.95)
    assert lift.p_value == pytest.approx(0.0682, abs=1e-3)


@pytest.mark.parametrize("rate", [0.001, 0.004, 0.02, 0.1, 0.5])
def test_the_error_rate_is_never_above_the_nominal_one(rate: float) -> None:
    units = (25, 40)
    size = rejection_rate(units, rate, alpha=0.05)
    assert size <= 0.05


def rejection_rate(units: tuple[int, int], rate: float, alpha: float) -> float:
    n_c, n_t = units
    chances_c, chances_t = (probabilities(n, np.array([rate]))[0] for n in units)
    total = 0.0
    for x_c in np.flatnonzero(chances_c > 1e-7):
        for x_t in np.flatnonzero(chances_t > 1e-7):
            chance = chances_c[x_c] * chances_t[x_t]
            if chance < 1e-6:
                continue
            table = Tables.of(BinomialSample(n_c, int(x_c)), BinomialSample(n_t, int(x_t)))
            total += chance if exact.p_value(table) < alpha else 0.0
    return float(total)


def test_a_table_that_no_rates_allow_is_rejected_at_once() -> None:
    tables = Tables.of(BinomialSample(1000, 900), BinomialSample(1000, 10))
    assert exact.tail_above(tables, Difference(np.asarray(0.9))) == exact.RULED_OUT


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        (BinomialSample(100_000, 0), BinomialSample(100_000, 8)),
        (BinomialSample(100_000, 3), BinomialSample(100_000, 4)),
        (BinomialSample(100_000, 99_998), BinomialSample(100_000, 99_995)),
    ],
)
def test_a_hundred_thousand_units_each_take_less_than_a_second(
    control: BinomialSample, treatment: BinomialSample
) -> None:
    start = time.process_time()
    compare_exactly(control, treatment, 0.95)
    assert time.process_time() - start < 1
