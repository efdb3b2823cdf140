"""Published or independently computed values: every method gives them back."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr, ndtri

from stats import textbook
from stats.samples import BinomialSample
from stats.score import Ratio, Tables
from tests.oracles.runner import SKIPPED_WITHOUT_A_CALL, Oracles, check, collected_calls

FILE = Path(__file__).resolve().parents[2].parent / "shared" / "oracles" / "statistics.json"
ABSENT = "the shared file of oracle values is not beside the repository"
SHARED = Oracles.read(FILE) if FILE.exists() else Oracles(())
CALLS = collected_calls()


@pytest.mark.skipif(not FILE.exists(), reason=ABSENT)
@pytest.mark.parametrize("oracle", SHARED.entries, ids=lambda oracle: oracle["id"])
def test_the_published_value_is_reproduced(oracle: dict[str, Any]) -> None:
    result = check(oracle, CALLS)
    if result.skipped:
        pytest.skip(result.skipped)
    assert result.failures == ()


@pytest.mark.skipif(not FILE.exists(), reason=ABSENT)
def test_every_call_has_an_oracle_or_is_dispatched() -> None:
    known = {oracle["method"] for oracle in SHARED.entries} | set(SHARED.also_dispatched)
    assert set(CALLS) - known == set()
    assert known - set(CALLS) - set(SKIPPED_WITHOUT_A_CALL) == set()


# Methods that the shared file only names; their values are worked out here, another way.

P_VALUES = [0.6, 0.001, 0.041, 0.008, 0.039, 0.2, 0.9]
VALUES = [12.0, 7.5, 3.0, 9.5, 20.0, 4.0, 8.0, 15.5, 6.0, 11.0]
BEFORE = [10.0, 6.0, 4.0, 8.0, 14.0, 5.0, 9.0, 10.0, 3.0, 8.0]
ARM = [1, 0, 0, 1, 1, 0, 0, 1, 0, 0]


def corrected_by_hand() -> list[float]:
    harmonic = sum(1 / k for k in range(1, len(P_VALUES) + 1))
    order = sorted(range(len(P_VALUES)), key=lambda index: -P_VALUES[index])
    adjusted, least = [0.0] * len(P_VALUES), 1.0
    for rank, index in zip(range(len(P_VALUES), 0, -1), order, strict=True):
        least = min(least, P_VALUES[index] * len(P_VALUES) / rank * harmonic)
        adjusted[index] = least
    return adjusted


def lin_by_least_squares() -> dict[str, float]:
    """The arm's coefficient beside a centred covariate and its product with the arm."""
    y, arm = np.array(VALUES), np.array(ARM)
    x = np.array(BEFORE) - np.mean(BEFORE)
    design = np.column_stack([np.ones(y.size), arm, x, arm * x])
    coefficients, (squares,), *_ = np.linalg.lstsq(design, y)
    covariance = squares / (y.size - 4) * np.linalg.inv(design.T @ design)
    return {"effect": float(coefficients[1]), "ols_se": math.sqrt(covariance[1, 1])}


def non_inferiority_by_likelihood(x_t: int, n_t: int, x_c: int, n_c: int, margin: float) -> float:
    """Farrington and Manning's z, at rates found by a search."""

    def minus_log_likelihood(c: float) -> float:
        t = c + margin
        return -(
            x_c * math.log(c)
            + (n_c - x_c) * math.log1p(-c)
            + x_t * math.log(t)
            + (n_t - x_t) * math.log1p(-t)
        )

    bounds = (max(0.0, -margin) + 1e-9, min(1.0, 1 - margin) - 1e-9)
    c = minimize_scalar(minus_log_likelihood, bounds=bounds, options={"xatol": 1e-12}).x
    t = c + margin
    error = math.sqrt(c * (1 - c) / n_c + t * (1 - t) / n_t)
    return (x_t / n_t - x_c / n_c - margin) / error


def tuning(alpha: float, planned: float) -> float:
    level = -2 * math.log(alpha)
    return (level + math.log(1 + level)) / planned


