"""Always-valid answers on arrays are those of one checkpoint at a time."""

import numpy as np
import pytest

from stats.samples import MeanSample
from stats.sequential import (
    Checkpoints,
    Information,
    NormalEstimate,
    always_valid,
    always_valid_band,
    running_minimum,
    running_p_values,
)
from stats.sequential.checkpoints import squared_z

ONE = np.array([100.0])


def test_arrays_give_what_single_checkpoints_give() -> None:
    rng = np.random.default_rng(1)
    values, errors = rng.normal(0, 0.03, 300), rng.uniform(0.002, 0.02, 300)
    fractions = rng.uniform(0.01, 3, 300)
    band = always_valid_band(values, errors**2, fractions, confidence=0.9)
    for i, (value, error, seen) in enumerate(zip(values, errors, fractions, strict=True)):
        one = always_valid(NormalEstimate(value, error), Information(seen, 1.0), confidence=0.9)
        assert band.lower[i] == pytest.approx(one.interval.lower, abs=1e-14)
        assert band.upper[i] == pytest.approx(one.interval.upper, abs=1e-14)
        assert band.p_value[i] == pytest.approx(one.p_value)


def test_limits_and_p_values_give_one_verdict_right_at_the_threshold() -> None:
    """Estimates exactly on the bound, and one float to each side of it."""
    bound = always_valid(NormalEstimate(0.0, 1.0), Information(1.0, 1.0)).critical_z
    near = [bound, np.nextafter(bound, 9), np.nextafter(bound, 0)]
    values = np.array(
        [sign * value * scale for sign in (1, -1) for value in near for scale in SIZES]
    )
    errors = np.array([scale for _ in (1, -1) for _ in near for scale in SIZES])
    band = always_valid_band(values, errors**2, np.ones(values.size))
    outside = (band.lower > 0) | (band.upper < 0)
    assert np.array_equal(outside, band.p_value < 1 - 0.95)


SIZES = (1.0, 1e-7, 3e5)


def test_where_nothing_varied_any_difference_is_certain() -> None:
    band = always_valid_band(np.array([0.0, 0.5]), np.zeros(2), np.ones(2))
    assert band.p_value.tolist() == [1.0, 0.0]
    assert (band.lower[0], band.upper[0]) == (0.0, 0.0)
    assert band.lower[1] == band.upper[1] == 0.5


def test_squares_of_z_are_never_infinite() -> None:
    z = squared_z(np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 0.0, 5e-324, 4.0]))
    assert np.isfinite(z).all()
    assert z[[0, 3]].tolist() == [0.0, 1.0]


def test_checkpoints_know_their_difference_and_its_error() -> None:
    control, treatment = MeanSample.of([0, 10, 20, 60]), MeanSample.of([5, 15, 30, 90])
    points = Checkpoints(
        *(
            np.array([number])
            for sample in (control, treatment)
            for number in (sample.units, sample.mean, sample.variance)
        )
    )
    assert points.difference[0] == treatment.mean - control.mean
    assert points.squared_error[0] == pytest.approx((control.variance + treatment.variance) / 4)
    assert points.units[0] == 8


@pytest.mark.parametrize(
    ("column", "wrong", "reason"),
    [
        (0, np.array([0.0]), "without units"),
        (3, np.array([-1.0]), "without units"),
        (2, np.array([-1.0]), "negative variance"),
        (5, np.array([-1.0]), "negative variance"),
        (1, np.array([np.nan]), "not finite"),
        (4, np.array([1.0, 2.0]), "differ in shape"),
    ],
)
def test_checkpoints_that_lack_something_are_refused(
    column: int, wrong: np.ndarray, reason: str
) -> None:
    columns = [ONE] * 6
    columns[column] = wrong
    with pytest.raises(ValueError, match=reason):
        Checkpoints(*columns)


def test_the_running_minimum_is_kept_within_each_series() -> None:
    rng = np.random.default_rng(2)
    p_values, series = rng.uniform(size=500), rng.integers(0, 7, 500)
    least = running_minimum(p_values, series)
    for name in range(7):
        assert least[series == name].tolist() == list(running_p_values(p_values[series == name]))


def test_series_and_p_values_are_as_many() -> None:
    with pytest.raises(ValueError, match="series"):
        running_minimum(np.array([0.5]), ["a", "b"])
    assert running_minimum(np.array([]), []).size == 0
