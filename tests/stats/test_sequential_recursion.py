from math import sqrt

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from stats import quadrature
from stats.sequential.recursion import Survivors, stop_chances


def test_one_look_is_the_normal_tail() -> None:
    stops = stop_chances([1.0], [1.96], drift=1.0)
    assert stops.upper[0] == pytest.approx(ndtr(1.0 - 1.96), rel=1e-14)
    assert stops.lower[0] == pytest.approx(ndtr(-1.96 - 1.0), rel=1e-14)


def test_three_looks_agree_with_the_multivariate_normal() -> None:
    information, bounds, drift = [0.3, 0.7, 1.0], [2.5, 2.2, 2.0], 1.3
    covariance = [[sqrt(min(s, t) / max(s, t)) for s in information] for t in information]
    within = multivariate_normal(drift * np.sqrt(information), covariance).cdf(
        bounds, lower_limit=[-z for z in bounds], rng=1
    )
    stops = stop_chances(information, bounds, drift=drift)
    assert sum(stops.by_look) == pytest.approx(1 - float(within), abs=2e-5)


def test_the_opposite_drift_exchanges_the_tails() -> None:
    there = stop_chances([0.2, 0.6, 1.0], [3.0, 2.4, 2.0], drift=2.0)
    back = stop_chances([0.2, 0.6, 1.0], [3.0, 2.4, 2.0], drift=-2.0)
    assert there.upper == pytest.approx(back.lower, rel=1e-12)
    assert there.lower == pytest.approx(back.upper, rel=1e-12)


@pytest.mark.parametrize("unit", [1e-6, 100.0, 1e9])
def test_the_unit_of_information_does_not_matter(unit: float) -> None:
    information, bounds = np.array([0.3, 0.7, 1.0]), [2.5, 2.2, 2.0]
    shares = stop_chances(information.tolist(), bounds, drift=1.3)
    units = stop_chances((unit * information).tolist(), bounds, drift=1.3 / sqrt(unit))
    assert units.upper == pytest.approx(shares.upper, rel=1e-9)
    assert units.lower == pytest.approx(shares.lower, rel=1e-9)


@pytest.mark.parametrize("drift", [0.0, 3.0, -8.0])
@pytest.mark.parametrize("information", [(0.01, 0.5, 1.0), (0.5, 0.5003, 1.0), (0.9, 1.0, 3.0)])
def test_finer_nodes_change_nothing(
    information: tuple[float, ...], drift: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = [3.5, 2.5, 2.0]
    usual = stop_chances(information, bounds, drift=drift)
    monkeypatch.setattr(quadrature, "_PANEL_SDS", 1.0)
    finer = stop_chances(information, bounds, drift=drift)
    assert usual.upper == pytest.approx(finer.upper, abs=1e-12)
    assert usual.lower == pytest.approx(finer.lower, abs=1e-12)


def test_nobody_is_left_after_bounds_that_all_have_crossed() -> None:
    stops = stop_chances([0.5, 1.0], [-7.0, 2.0], [-8.0, -2.0], drift=30.0)
    assert stops.upper[0] == pytest.approx(1.0)
    assert stops.upper[1] == stops.lower[1] == 0.0


def test_the_chances_and_those_who_never_stop_make_one() -> None:
    survivors = Survivors.before([0.4, 1.0], drift=1.0).go_on(0.4, -1.0, 1.0).go_on(1.0, -2.0, 2.0)
    stops = stop_chances([0.4, 1.0], [1 / sqrt(0.4), 2.0], drift=1.0)
    assert sum(stops.by_look) + float(survivors.masses.sum()) == pytest.approx(1.0, abs=1e-13)


def test_the_same_input_gives_the_same_bits() -> None:
    first, second = (stop_chances([0.3, 1.0], [2.5, 2.0], drift=0.7) for _ in range(2))
    assert first == second
