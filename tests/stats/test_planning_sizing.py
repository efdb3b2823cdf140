import numpy as np
import pytest
from scipy.stats import binom

from stats.planning import (
    Contrast,
    MeanLift,
    RateLift,
    RateMargin,
    Rules,
    detectable_size,
    power_reached,
    required_units,
)
from stats.sequential import equally_spaced, pocock

CONTRASTS: list[Contrast] = [
    RateLift(0.1, 0.012),
    RateLift(0.1, -0.012),
    RateLift(0.001, 0.0007),
    MeanLift(50.0, 2.0),
    MeanLift(50.0, -2.0, treatment_standard_deviation=70.0),
    RateMargin(0.0025, 0.001),
    RateMargin(0.1, -0.02),
    RateMargin(0.1, 0.02, effect=0.005),
]
RULES = [
    Rules(),
    Rules(alpha=0.01, power=0.95),
    Rules(weights=(9, 1)),
    Rules(weights=(2, 1, 1), retention=0.9, covariate_correlation=0.5),
    Rules(looks=equally_spaced(4)),
    Rules(looks=(0.3, 0.7, 1.0), spending=pocock, weights=(1, 2, 3), power=0.9),
]


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("rules", RULES)
def test_size_power_and_least_effect_are_exact_inverses(contrast: Contrast, rules: Rules) -> None:
    total = required_units(contrast, rules).total
    assert power_reached(contrast, total, rules) == pytest.approx(rules.power, abs=1e-9)
    assert detectable_size(contrast, total, rules) == pytest.approx(contrast.size, rel=1e-7)


@pytest.mark.parametrize("rules", RULES)
def test_whole_units_have_at_least_the_power_asked_for(rules: Rules) -> None:
    size = required_units(RateLift(0.1, 0.012), rules)
    assert 0 <= sum(size.per_variant) - size.total < len(rules.weights)
    assert power_reached(RateLift(0.1, 0.012), sum(size.per_variant), rules) >= rules.power


def _exact_power(p_c: float, p_t: float, n_c: int, n_t: int) -> float:
    """Chance that the pooled z-test finds the treatment better, by enumeration."""
    x_c, x_t = np.arange(n_c + 1)[:, None], np.arange(n_t + 1)
    pooled = (x_c + x_t) / (n_c + n_t)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-30) * (1 / n_c + 1 / n_t))
    shown = (x_t / n_t - x_c / n_c) / error > 1.959964
    return float(binom.pmf(x_c[:, 0], n_c, p_c) @ shown @ binom.pmf(x_t, n_t, p_t))


@pytest.mark.parametrize(
    ("rate", "effect", "weights"),
    [(0.2, 0.08, (1, 1)), (0.2, -0.08, (1, 1)), (0.5, 0.1, (2, 1)), (0.05, 0.05, (1, 1))],
)
def test_planned_power_is_that_of_the_test_enumerated(
    rate: float, effect: float, weights: tuple[float, ...]
) -> None:
    rules = Rules(weights=weights)
    n_c, n_t = required_units(RateLift(rate, effect), rules).per_variant
    sign = np.sign(effect)
    exact = _exact_power(
        rate if sign > 0 else 1 - rate, rate + effect if sign > 0 else 1 - rate - effect, n_c, n_t
    )
    assert exact == pytest.approx(0.8, abs=0.015)


def test_uneven_weights_cost_units() -> None:
    even = required_units(MeanLift(50, 2)).total
    assert required_units(MeanLift(50, 2), Rules(weights=(9, 1))).total == pytest.approx(
        even * 0.25 / (0.9 * 0.1)
    )


def test_the_smallest_treatment_decides() -> None:
    size = required_units(MeanLift(50, 2), Rules(weights=(2, 2, 1)))
    control, _, smallest = size.per_variant
    assert control == pytest.approx(2 * smallest, abs=2)
    alone = required_units(MeanLift(50, 2), Rules(weights=(2, 1), alpha=size.alpha))
    assert control == pytest.approx(alone.per_variant[0], abs=1)


def test_losses_and_covariates_scale_the_size() -> None:
    plain = required_units(MeanLift(50, 2)).total
    assert required_units(MeanLift(50, 2), Rules(retention=0.8)).total == pytest.approx(plain / 0.8)
    assert required_units(
        MeanLift(50, 2), Rules(covariate_correlation=-0.6)
    ).total == pytest.approx(plain * 0.64)


