"""Does an effect differ between segments? The test that comes before any claim about one of them.

Five segments of a test without any effect show "a winner" in one of them far too often, and a
segment's own interval says nothing about the others. So one test per dimension (channel, grade)
asks first whether the segments' effects differ by more than chance: Cochran (1954), "The
combination of estimates from different experiments", Biometrics 10, 101-129. With two segments it
is the z-test of the difference of two differences.

The scale matters: a campaign that lifts every rate by 15 % lifts high rates by more points. The
same test of relative lifts tells whether the baselines explain it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import hypot, sqrt

from scipy.special import chdtrc

from stats.differences import Sample, difference, log_ratio
from stats.errors import NotEnoughData
from stats.samples import BinomialSample
from stats.sequential.estimates import NormalEstimate


@dataclass(frozen=True)
class Interaction:
    """How far the effects of several segments are apart.

    Attributes:
        chi_square: Cochran's Q: the squared distances from the common effect, in standard errors.
        degrees: Segments less one.
        p_value: Chance of effects at least this far apart if all are the same.
        common: The segments' common effect, weighted by precision, and its standard error; on the
            scale that was tested (for relative lifts, the logarithm of the ratio).
        z: With two segments, how much the second one's effect is above the first's, in standard
            errors; None with more.
    """

    chi_square: float
    degrees: int
    p_value: float
    common: NormalEstimate
    z: float | None

    @property
    def share_beyond_chance(self) -> float:
        """The share of the effects' spread that chance does not explain: I squared, a fraction.

        Higgins and Thompson (2002), "Quantifying heterogeneity in a meta-analysis", Statistics in
        Medicine 21, 1539-1558.
        """
        if self.chi_square <= self.degrees:
            return 0.0
        return 1 - self.degrees / self.chi_square


def compare_effects(effects: Sequence[NormalEstimate]) -> Interaction:
    """Test whether the effects of several segments, or of several tests, are the same.

    Args:
        effects: One for each segment, each with its standard error, independent of each other.

    Returns:
        The test.

    Raises:
        NotEnoughData: If there are fewer than two.

    Examples:
        >>> compare_effects([NormalEstimate(0.05, 0.02), NormalEstimate(0.01, 0.02)]).z
        -1.4142135623730951
    """
    if len(effects) < 2:
        raise NotEnoughData("fewer than two segments can be compared")
    # In units of the least error, so that no square over- or underflows.
    least = min(effect.standard_error for effect in effects)
    weights = [(least / effect.standard_error) ** 2 for effect in effects]
    total = sum(weights)
    common = sum(w * effect.value for w, effect in zip(weights, effects, strict=True)) / total
    chi_square = sum(((effect.value - common) / effect.standard_error) ** 2 for effect in effects)
    return Interaction(
        chi_square=chi_square,
        degrees=len(effects) - 1,
        p_value=float(chdtrc(len(effects) - 1, chi_square)),
        common=NormalEstimate(common, least / sqrt(total)),
        z=_z_of_two(*effects) if len(effects) == 2 else None,
    )


def compare_differences(segments: Sequence[tuple[Sample, Sample]]) -> Interaction:
    """Test whether the absolute effects of several segments are the same.

    For rates on the scale of risk differences, for means and ratios in their unit of measure; each
    variant of each segment with its own variance.

    Args:
        segments: Of each its control and its treatment, all of one kind.

    Raises:
        NotEnoughData: If there are fewer than two segments, or one of them has no estimate.

    Examples:
        >>> small = BinomialSample(200, 20), BinomialSample(200, 30)
        >>> large = BinomialSample(200, 50), BinomialSample(200, 65)
        >>> found = compare_differences([small, large])
        >>> round(found.z, 4), round(found.p_value, 4)
        (0.4474, 0.6546)
    """
    return compare_effects([difference(control, treatment) for control, treatment in segments])


def compare_ratios(segments: Sequence[tuple[Sample, Sample]]) -> Interaction:
    """Test whether the relative effects of several segments are the same, on the log scale.

    Raises:
        NotEnoughData: If there are fewer than two segments, or one of them has no relative effect.

    Examples:
        >>> small = BinomialSample(2000, 200), BinomialSample(2000, 240)
        >>> large = BinomialSample(2000, 500), BinomialSample(2000, 600)
        >>> compare_ratios([small, large]).chi_square < 1e-20  # plus 20 % in both
        True
    """
    return compare_effects([log_ratio(control, treatment) for control, treatment in segments])


@dataclass(frozen=True)
class CommonEffect:
    """One effect over all segments, each compared only with itself.

    Attributes:
        chi_square: Of no effect in any segment, 1 degree of freedom, no continuity correction.
        p_value: Two-sided.
        odds_ratio: Mantel and Haenszel's, treatment to control; None if ``gap`` says why.
        gap: Why there is no odds ratio.
    """

    chi_square: float
    p_value: float
    odds_ratio: float | None
    gap: str | None


def check_common_effect(segments: Sequence[tuple[BinomialSample, BinomialSample]]) -> CommonEffect:
    """Test for an effect on a rate within segments: Cochran-Mantel-Haenszel.

    Cochran (1954), as above; Mantel and Haenszel (1959), "Statistical aspects of the analysis of
    data from retrospective studies of disease", Journal of the National Cancer Institute 22,
    719-748. Segments whose shares of the treatment differ do not confound it.

    Args:
        segments: Of each its control and its treatment; those without two units, or with one
            outcome only, say nothing and count for nothing.

    Raises:
        NotEnoughData: If no segment says anything.

    Examples:
        >>> small = BinomialSample(200, 20), BinomialSample(200, 30)
        >>> large = BinomialSample(200, 50), BinomialSample(200, 65)
        >>> found = check_common_effect([small, large])
        >>> round(found.chi_square, 4), round(found.p_value, 4), round(found.odds_ratio, 4)
        (4.9602, 0.0259, 1.4926)
    """
    excess = variance = Fraction(0)
    better = worse = Fraction(0)
    for control, treatment in segments:
        pooled = control + treatment
        if pooled.units < 2:
            continue
        both = control.units * treatment.units
        crossed = treatment.successes * control.units - control.successes * treatment.units
        excess += Fraction(crossed, pooled.units)
        variance += Fraction(
            both * pooled.successes * pooled.failures, pooled.units**2 * (pooled.units - 1)
        )
        better += Fraction(treatment.successes * control.failures, pooled.units)
        worse += Fraction(control.successes * treatment.failures, pooled.units)
    if variance == 0:
        raise NotEnoughData("no segment has both variants and both outcomes")
    chi_square = float(excess**2 / variance)
    return CommonEffect(
        chi_square=chi_square,
        p_value=float(chdtrc(1, chi_square)),
        odds_ratio=float(better / worse) if worse else None,
        gap=None if worse else "the control has no successes beside failures of the treatment",
    )


METHODS: dict[str, Callable[..., Interaction | CommonEffect]] = {
    "cochran_q": compare_effects,
    "interaction_of_differences": compare_differences,
    "interaction_of_ratios": compare_ratios,
    "cochran_mantel_haenszel": check_common_effect,
}


def _z_of_two(first: NormalEstimate, second: NormalEstimate) -> float:
    error = hypot(first.standard_error, second.standard_error)
    return (second.value - first.value) / error
