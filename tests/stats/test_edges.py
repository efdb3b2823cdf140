"""The search ends at the outermost accepted value."""

import numpy as np
import pytest

from stats.edges import outermost_accepted, outermost_within
from stats.score import Floats


def first(accepted: list[bool]) -> int:
    return accepted.index(True) if True in accepted else len(accepted)


@pytest.mark.parametrize("points", [1, 7, 63])
@pytest.mark.parametrize("edge", [0.3, 1e-9, 0.999999])
def test_the_edge_is_found_to_ten_digits(edge: float, points: int) -> None:
    found = outermost_accepted(lambda v: first((v <= edge).tolist()), 1.0, 0.0, points=points)
    assert found == pytest.approx(edge, rel=1e-9, abs=1e-15)
    assert found <= edge


def test_an_island_of_accepted_values_farther_out_is_not_missed() -> None:
    def accepted(values: Floats) -> int:
        return first(((values <= 0.2) | ((values > 0.5) & (values < 0.7))).tolist())

    assert outermost_accepted(accepted, 1.0, 0.0, points=7) == pytest.approx(0.7)


def first_always(_: Floats) -> int:
    return 0


def test_a_rejected_zero_never_comes_back() -> None:
    found = outermost_accepted(first_always, 0.0, 0.5, points=63)
    assert found > 0


def test_equal_ends_are_the_answer() -> None:
    def untried(values: Floats) -> int:
        raise AssertionError(values)

    assert outermost_accepted(untried, -1.0, -1.0, points=7) == -1.0


def test_no_value_accepted_but_the_inner_one() -> None:
    found = outermost_accepted(np.size, 1.0, 0.25, points=63)
    assert found == 0.25


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ((-1.0, 0.2), (1.0, 0.2)),
        ((-1.0, 0.0), (1.0, 0.2)),
        ((0.1, 0.1), (1.0, 0.2)),
        ((-1.0, 0.2), (0.3, 0.3)),
        ((0.19, 0.2), (0.21, 0.2)),
    ],
)
def test_both_sides_at_once_are_those_found_one_by_one(
    below: tuple[float, float], above: tuple[float, float]
) -> None:
    def statistic(values: Floats) -> Floats:
        return np.arctan(7 * (0.2 - values))

    critical = 0.3
    lower = outermost_accepted(
        lambda v: first((statistic(v) <= critical).tolist()), *below, points=63
    )
    upper = outermost_accepted(
        lambda v: first((statistic(v) >= -critical).tolist()), *above, points=63
    )
    assert outermost_within(statistic, critical, below, above, points=63) == (lower, upper)
