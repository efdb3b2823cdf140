from math import sqrt

import numpy as np
import pytest

from stats.planning import (
    Prospect,
    RateLift,
    expected_gain,
    most_profitable_test,
    required_units,
    wrong_choice_chance,
)
from stats.planning.profit import expected_maximum

MAILING = Prospect.of_rate(20_000, 0.18, prior_sd=0.018)


def test_a_mailing_of_twenty_thousand_tests_about_twelve_hundred_each() -> None:
    """A test planned for power would take three times as many in each variant."""
    best = most_profitable_test(MAILING)
    assert best.per_variant == pytest.approx(1200, abs=10)
    assert best.rest == 20_000 - 2 * best.per_variant
    assert required_units(RateLift(0.18, 0.018)).per_variant[0] == pytest.approx(7425, abs=1)


def test_the_size_is_the_papers_closed_form() -> None:
    """With N units, sd s of a unit and sigma of the means, for two variants."""
    n, s, sigma = 100_000, 0.47, 0.03
    noise = (s / sigma) ** 2
    paper = sqrt(n / 4 * noise + (3 / 4 * noise) ** 2) - 3 / 4 * noise
    assert most_profitable_test(Prospect(n, sigma, s)).per_variant == pytest.approx(paper, abs=1)


@pytest.mark.parametrize("variants", [2, 3, 6])
@pytest.mark.parametrize(("size", "prior_sd"), [(60, 0.05), (5000, 0.002), (10**6, 0.03)])
def test_no_other_size_pays_more(size: int, prior_sd: float, variants: int) -> None:
    prospect = Prospect(size, prior_sd, unit_sd=0.3, variants=variants)
    best = most_profitable_test(prospect)
    every = range(1, size // variants + 1, max(1, size // 20_000))
    assert best.gain >= max(expected_gain(prospect, n) for n in every) - 1e-12
    assert best.gain < best.gain_if_known


def test_a_longer_list_tests_a_smaller_share() -> None:
    sizes = [most_profitable_test(Prospect.of_rate(n, 0.18, 0.018)) for n in (10**4, 10**6)]
    assert sizes[0].per_variant < sizes[1].per_variant
    assert sizes[0].per_variant / 10**4 > sizes[1].per_variant / 10**6


def test_the_smallest_list_is_one_unit_each() -> None:
    best = most_profitable_test(Prospect(2, 1.0, 1.0))
    assert (best.per_variant, best.rest, best.gain) == (1, 0, 0.0)


def test_the_expected_maximum_has_its_known_values() -> None:
    assert expected_maximum(1) == pytest.approx(0.0, abs=1e-12)
    assert expected_maximum(2) == pytest.approx(1 / sqrt(np.pi), abs=1e-12)
    assert expected_maximum(3) == pytest.approx(1.5 / sqrt(np.pi), abs=1e-12)


@pytest.mark.parametrize(
    ("size", "prior_sd", "unit_sd", "variants"),
    [(100, 0.0, 1.0, 2), (100, 1.0, 0.0, 2), (100, 1.0, 1.0, 1), (2, 1.0, 1.0, 3)],
)
def test_impossible_prospects_are_refused(
    size: int, prior_sd: float, unit_sd: float, variants: int
) -> None:
    with pytest.raises(ValueError, match=r"expected|variants"):
        Prospect(size, prior_sd, unit_sd, variants)


def test_an_impossible_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="rate"):
        Prospect.of_rate(100, 1.0, 0.01)


def test_the_wrong_choice_is_known_for_two_variants_only() -> None:
    with pytest.raises(ValueError, match="expected 2"):
        wrong_choice_chance(Prospect(100, 1.0, 1.0, 3), 10)


@pytest.mark.slow
def test_simulated_campaigns_gain_what_is_expected() -> None:
    """Draw true rates, test with binomial counts, roll the better one out, count conversions."""
    rng = np.random.default_rng(2019)
    runs = 400_000
    true = rng.normal(0.18, 0.018, (runs, 2))
    for n in (300, 1206, 4000):
        observed = rng.binomial(n, true)
        won = np.where(observed[:, 0] >= observed[:, 1], true[:, 0], true[:, 1])
        total = n * true.sum(axis=1) + (20_000 - 2 * n) * won
        gain = total - 20_000 * true.mean(axis=1)
        error = gain.std() / sqrt(runs)
        assert gain.mean() == pytest.approx(expected_gain(MAILING, n), abs=4 * error, rel=0.005)
        worse = np.mean(won < true.max(axis=1))
        assert worse == pytest.approx(wrong_choice_chance(MAILING, n), abs=0.004)
