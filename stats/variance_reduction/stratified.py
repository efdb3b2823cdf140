"""Comparing like with like: variants within segments or phases, averaged over them.

Post-stratification: Miratrix, Sekhon and Yu (2013), "Adjusting treatment effect estimates
by post-stratification in randomized experiments", Journal of the Royal Statistical Society
B 75, 369-396. Each stratum weighs its share of all units, taken as known; within it the
variants are samples of their own. A ratio is the combined one of the weighted sums
(Cochran 1977, "Sampling Techniques", section 6.11), so that strata of few denominators
need no ratio of their own. Of phases with different allocations this is the comparison
to read: their sums, added up, compare different times.

A stratum with fewer than two units in a variant compares nothing and is left out, its
share stated: what remains is a fair comparison of the units that remain, while a refusal
would leave only the unfair one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from stats.checks import check_confidence
from stats.effects import Effect, Part, studentised
from stats.errors import NotEnoughData
from stats.fieller import Measured
from stats.lift import Lift
from stats.samples import Outcome, RatioSample
from stats.samples.covariate import add_outcomes
from stats.variance_reduction.cuped import WhyNot
from stats.variance_reduction.outcomes import compare_outcomes, is_scarce, noun_of


@dataclass(frozen=True)
class Stratum:
    """Both variants in one segment or phase.

    Raises:
        ValueError: If the samples are of two kinds or scales.
    """

    control: Outcome
    treatment: Outcome

    def __post_init__(self) -> None:
        add_outcomes(self.control, self.treatment)

    def __add__(self, other: "Stratum") -> "Stratum":
        return Stratum(
            add_outcomes(self.control, other.control),
            add_outcomes(self.treatment, other.treatment),
        )

    @property
    def units(self) -> int:
        """Units of both variants."""
        return self.control.units + self.treatment.units

    @property
    def shared(self) -> bool:
        """Whether each variant has the two units that a variance needs."""
        return min(self.control.units, self.treatment.units) >= 2


@dataclass(frozen=True)
class StratifiedComparison:
    """A comparison with all units in one, and one within strata.

    Attributes:
        unadjusted: The comparison of all units, whatever their stratum.
        adjusted: The comparison within strata; None if withheld.
        gain: Share of the difference's variance that the strata removed, among the units
            compared; below 0 where they cost. None if withheld.
        left_out: Share of all units in strata that compare nothing, a fraction.
        why_not: Why the comparison within strata is withheld; None if it is not.
    """

    unadjusted: Lift
    adjusted: Lift | None
    gain: float | None
    left_out: float
    why_not: WhyNot | None

    def __post_init__(self) -> None:
        if len({self.adjusted is None, self.gain is None, self.why_not is not None}) > 1:
            raise ValueError(f"why_not is {self.why_not} beside a gain of {self.gain}")


def compare_stratified(
    strata: Sequence[Stratum], *, confidence: float = 0.95
) -> StratifiedComparison:
    """Compare two variants within strata, and with all units in one.

    Args:
        strata: One entry for each segment or phase; every unit is in exactly one.
        confidence: Of every interval, a fraction in (0, 1).

    Raises:
        NotEnoughData: If there are no strata, or even all units together cannot be
            compared.
        ValueError: If kinds or scales differ, or ``confidence`` is out of range.

    Examples:
        >>> from stats.samples import BinomialSample
        >>> found = compare_stratified([
        ...     Stratum(BinomialSample(200, 20), BinomialSample(200, 30)),
        ...     Stratum(BinomialSample(200, 50), BinomialSample(200, 65)),
        ... ])
        >>> round(found.adjusted.absolute.value, 4), round(found.adjusted.p_value, 4)
        (0.0625, 0.0259)
        >>> round(found.gain, 4)
        0.0384
    """
    check_confidence(confidence)
    if not strata:
        raise NotEnoughData("there are no strata")
    everyone = _added(strata)
    unadjusted = compare_outcomes(everyone.control, everyone.treatment, confidence=confidence)
    kept = [stratum for stratum in strata if stratum.shared]
    left_out = 1 - sum(stratum.units for stratum in kept) / everyone.units
    why_not, adjusted, gain = _objection(kept), None, None
    if why_not is None:
        try:
            adjusted, gain = _adjusted(kept, confidence)
        except NotEnoughData:
            why_not = WhyNot.NOTHING_LEFT
    return StratifiedComparison(unadjusted, adjusted, gain, left_out, why_not)


def stratified_effect(strata: Sequence[Stratum]) -> Effect:
    """Weigh the strata by their units and test what they say together.

    Raises:
        NotEnoughData: If a stratum has fewer than two units of a variant, a variant's
            denominators sum to 0, or nothing varies.
    """
    units = sum(stratum.units for stratum in strata)
    weights = [Fraction(stratum.units, units) for stratum in strata]
    c = _Combined.of(weights, [stratum.control for stratum in strata])
    t = _Combined.of(weights, [stratum.treatment for stratum in strata])
    error = math.fsum(part.variance for part in c.parts)
    return Effect(
        test=studentised(float(t.value - c.value), (*c.parts, *t.parts)),
        control=Measured(float(c.value), error),
        covariance=-error,
        noun=noun_of(strata[0].control),
    )


@dataclass(frozen=True)
class _Combined:
    """One variant over all strata."""

    value: Fraction
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, weights: Sequence[Fraction], outcomes: Sequence[Outcome]) -> "_Combined":
        samples = [
            outcome if isinstance(outcome, RatioSample) else RatioSample.per_unit(outcome)
            for outcome in outcomes
        ]
        weighted = list(zip(weights, samples, strict=True))
        y = sum((w * Fraction(s.sum_y, s.units) for w, s in weighted), Fraction(0))
        x = sum((w * Fraction(s.sum_x, s.units) for w, s in weighted), Fraction(0))
        if x == 0:
            raise NotEnoughData("the denominators of a variant sum to 0")
        scales = Fraction(samples[0].scale_x, samples[0].scale_y)
        parts = (
            Part(float(_squared_error(s, y / x) * (w * scales / x) ** 2), s.units - 1)
            for w, s in weighted
        )
        return cls(y / x * scales, tuple(parts))


def _squared_error(sample: RatioSample, ratio: Fraction) -> Fraction:
    """Give the squared error of the mean of y - r x."""
    total = sample.sum_y - ratio * sample.sum_x
    squares = sample.sum_yy - 2 * ratio * sample.sum_xy + ratio**2 * sample.sum_xx
    return (squares - total**2 / sample.units) / (sample.units * (sample.units - 1))


def _added(strata: Sequence[Stratum]) -> Stratum:
    first, *others = strata
    for stratum in others:
        first += stratum
    return first


def _objection(strata: Sequence[Stratum]) -> WhyNot | None:
    if not strata:
        return WhyNot.NO_SHARED_STRATUM
    together = _added(strata)
    return WhyNot.SCARCE_OUTCOMES if is_scarce(together.control, together.treatment) else None


def _adjusted(strata: Sequence[Stratum], confidence: float) -> tuple[Lift, float]:
    effect = stratified_effect(strata)
    gain = 1 - (effect.test.error / stratified_effect([_added(strata)]).test.error) ** 2
    control = effect.estimate(effect.control, confidence)
    treatment = effect.estimate(effect.treatment, confidence)
    return effect.lift(control, treatment, confidence, "post_stratified"), gain
