"""The mixture test with a given tau, and 78 published experiments decided by it."""

import csv
import gzip
import time
from math import exp, sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy.special import stdtr

from stats.sequential import Checkpoints, always_valid_band, running_minimum, textbook_p_values

ASOS = (
    Path(__file__).resolve().parents[2].parent / "shared/data/asos/asos_digital_experiments.csv.gz"
)
# Prior variances over the control's, one for each metric: table 2 of Liu et al. (2021).
TAU = {"1": 1.30e-5, "2": 1.07e-5, "3": 6.48e-6, "4": 5.92e-6}
# Both significant, only the mixture test, neither, only Welch's at the last checkpoint.
PUBLISHED = {"1": [19, 2, 71, 7], "2": [20, 18, 49, 7], "3": [16, 6, 63, 9], "4": [16, 4, 63, 11]}
COUNTS = ("count_c", "count_t")
MOMENTS = ("count_c", "mean_c", "variance_c", "count_t", "mean_t", "variance_t")

Rows = list[dict[str, str]]


def test_the_published_statistic_is_what_one_over_p_is() -> None:
    n_c, n_t, s_c, s_t, d, tau = 900.0, 1300.0, 0.09, 0.11, 0.03, 2e-3
    h, v, t = 2 / (1 / n_c + 1 / n_t), s_c + s_t, tau * s_c
    statistic = sqrt(v / (v + h * t)) * exp(h**2 * t * d**2 / (2 * v * (v + h * t)))
    points = Checkpoints(*(np.array([x]) for x in (n_c, 0.2, s_c, n_t, 0.2 + d, s_t)))
    assert textbook_p_values(points, tau)[0] == pytest.approx(1 / statistic)


def test_values_that_do_not_vary_are_no_evidence_unless_they_differ() -> None:
    points = Checkpoints(*(np.array([x, x]) for x in (10.0, 1.0, 0.0, 10.0, 1.0, 0.0)))
    assert textbook_p_values(points, 0.1).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("tau", [0.0, -1.0, np.inf, np.nan])
def test_tau_is_positive(tau: float) -> None:
    points = Checkpoints(*(np.array([x]) for x in (10.0, 1.0, 1.0, 10.0, 1.0, 1.0)))
    with pytest.raises(ValueError, match="tau"):
        textbook_p_values(points, tau)


@pytest.fixture(scope="module")
def asos() -> Rows:
    if not ASOS.exists():
        pytest.skip("the published experiments are not beside the repository")
    with gzip.open(ASOS, "rt", encoding="utf-8") as file:
        return sorted(csv.DictReader(file), key=lambda row: float(row["time_since_start"]))


def _complete(row: dict[str, str]) -> bool:
    return all(row[name] for name in MOMENTS) and min(map(float, (row[n] for n in COUNTS))) > 0


def _series(row: dict[str, str]) -> str:
    return " ".join(row[name] for name in ("experiment_id", "variant_id", "metric_id"))


def _points(rows: Rows) -> Checkpoints:
    return Checkpoints(*np.array([[float(row[name]) for name in MOMENTS] for row in rows]).T)


def _welch_p_value(row: dict[str, str]) -> float:
    n_c, m_c, v_c, n_t, m_t, v_t = (float(row[name]) for name in MOMENTS)
    c, t = v_c / n_c, v_t / n_t
    degrees = (c + t) ** 2 / (c**2 / (n_c - 1) + t**2 / (n_t - 1))
    return float(2 * stdtr(degrees, -abs(m_t - m_c) / sqrt(c + t)))


@pytest.mark.parametrize("metric", TAU)
def test_the_decisions_of_published_experiments_are_reproduced(asos: Rows, metric: str) -> None:
    """A checkpoint that lacks a variance is left out; an arm whose last one does is not judged."""
    every = [row for row in asos if row["metric_id"] == metric]
    last = {_series(row): row for row in every}
    rows = [row for row in every if _complete(row)]
    names = [_series(row) for row in rows]
    least = running_minimum(textbook_p_values(_points(rows), TAU[metric]), names)
    at_the_end = dict(zip(names, least.tolist(), strict=True))
    cells = [0, 0, 0, 0]
    for name, row in last.items():
        if _complete(row):
            always, welch = at_the_end[name] < 0.05, _welch_p_value(row) < 0.05
            cells[(0 if welch else 1) if always else (3 if welch else 2)] += 1
    assert cells == PUBLISHED[metric]


def test_every_checkpoint_of_every_experiment_takes_well_under_a_second(asos: Rows) -> None:
    rows = [row for row in asos if _complete(row)]
    points, names = _points(rows), [_series(row) for row in rows]
    most = dict(zip(names, points.units.tolist(), strict=True))
    started = time.perf_counter()
    fractions = points.units / np.array([most[name] for name in names])
    band = always_valid_band(points.difference, points.squared_error, fractions)
    running_minimum(band.p_value, names)
    assert time.perf_counter() - started < 1
    assert np.array_equal((band.lower > 0) | (band.upper < 0), band.p_value < 1 - 0.95)
