"""The normal posterior of an effect: priors on two scales, risks far out, refusals."""

import math

import numpy as np
import pytest
from scipy import stats as reference
from scipy.integrate import quad

from stats.bayes import (
    EffectEstimate,
    EffectPrior,
    Normal,
    Scale,
    estimate_effect,
    normal_risk,
    posterior_of_effect,
)
from stats.bayes.normal import normal_curves
from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.sequential.estimates import NormalEstimate

B = BinomialSample
CONTROL, TREATMENT = B(1000, 100), B(1000, 120)


def effect_on(scale: Scale) -> EffectEstimate:
    return estimate_effect(CONTROL, TREATMENT, scale)


def test_peers_absolute_prior_taken_for_a_relative_one() -> None:
    """GrowthBook compares an object with a string, so an absolute prior is never rescaled.

    Its answers to the two priors are one (.5338); on the absolute effect it says .797.
    """
    as_points = EffectPrior(Normal(0.0, 0.02), Scale.ABSOLUTE)
    as_share = EffectPrior(Normal(0.0, 0.02), Scale.RELATIVE)
    relative = effect_on(Scale.RELATIVE)
    of_points, of_share = (posterior_of_effect(relative, p) for p in (as_points, as_share))
    # Two points of ten per cent are a fifth of it: a belief ten times as wide.
    assert of_points.beats_control > 0.84
    assert of_share.beats_control < 0.60
    absolute = posterior_of_effect(effect_on(Scale.ABSOLUTE), as_points)
    assert of_points.beats_control == pytest.approx(absolute.beats_control, abs=0.04)


@pytest.mark.parametrize("scale", list(Scale))
def test_one_belief_stated_on_either_scale_gives_one_posterior(scale: Scale) -> None:
    points = EffectPrior(Normal(0.004, 0.02), Scale.ABSOLUTE)
    share = EffectPrior(Normal(0.04, 0.2), Scale.RELATIVE)
    first, second = (posterior_of_effect(effect_on(scale), prior) for prior in (points, share))
    assert first.belief.mean == pytest.approx(second.belief.mean, rel=1e-12)
    assert first.belief.sd == pytest.approx(second.belief.sd, rel=1e-12)


def test_a_prior_on_the_scale_of_the_effect_needs_no_control() -> None:
    effect = EffectEstimate(NormalEstimate(3.0, 1.0), Scale.ABSOLUTE, control_value=-5.0)
    prior = EffectPrior(Normal(0.0, 1.0), Scale.ABSOLUTE)
    assert posterior_of_effect(effect, prior).belief.mean == 1.5


def test_no_share_of_a_control_that_is_not_above_zero() -> None:
    effect = EffectEstimate(NormalEstimate(3.0, 1.0), Scale.ABSOLUTE, control_value=0.0)
    with pytest.raises(NotEnoughData, match="not above 0"):
        posterior_of_effect(effect, EffectPrior(Normal(0.0, 1.0), Scale.RELATIVE))
    with pytest.raises(NotEnoughData, match="not above 0"):
        estimate_effect(B(100, 0), B(100, 5), Scale.RELATIVE)


def test_the_posterior_is_prior_times_likelihood() -> None:
    prior, estimate = Normal(-0.01, 0.03), NormalEstimate(0.04, 0.02)

    def weight(x: float) -> float:
        return float(
            reference.norm.pdf(x, prior.mean, prior.sd)
            * reference.norm.pdf(estimate.value, x, estimate.standard_error)
        )

    whole = quad(weight, -0.3, 0.3, points=[0.02])[0]
    mean = quad(lambda x: x * weight(x), -0.3, 0.3, points=[0.02])[0] / whole
    square = quad(lambda x: x * x * weight(x), -0.3, 0.3, points=[0.02])[0] / whole
    found = prior.updated(estimate)
    assert found.mean == pytest.approx(mean, rel=1e-7)
    assert found.sd == pytest.approx(math.sqrt(square - mean**2), rel=1e-6)


def test_without_a_prior_the_posterior_is_the_estimate() -> None:
    effect = effect_on(Scale.ABSOLUTE)
    found = posterior_of_effect(effect, confidence=0.9)
    assert found.belief == Normal(effect.estimate.value, effect.estimate.standard_error)
    expected = reference.norm(found.belief.mean, found.belief.sd).interval(0.9)
    assert (found.interval.lower, found.interval.upper) == pytest.approx(expected)
    assert found.practically_equal is None
    assert found.confidence == 0.9


@pytest.mark.parametrize(
    "belief", [Normal(0.1, 0.05), Normal(-0.1, 0.05), Normal(0.0, 2.0), Normal(3.0, 1.0)]
)
def test_both_risks_are_integrals_and_differ_by_the_mean(belief: Normal) -> None:
    density = reference.norm(belief.mean, belief.sd).pdf
    reach = belief.mean + 12 * belief.sd
    above = quad(lambda x: x * density(x), 0, max(reach, belief.sd), limit=200)[0]
    gain, loss = normal_risk(belief)
    assert gain == pytest.approx(above, abs=1e-9)
    assert gain - loss == pytest.approx(belief.mean, rel=1e-12, abs=1e-15)
    assert normal_risk(belief.mirrored()) == (loss, gain)


