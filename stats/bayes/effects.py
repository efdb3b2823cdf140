"""The normal posterior of an effect: the second lens on means, ratios and lifts.

An effect is absolute (treatment minus control, in the KPI's unit) or relative (that as a share
of the control's value). So is a prior, and one is brought to the scale of the other before they
meet: a belief about points is no belief about per cent.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import TypeVar

from stats.bayes.normal import Normal, normal_risk
from stats.checks import check_confidence, check_margin, check_units
from stats.differences import difference, measured
from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.lift import Interval
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.sequential.estimates import NormalEstimate

Sample = TypeVar("Sample", BinomialSample, MeanSample, RatioSample)

NO_SHARE = "the control's value is not above 0, so no share of it exists"


class Scale(StrEnum):
    """What an effect is measured in."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"


@dataclass(frozen=True)
class EffectPrior:
    """What is believed of an effect before the data.

    Attributes:
        belief: The distribution, in the units of ``scale``.
        scale: Absolute (the KPI's own unit) or relative (a share of the control's value).

    Examples:
        >>> EffectPrior(Normal(0.0, 0.002), Scale.ABSOLUTE).on(Scale.RELATIVE, control_value=0.02)
        Normal(mean=0.0, sd=0.1)
    """

    belief: Normal
    scale: Scale

    def on(self, scale: Scale, control_value: float) -> Normal:
        """State the same belief on the scale asked for.

        Args:
            scale: Of the effect that the belief is to meet.
            control_value: The control's rate or mean, above 0 where the scales differ.

        Raises:
            NotEnoughData: If the scales differ and the control's value is not above 0.
        """
        if scale is self.scale:
            return self.belief
        if control_value <= 0:
            raise NotEnoughData(NO_SHARE)
        factor = control_value if scale is Scale.ABSOLUTE else 1 / control_value
        return Normal(self.belief.mean * factor, self.belief.sd * factor)


@dataclass(frozen=True)
class EffectEstimate:
    """An estimated effect of the treatment.

    Attributes:
        estimate: With its standard error, on ``scale``.
        scale: Absolute or relative.
        control_value: The control's rate or mean, which links the scales.
    """

    estimate: NormalEstimate
    scale: Scale
    control_value: float


def estimate_effect(control: Sample, treatment: Sample, scale: Scale) -> EffectEstimate:
    """Estimate an effect with the standard error of unpooled variances.

    The relative effect's is the delta method's, (v_t + r^2 v_c) / c^2 for the ratio r: good
    where the control's value is many standard errors from 0.

    Raises:
        NotEnoughData: If a variant has no units, or a mean fewer than two; if no unit differs
            from another; if the effect is relative and the control's value not above 0.

    Examples:
        >>> effect = estimate_effect(
        ...     BinomialSample(1000, 100), BinomialSample(1000, 120), Scale.RELATIVE
        ... )
        >>> round(effect.estimate.value, 6), round(effect.estimate.standard_error, 6)
        (0.2, 0.153362)
    """
    check_units(control, treatment)
    c, t = measured(control), measured(treatment)
    if scale is Scale.ABSOLUTE:
        return EffectEstimate(difference(control, treatment), scale, c.value)
    if c.value <= 0:
        raise NotEnoughData(NO_SHARE)
    ratio = t.value / c.value
    error = sqrt(t.variance + ratio**2 * c.variance) / c.value
    return EffectEstimate(NormalEstimate(ratio - 1, error), scale, c.value)


@dataclass(frozen=True)
class EffectPosterior:
    """What prior and data together say of an effect, on the effect's scale.

    Attributes:
        belief: The distribution of the effect.
        interval: Its credible interval with equal tails.
        beats_control: Probability that the treatment is better than the control.
        practically_equal: Probability that the effect is within the indifference asked
            about; None if none was.
        loss_of_treatment: Expected loss of choosing the treatment.
        loss_of_control: Expected loss of staying with the control.
        confidence: Of the interval, a fraction in (0, 1).
    """

    belief: Normal
    interval: Interval
    beats_control: float
    practically_equal: float | None
    loss_of_treatment: float
    loss_of_control: float
    confidence: float


def posterior_of_effect(
    effect: EffectEstimate,
    prior: EffectPrior | None = None,
    *,
    indifference: float | None = None,
    direction: Direction = Direction.INCREASE,
    confidence: float = 0.95,
) -> EffectPosterior:
    """Combine an estimated effect with what was believed before.

    A second lens: no verdict and no stopping rule.

    Args:
        effect: The estimate, absolute or relative.
        prior: On either scale; None for no prior belief at all.
        indifference: Half the width of the region around 0 in which an effect does not
            matter, on the effect's scale.
        direction: Whether more is better.
        confidence: Of the interval, a fraction in (0, 1).

    Raises:
        NotEnoughData: If the prior is on the other scale and the control's value is not above 0.
        ValueError: If ``confidence`` or ``indifference`` is out of range.

    Examples:
        >>> effect = estimate_effect(
        ...     BinomialSample(1000, 100), BinomialSample(1000, 120), Scale.ABSOLUTE
        ... )
        >>> prior = EffectPrior(Normal(0.0, 0.02), Scale.ABSOLUTE)
        >>> posterior = posterior_of_effect(effect, prior)
        >>> round(posterior.belief.mean, 6), round(posterior.beats_control, 6)
        (0.013432, 0.879386)
    """
    check_confidence(confidence)
    if indifference is not None:
        check_margin(indifference)
    belief = _updated(effect, prior)
    wanted = belief.towards(direction)
    loss_of_control, loss_of_treatment = normal_risk(wanted)
    return EffectPosterior(
        belief=belief,
        interval=belief.interval(confidence),
        beats_control=wanted.above_zero,
        practically_equal=None if indifference is None else belief.within(indifference),
        loss_of_treatment=loss_of_treatment,
        loss_of_control=loss_of_control,
        confidence=confidence,
    )


def _updated(effect: EffectEstimate, prior: EffectPrior | None) -> Normal:
    if prior is None:
        return Normal(effect.estimate.value, effect.estimate.standard_error)
    return prior.on(effect.scale, effect.control_value).updated(effect.estimate)
