from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from stats.planning import Rules, dunnett_alpha
from stats.sequential import equally_spaced


def test_two_variants_share_nothing() -> None:
    assert Rules(alpha=0.04).two_sided_alpha(one_sided=False) == 0.04
    assert dunnett_alpha((1, 1), alpha=0.05) == pytest.approx(0.05, rel=1e-8)


def test_several_treatments_have_dunnetts_bar_between_none_and_bonferronis() -> None:
    for treatments, critical in ((2, 2.212), (3, 2.349), (4, 2.442)):
        alpha = dunnett_alpha((1.0,) * (treatments + 1))
        assert -ndtri(alpha / 2) == pytest.approx(critical, abs=5e-4)
        assert 0.05 / treatments < alpha < 0.05


def test_weights_come_in_any_unit() -> None:
    assert dunnett_alpha((5000, 2500, 2500)) == dunnett_alpha((0.5, 0.25, 0.25))


def test_a_margin_is_one_sided_and_not_divided() -> None:
    rules = Rules(weights=(1, 1, 1))
    assert rules.two_sided_alpha(one_sided=True) == 0.1
    assert rules.bounds(one_sided=True)[-1].spent == 0.1


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": 0.0},
        {"alpha": 5.0},
        {"power": 0.05},
        {"power": 1.0},
        {"power": 80},
        {"weights": (1.0,)},
        {"weights": (1.0, 0.0)},
        {"weights": (1.0, float("nan"))},
        {"retention": 0.0},
        {"retention": 1.1},
        {"covariate_correlation": 1.0},
        {"covariate_correlation": float("nan")},
    ],
)
def test_rules_that_cannot_be_kept_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Rules(**wrong)


@pytest.mark.slow
def test_looks_at_several_treatments_keep_the_error_of_all_together() -> None:
    rng = np.random.default_rng(3)
    looks = Rules(weights=(1, 1, 1), looks=equally_spaced(4)).bounds(one_sided=False)
    bounds = np.array([look.critical_z for look in looks])
    scores = rng.standard_normal((3, 400_000, 4)).cumsum(axis=2) / np.sqrt(np.arange(1, 5))
    z = np.abs(scores[1:] - scores[0]) / np.sqrt(2)
    assert np.mean((z > bounds).any(axis=(0, 2))) == pytest.approx(0.05, abs=3 * 0.00035)