def test_looks_cost_two_percent() -> None:
    size = required_units(RateLift(0.1, 0.012), Rules(looks=equally_spaced(4)))
    assert size.inflation == pytest.approx(1.0196, abs=1e-4)
    fixed = required_units(RateLift(0.1, 0.012))
    assert size.total == pytest.approx(fixed.total * size.inflation)


def test_a_list_of_five_thousand_can_see_only_this() -> None:
    """Large effects only: a warning, not a refusal."""

    def relative(rate: float, direction: float) -> float:
        found = detectable_size(RateLift(rate, direction * rate / 2), 5000)
        assert found is not None
        return found / rate

    assert relative(0.2, +1) == pytest.approx(0.16, abs=0.005)
    assert relative(0.2, -1) == pytest.approx(-0.16, abs=0.007)
    assert relative(0.025, +1) == pytest.approx(0.56, abs=0.005)
    assert relative(0.025, -1) == pytest.approx(-0.44, abs=0.005)
    assert not required_units(RateLift(0.025, 0.005)).fits(5000)
    assert required_units(RateLift(0.2, 0.04)).fits(5000)


def test_harmless_guardrails_are_shown_safe_as_often_as_their_exact_test_says() -> None:
    """Unsubscribes of 0.25 % and a limit of 0.10 points."""
    margin = RateMargin(0.0025, 0.001)
    for units, share in ((29_550, 0.78), (10_000, 0.40), (5000, 0.25)):
        assert power_reached(margin, 2 * units) == pytest.approx(share, abs=0.006)


def test_three_variants_find_what_their_scenario_promises() -> None:
    thirds = Rules(weights=(1, 1, 1))
    assert power_reached(RateLift(0.26, 0.015), 78_000, thirds) == pytest.approx(0.95, abs=0.005)
    assert power_reached(RateLift(0.26, 0.015), 30_000, thirds) == pytest.approx(0.57, abs=0.005)
    assert power_reached(RateLift(0.26, 0.005), 78_000, thirds) == pytest.approx(0.18, abs=0.005)


def test_a_handful_of_units_shows_nothing_and_says_so() -> None:
    for rules in (Rules(), Rules(looks=equally_spaced(4))):
        assert detectable_size(RateLift(0.02, 0.01), 2, rules) is None
        assert 0 < power_reached(RateLift(0.02, 0.01), 1e-6, rules) < 0.03


def test_a_nation_of_units_shows_everything() -> None:
    for rules in (Rules(), Rules(looks=equally_spaced(4))):
        assert power_reached(RateLift(0.02, 0.01), 1e9, rules) == pytest.approx(1.0)
        found = detectable_size(RateLift(0.02, 0.01), 1e9, rules)
        assert found is not None
        assert 0 < found < 1e-4


@pytest.mark.parametrize("total", [0, -5, float("nan")])
def test_no_units_are_refused(total: float) -> None:
    with pytest.raises(ValueError, match="units"):
        power_reached(RateLift(0.1, 0.02), total)
    with pytest.raises(ValueError, match="units"):
        detectable_size(RateLift(0.1, 0.02), total)


@pytest.mark.slow
def test_simulated_tests_with_looks_have_the_power_planned() -> None:
    rng = np.random.default_rng(4)
    rules = Rules(looks=equally_spaced(4))
    control, treatment = required_units(RateLift(0.1, 0.012), rules).per_variant
    assert control == treatment
    bounds = [look.critical_z for look in rules.bounds(one_sided=False)]
    step = control // 4
    units = step * np.arange(1, 5)
    rates = [rng.binomial(step, p, (100_000, 4)).cumsum(axis=1) / units for p in (0.1, 0.112)]
    pooled = (rates[0] + rates[1]) / 2
    z = (rates[1] - rates[0]) / np.sqrt(2 * pooled * (1 - pooled) / units)
    assert np.mean((z > bounds).any(axis=1)) == pytest.approx(0.8, abs=0.005)


@pytest.mark.slow
def test_simulated_guardrails_pass_as_often_as_planned() -> None:
    rng = np.random.default_rng(6)
    rules = Rules(alpha=0.025)
    units = required_units(RateMargin(0.1, -0.02), rules).per_variant[0]
    control, treatment = (rng.binomial(units, 0.1, 200_000) / units for _ in range(2))
    error = np.sqrt((control * (1 - control) + treatment * (1 - treatment)) / units)
    passed = (treatment - control + 0.02) / error > 1.959964
    assert np.mean(passed) == pytest.approx(0.8, abs=0.01)