def always_valid_difference(
    x_c: int, n_c: int, x_t: int, n_t: int, n_star: int
) -> dict[str, float]:
    """The sequence's published form in units of n; p where the interval just reaches 0."""
    c, t, n = x_c / n_c, x_t / n_t, n_c + n_t
    sigma = math.sqrt(n * (c * (1 - c) / n_c + t * (1 - t) / n_t))
    rho = math.sqrt(tuning(0.05, n_star))

    def half(alpha: float) -> float:
        grown = n * rho**2 + 1
        return sigma * math.sqrt(2 * grown / (n * rho) ** 2 * math.log(math.sqrt(grown) / alpha))

    p_value = brentq(lambda alpha: half(alpha) - abs(t - c), 1e-12, 1 - 1e-12, xtol=1e-14)
    return {"lo": t - c - half(0.05), "hi": t - c + half(0.05), "p": p_value}


def one_sided_half_width(s2: float, n: int, n_star: int, alpha: float) -> float:
    x = tuning(2 * alpha, n_star) * n
    return math.sqrt(s2 / n * 2 * (x + 1) / x * math.log(1 + math.sqrt(x + 1) / (2 * alpha)))


def total_by_power(pi1: float, pi2: float, ratio: float) -> float:
    """The total at which the pooled z-test, two-sided at .05, has a power of .8."""

    def power(total: float) -> float:
        control = total / (1 + ratio)
        pooled = (pi2 + ratio * pi1) / (1 + ratio)
        equal = math.sqrt(pooled * (1 - pooled) * (1 / control + 1 / (ratio * control)))
        apart = math.sqrt(pi2 * (1 - pi2) / control + pi1 * (1 - pi1) / (ratio * control))
        return float(ndtr((abs(pi1 - pi2) + ndtri(0.025) * equal) / apart))

    return float(brentq(lambda total: power(total) - 0.8, 10, 1e7, xtol=1e-9))


MARGIN = {"x_t": 33, "n_t": 300, "x_c": 52, "n_c": 400, "margin": -0.03}
RATES = {"x_c": 150, "n_c": 3000, "x_t": 210, "n_t": 3100, "n_star": 10_000}
ONE_SIDED = {"s2": 4.0, "n": 1200, "n_star": 8000, "alpha": 0.05}
SPLIT = {"pi1": 0.25, "pi2": 0.2, "alpha": 0.05, "power": 0.8, "ratio": 2}


def also_dispatched() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    z = non_inferiority_by_likelihood(**MARGIN)  # type: ignore[arg-type] # of one dictionary
    corrected = corrected_by_hand()
    return {
        "adjust_by": ({"p": P_VALUES}, {"adj": corrected, "adj_first5": corrected[:5]}),
        "cuped_lin": ({"y": VALUES, "x": BEFORE, "arm": ARM}, lin_by_least_squares()),
        "non_inferiority_fm": (MARGIN, {"z": z, "p_one_sided": float(ndtr(-z))}),
        "cs_absolute_proportions": (RATES, always_valid_difference(**RATES)),
        "cs_halfwidth_one_sided": (ONE_SIDED, {"hw": one_sided_half_width(**ONE_SIDED)}),  # type: ignore[arg-type] # of one dictionary
        "n_total_two_proportions": (SPLIT, {"n_total": total_by_power(0.25, 0.2, 2)}),
    }


@pytest.mark.parametrize("method", list(also_dispatched()))
def test_a_method_without_a_published_value_gives_what_another_way_gives(method: str) -> None:
    inputs, expected = also_dispatched()[method]
    oracle = {"id": "own", "method": method, "inputs": inputs, "expected": expected}
    assert check({**oracle, "tolerance": 1e-6}, CALLS).failures == ()


@pytest.mark.skipif(not FILE.exists(), reason=ABSENT)
def test_every_method_named_there_is_proved_here() -> None:
    assert set(SHARED.also_dispatched) == set(also_dispatched())


@pytest.mark.parametrize("margin", [-0.03, 0.0, 0.02])
def test_the_non_inferiority_z_is_that_of_a_maximum_of_the_likelihood(margin: float) -> None:
    control, treatment = BinomialSample(400, 52), BinomialSample(300, 33)
    found = textbook.farrington_manning_test(control, treatment, margin)
    expected = non_inferiority_by_likelihood(33, 300, 52, 400, margin)
    assert found.statistic == pytest.approx(expected, abs=1e-6)


def test_the_ratio_statistic_is_koopmans_chi_square_but_for_the_factor() -> None:
    tables = Tables.of(BinomialSample(80, 16), BinomialSample(40, 36))

    z = Ratio(np.asarray([2.939569, 7.152223])).statistic(tables) * math.sqrt(120 / 119)
    assert z.tolist() == pytest.approx([1.959964, -1.959964], abs=1e-5)
