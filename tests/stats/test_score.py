"""Restricted rates and score statistics."""

from fractions import Fraction

import numpy as np
import pytest

from stats.samples import BinomialSample
from stats.score import Contrast, Difference, Ratio, Tables, pooled_statistic


def random_tables(count: int, seed: int = 20250310) -> list[tuple[BinomialSample, BinomialSample]]:
    rng = np.random.default_rng(seed)
    tables = []
    for _ in range(count):
        units = [int(10 ** rng.uniform(0.3, 6)) for _ in range(2)]
        rate = 10 ** rng.uniform(-5, 0)
        control, treatment = (BinomialSample(n, int(rng.binomial(n, rate))) for n in units)
        tables.append((control, treatment))
    return tables


def log_likelihood(tables: Tables, contrast: Contrast, control: float) -> float:
    """Of one table, on rates that obey the contrast; 0 * log(0) is 0."""
    treatment = float(contrast.treatment_rate(np.asarray(control)))
    total = 0.0
    for rate, x, n in (
        (control, float(tables.control_successes), tables.control_units),
        (treatment, float(tables.treatment_successes), tables.treatment_units),
    ):
        if not -1e-15 <= rate <= 1 + 1e-15:
            return -np.inf
        total += x * np.log(max(rate, 1e-300)) if x else 0.0
        total += (n - x) * np.log(max(1 - rate, 1e-300)) if n > x else 0.0
    return total


@pytest.mark.parametrize("index", range(60))
def test_no_neighbouring_rate_fits_better_than_the_restricted_one(index: int) -> None:
    rng = np.random.default_rng(index)
    control, treatment = random_tables(1, seed=index)[0]
    tables = Tables.of(control, treatment)
    contrasts: list[Difference | Ratio] = [
        Difference(np.asarray(rng.uniform(-0.99, 0.99))),
        Difference(np.asarray(rng.normal() * 0.001)),
        Ratio(np.asarray(np.exp(rng.normal() * 2))),
    ]
    for contrast in contrasts:
        best = float(contrast.restricted_control_rate(tables))
        fit = log_likelihood(tables, contrast, best)
        for step in (1e-3, -1e-3, 1e-5, -1e-5):
            other = log_likelihood(tables, contrast, best + step * max(best, 1e-7))
            assert other <= fit + 1e-9 * abs(fit)


def exact_restricted_rate(tables: Tables, difference: float) -> float:
    """Halve the range of the rates allowed until the cubic's root is left, in fractions."""
    n_c, n_t, d = tables.control_units, tables.treatment_units, Fraction(difference)
    x_c, x_t = (Fraction(float(x)) for x in (tables.control_successes, tables.treatment_successes))

    def falls(p: Fraction) -> bool:
        """Say whether the likelihood falls at p: its slope, times what is above 0."""
        control = (x_c * (1 - p) - (n_c - x_c) * p) * (p + d) * (1 - p - d)
        treatment = (x_t * (1 - p - d) - (n_t - x_t) * (p + d)) * p * (1 - p)
        return control + treatment <= 0

    lower, upper = max(Fraction(0), -d), min(Fraction(1), 1 - d)
    for _ in range(110):
        middle = (lower + upper) / 2
        lower, upper = (lower, middle) if falls(middle) else (middle, upper)
    return float(lower)


@pytest.mark.parametrize("difference", [0.3, -0.7, 1e-6, -1e-3])
def test_the_restricted_rate_is_exact_to_twelve_digits(difference: float) -> None:
    """Where rates are not near 1: there `statistic` takes the failures."""
    for control, treatment in random_tables(40):
        tables = Tables.of(control, treatment)
        if tables.successes > tables.units / 2:
            continue
        found = float(Difference(np.asarray(difference)).restricted_control_rate(tables))
        expected = exact_restricted_rate(tables, difference)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-18)


def test_rates_near_one_lose_no_digits() -> None:
    """Of ten million units all but a few: known by their failures to twelve digits."""
    difference = Difference(np.asarray(1e-7))
    units = 10_000_000
    near_one = Tables.of(BinomialSample(units, units - 3), BinomialSample(units, units - 6))
    near_zero = Tables.of(BinomialSample(units, 3), BinomialSample(units, 6))
    found, mirrored = difference.statistic(near_one), difference.reversed().statistic(near_zero)
    assert float(found) == pytest.approx(-float(mirrored), rel=1e-9)


def test_at_no_effect_both_contrasts_give_the_pooled_statistic() -> None:
    for control, treatment in random_tables(200):
        tables, pooled = Tables.of(control, treatment), pooled_statistic(control, treatment)
        difference = float(Difference(np.asarray(0.0)).statistic(tables))
        ratio = float(Ratio(np.asarray(1.0)).statistic(tables))
        assert difference == pytest.approx(pooled, rel=1e-6, abs=1e-9)
        assert ratio == pytest.approx(pooled, rel=1e-6, abs=1e-9)


def test_the_statistic_falls_as_the_contrast_rises() -> None:
    for control, treatment in random_tables(100):
        tables = Tables.of(control, treatment)
        differences = Difference(np.linspace(-0.999, 0.999, 401)).statistic(tables)
        ratios = Ratio(np.geomspace(1e-6, 1e6, 401)).statistic(tables)
        assert (np.diff(differences) <= 1e-9).all()
        assert (np.diff(ratios) <= 1e-9).all()


def test_a_contrast_leads_from_one_rate_to_the_other_and_back() -> None:
    rates = np.array([0.01, 0.2, 0.45])
    contrasts: list[Contrast] = [Difference(np.asarray(0.05)), Ratio(np.asarray(1.7))]
    for contrast in contrasts:
        other = contrast.treatment_rate(rates)
        assert contrast.control_rate(other) == pytest.approx(rates)
        assert contrast.reversed().treatment_rate(other) == pytest.approx(rates)
    assert contrasts[0].treatment_rate(rates) == pytest.approx(rates + 0.05)
    assert contrasts[1].treatment_rate(rates) == pytest.approx(rates * 1.7)


def test_exchanging_variants_changes_only_the_sign() -> None:
    for control, treatment in random_tables(100):
        tables = Tables.of(control, treatment)
        contrasts: list[Contrast] = [Difference(np.asarray(0.01)), Ratio(np.asarray(1.7))]
        for contrast in contrasts:
            here = float(contrast.statistic(tables))
            there = float(contrast.reversed().statistic(tables.swapped()))
            assert there == pytest.approx(-here, rel=1e-7, abs=1e-9)


def test_exchanging_outcomes_changes_only_the_sign() -> None:
    for control, treatment in random_tables(100):
        c, t = (BinomialSample(arm.units, arm.failures) for arm in (control, treatment))
        here = Difference(np.asarray(0.013)).statistic(Tables.of(control, treatment))
        there = Difference(np.asarray(-0.013)).statistic(Tables.of(c, t))
        assert float(there) == pytest.approx(-float(here), rel=1e-7, abs=1e-9)
        assert pooled_statistic(c, t) == -pooled_statistic(control, treatment)


def test_all_units_alike_are_no_distance_from_no_effect() -> None:
    for successes in (0, 10):
        arm = BinomialSample(10, successes)
        assert pooled_statistic(arm, arm) == 0
        assert float(Difference(np.asarray(0.0)).statistic(Tables.of(arm, arm))) == 0
