"""Calls of the second lens: posteriors, expected losses, shrinkage."""

from collections.abc import Callable

from stats.bayes import (
    EffectEstimate,
    EffectPosterior,
    EffectPrior,
    Normal,
    Scale,
    estimate_effect,
    normal_risk,
    posterior_of_effect,
    posterior_of_rates,
    standings_of_rates,
)
from stats.samples import BinomialSample
from stats.sequential.estimates import NormalEstimate
from tests.oracles.answers import Answer, Inputs, sums_samples


def _rates(inputs: Inputs) -> tuple[BinomialSample, BinomialSample]:
    return BinomialSample(inputs["n_a"], inputs["x_a"]), BinomialSample(
        inputs["n_b"], inputs["x_b"]
    )


def _beta_binomial(inputs: Inputs) -> Answer:
    found = posterior_of_rates(*_rates(inputs))
    return {"p": found.beats_control, "loss_choose_b": found.loss_of_treatment}


def _beta_binomial_best(inputs: Inputs) -> Answer:
    control, *treatments = (
        BinomialSample(n, x) for n, x in zip(inputs["n"], inputs["x"], strict=True)
    )
    return {"p": [standing.best for standing in standings_of_rates(control, treatments)]}


def _normal_risk(inputs: Inputs) -> Answer:
    return {"risk": list(normal_risk(Normal(inputs["mu"], inputs["sigma"])))}


def _normal_posterior(inputs: Inputs) -> Answer:
    found = posterior_of_effect(
        estimate_effect(*_rates(inputs), Scale.ABSOLUTE),
        EffectPrior(Normal(0.0, 0.02), Scale.ABSOLUTE),
        indifference=0.005,
    )
    return {
        "mean": found.belief.mean,
        "sd": found.belief.sd,
        "ctw": found.beats_control,
        "rope_pm_005": found.practically_equal,
        "loss": found.loss_of_treatment,
    }


def _shrinkage(inputs: Inputs) -> Answer:
    estimate = NormalEstimate(inputs["effect"], inputs["se"])
    belief = Normal(0.0, inputs["prior_sd"]).updated(estimate)
    return {"mean": belief.mean, "sd": belief.sd}


def _relative(effect: EffectEstimate, prior: EffectPrior | None) -> Answer:
    found: EffectPosterior = posterior_of_effect(effect, prior)
    return {
        "expected": found.belief.mean,
        "sd": found.belief.sd,
        "ci": [found.interval.lower, found.interval.upper],
        "ctw": found.beats_control,
        "risk": [found.loss_of_control, found.loss_of_treatment],
    }


def _relative_flat(inputs: Inputs) -> Answer:
    return _relative(estimate_effect(*_rates(inputs), Scale.RELATIVE), None)


def _relative_normal_prior(inputs: Inputs) -> Answer:
    """Start from a prior given as mean and variance."""
    control, treatment = sums_samples(inputs["a"], inputs["b"])
    effect = estimate_effect(control, treatment, Scale.RELATIVE)
    mean, variance = inputs["prior"]
    return _relative(effect, EffectPrior(Normal(mean, variance**0.5), Scale.RELATIVE))


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "beta_binomial": _beta_binomial,
    "beta_binomial_best": _beta_binomial_best,
    "bayes_relative_flat": _relative_flat,
    "bayes_relative_normal_prior": _relative_normal_prior,
    "normal_risk": _normal_risk,
    "normal_posterior": _normal_posterior,
    "shrinkage": _shrinkage,
}