def test_a_risk_far_out_keeps_its_digits() -> None:
    # phi(z) / z^2 (1 - 3 / z^2 + 15 / z^4 - ...), Mills' ratio expanded.
    z = 30.0
    expected = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / z**2 * (1 - 3 / z**2 + 15 / z**4)
    assert normal_risk(Normal(z, 1.0))[1] == pytest.approx(expected, rel=1e-6)
    assert normal_risk(Normal(1e9, 1.0)) == (1e9, 0.0)


def test_where_less_is_better_the_losses_change_places() -> None:
    up = posterior_of_effect(effect_on(Scale.ABSOLUTE), indifference=0.005)
    down = posterior_of_effect(
        effect_on(Scale.ABSOLUTE), indifference=0.005, direction=Direction.DECREASE
    )
    assert down.beats_control == pytest.approx(1 - up.beats_control, abs=1e-12)
    assert (down.loss_of_control, down.loss_of_treatment) == (
        up.loss_of_treatment,
        up.loss_of_control,
    )
    assert down.practically_equal == up.practically_equal
    assert down.belief == up.belief


def test_the_region_of_indifference_is_a_difference_of_two_chances() -> None:
    for belief in (Normal(0.01, 0.02), Normal(-0.01, 0.02), Normal(0.4, 0.02)):
        curve = reference.norm(belief.mean, belief.sd)
        expected = curve.cdf(0.005) - curve.cdf(-0.005)
        assert belief.within(0.005) == pytest.approx(expected, abs=1e-14)
    assert 0 < Normal(0.4, 0.02).within(0.1) < 1e-40


def test_the_scaled_estimates_are_those_of_the_delta_method() -> None:
    rng = np.random.default_rng(4)
    control, treatment = (
        MeanSample.of([int(value) for value in rng.lognormal(6, 0.5, 400)]) for _ in "ct"
    )
    relative = estimate_effect(control, treatment, Scale.RELATIVE)
    ratio = treatment.mean / control.mean
    error = ratio * math.sqrt(
        treatment.variance / treatment.units / treatment.mean**2
        + control.variance / control.units / control.mean**2
    )
    assert relative.estimate.value == pytest.approx(ratio - 1)
    assert relative.estimate.standard_error == pytest.approx(error)
    assert relative.control_value == control.mean
    low, high = RatioSample.of([(1, 4), (2, 5), (0, 3)]), RatioSample.of([(3, 4), (2, 5), (2, 3)])
    assert estimate_effect(low, high, Scale.ABSOLUTE).estimate.value == pytest.approx(4 / 12)


def test_another_unit_of_measure_changes_no_chance() -> None:
    prior = EffectPrior(Normal(0.0, 0.5), Scale.RELATIVE)
    control, treatment = [100, 300, 200, 0], [250, 300, 500, 100]
    won, cents = (
        posterior_of_effect(
            estimate_effect(
                MeanSample.of(control, scale), MeanSample.of(treatment, scale), Scale.ABSOLUTE
            ),
            prior,
        )
        for scale in (1, 100)
    )
    assert cents.beats_control == pytest.approx(won.beats_control, rel=1e-12)
    assert cents.belief.mean == pytest.approx(won.belief.mean / 100, rel=1e-12)


@pytest.mark.parametrize(
    ("mean", "sd"), [(math.nan, 1.0), (0.0, 0.0), (0.0, -1.0), (0.0, math.inf), (math.inf, 1.0)]
)
def test_a_belief_that_is_no_distribution_is_refused(mean: float, sd: float) -> None:
    with pytest.raises(ValueError, match="expected finite numbers"):
        Normal(mean, sd)


def test_what_cannot_be_asked_is_refused() -> None:
    effect = effect_on(Scale.ABSOLUTE)
    with pytest.raises(ValueError, match="expected a fraction"):
        posterior_of_effect(effect, confidence=95)
    with pytest.raises(ValueError, match="margin is 0"):
        posterior_of_effect(effect, indifference=0.0)
    with pytest.raises(NotEnoughData, match="the treatment has no units"):
        estimate_effect(B(10, 1), B(0, 0), Scale.ABSOLUTE)
    with pytest.raises(NotEnoughData, match="no unit differs"):
        estimate_effect(B(10, 0), B(10, 0), Scale.ABSOLUTE)


def test_curves_of_beliefs_far_apart_and_of_very_unlike_width() -> None:
    wide, narrow = Normal(0.0, 1.0), Normal(0.5, 1e-6)
    curves = normal_curves([wide, narrow])
    assert curves.best()[0] == pytest.approx(reference.norm.sf(0.5), abs=1e-9)
    assert normal_curves([Normal(0.0, 1.0), Normal(1e6, 1.0)]).losses() == pytest.approx((1e6, 0.0))
