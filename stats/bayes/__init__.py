"""A second lens on a test's data: what to believe of the variants, given a prior.

Never the verdict, and never a stopping rule: a probability that is watched until it passes a bar
passes it far too often where nothing differs.

- `rates`: beta-binomial posteriors of two rates; `standings`: of several variants at once.
- `effects`: the normal posterior of a difference or a lift, with a prior on either scale.
- `beta`, `normal`: the two distributions; `contrasts`, `curves`: the integrals behind them.
"""

from collections.abc import Callable
from typing import Any

from stats.bayes.beta import UNIFORM, Beta
from stats.bayes.effects import (
    EffectEstimate,
    EffectPosterior,
    EffectPrior,
    Scale,
    estimate_effect,
    posterior_of_effect,
)
from stats.bayes.normal import Normal, normal_risk
from stats.bayes.rates import RatesPosterior, posterior_of_rates
from stats.bayes.standings import Standing, standings_of_means, standings_of_rates

METHODS: dict[str, Callable[..., Any]] = {
    "beta_binomial": posterior_of_rates,
    "beta_binomial_best": standings_of_rates,
    "normal_best": standings_of_means,
    "normal_posterior": posterior_of_effect,
    "normal_risk": normal_risk,
}

__all__ = [
    "METHODS",
    "UNIFORM",
    "Beta",
    "EffectEstimate",
    "EffectPosterior",
    "EffectPrior",
    "Normal",
    "RatesPosterior",
    "Scale",
    "Standing",
    "estimate_effect",
    "normal_risk",
    "posterior_of_effect",
    "posterior_of_rates",
    "standings_of_means",
    "standings_of_rates",
]
