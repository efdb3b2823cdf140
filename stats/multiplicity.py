"""Many comparisons at once: several treatments with one control, several KPIs.

Treatments that share a control are corrected by Dunnett's method (`stats.dunnett`). The
other corrections are those of R's `p.adjust`: Holm (1979), Hommel (1988), Benjamini and
Hochberg (1995), Benjamini and Yekutieli (2001).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nextafter, sqrt
from typing import Protocol, TypeVar

from stats.checks import check_confidence, check_p_values
from stats.differences import measured
from stats.dunnett import Family
from stats.lift import Lift
from stats.samples import MeanSample, RatioSample

__all__ = [
    "METHODS",
    "AdjustedLift",
    "Family",
    "adjust_bh",
    "adjust_by",
    "adjust_holm",
    "adjust_hommel",
    "compare_with_control",
    "family_of",
]


class Counted(Protocol):
    """A sample of any kind: it knows its units."""

    @property
    def units(self) -> int:
        """Units counted, each once."""


Sample = TypeVar("Sample", bound=Counted)


@dataclass(frozen=True)
class AdjustedLift:
    """One treatment of several, compared with the control they share.

    Attributes:
        lift: Read alone: its intervals are the unadjusted ones.
        adjusted: The same comparison at Dunnett's confidence: the verdict.
        p_value: Dunnett's adjusted p-value.
    """

    lift: Lift
    adjusted: Lift
    p_value: float

    @property
    def significant(self) -> bool:
        """Whether a difference is shown, all treatments considered."""
        return self.adjusted.significant


def compare_with_control(
    compare: Callable[..., Lift],
    control: Sample,
    treatments: Sequence[Sample],
    *,
    confidence: float = 0.95,
) -> tuple[AdjustedLift, ...]:
    """Compare every treatment with one control, alone and with Dunnett's correction.

    Args:
        compare: `compare_proportions`, `compare_means` or any other comparison of two samples.
        control: Sample of the control variant.
        treatments: Samples of the treatments.
        confidence: Of all intervals together, a fraction in (0, 1).

    Returns:
        One comparison for each treatment, in their order.

    Raises:
        NotEnoughData: If there are no treatments, or ``compare`` says so.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> from stats.proportions import compare_proportions
        >>> from stats.samples import BinomialSample
        >>> control = BinomialSample(1000, 100)
        >>> treatments = [BinomialSample(1000, 128), BinomialSample(1000, 110)]
        >>> first, second = compare_with_control(compare_proportions, control, treatments)
        >>> first.lift.significant, first.significant, round(first.p_value, 4)
        (True, False, 0.0888)
    """
    check_confidence(confidence)
    family = family_of(control, treatments)
    stricter = family.confidence(confidence)
    lifts = [compare(control, sample, confidence=confidence) for sample in treatments]
    p_values = family.adjust([lift.p_value for lift in lifts])
    adjusted = [compare(control, sample, confidence=stricter) for sample in treatments]
    return tuple(
        AdjustedLift(lift, strict, _settled(p_value, 1 - confidence, strict.significant))
        for lift, strict, p_value in zip(lifts, adjusted, p_values, strict=True)
    )


def family_of(control: Counted, treatments: Sequence[Counted]) -> Family:
    """Form the family of variants from their samples.

    Rates correlate by their sizes alone, see `stats.dunnett`; means and ratios by the squared
    errors observed, unless one of them is 0.

    Raises:
        NotEnoughData: If there is no treatment, or a variant has no units.

    Examples:
        >>> from stats.samples import BinomialSample
        >>> family_of(BinomialSample(50, 7), [BinomialSample(40, 9)])
        Family(control_units=50, treatment_units=(40,), degrees=None)
    """
    errors = [
        sqrt(measured(sample).variance)
        for sample in (control, *treatments)
        if isinstance(sample, MeanSample | RatioSample) and sample.units > 1
    ]
    if len(errors) == 1 + len(treatments) and min(errors) > 0:
        return Family.of_errors(errors[0], errors[1:])
    return Family(control.units, tuple(sample.units for sample in treatments))


def _settled(p_value: float, alpha: float, significant: bool) -> float:
    """Move a p-value across alpha by the rounding that separates it from the verdict."""
    if significant == (p_value < alpha):
        return p_value
    return nextafter(alpha, 0.0) if significant else alpha


def adjust_holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust for the chance of any false finding, whatever the correlations.

    Examples:
        >>> adjust_holm([0.01, 0.04, 0.03])
        (0.03, 0.06, 0.06)
    """
    known = tuple(p_values)
    check_p_values(known)
    adjusted, most = [0.0] * len(known), 0.0
    rising = sorted(range(len(known)), key=known.__getitem__)
    for place, left in zip(rising, range(len(known), 0, -1), strict=True):
        most = max(most, known[place] * left)
        adjusted[place] = min(most, 1.0)
    return tuple(round(value, 15) for value in adjusted)


def adjust_hommel(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust for the chance of any false finding, under independence or its like."""
    return _adjust(p_values, "hommel")


def adjust_bh(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust for the share of false findings: Benjamini and Hochberg's step-up.

    Every report asks for it, and importing statsmodels takes longer than the rest of one.

    Examples:
        >>> adjust_bh([0.01, 0.04, 0.03])
        (0.03, 0.04, 0.04)
    """
    known = tuple(p_values)
    check_p_values(known)
    adjusted, least = [0.0] * len(known), 1.0
    falling = sorted(range(len(known)), key=known.__getitem__, reverse=True)
    for place, rank in zip(falling, range(len(known), 0, -1), strict=True):
        least = min(least, known[place] / (rank / len(known)))
        adjusted[place] = least
    return tuple(round(value, 15) for value in adjusted)


def adjust_by(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust for the share of false findings, whatever the correlations."""
    return _adjust(p_values, "fdr_by")


METHODS: dict[str, Callable[[Sequence[float]], tuple[float, ...]]] = {
    "holm": adjust_holm,
    "hommel": adjust_hommel,
    "benjamini_hochberg": adjust_bh,
    "benjamini_yekutieli": adjust_by,
}


def _adjust(p_values: Sequence[float], method: str) -> tuple[float, ...]:
    # Imported where it is needed: statsmodels takes seconds.
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow to import

    check_p_values(tuple(p_values))
    adjusted = multipletests(list(p_values), method=method)[1]
    return tuple(round(float(value), 15) for value in adjusted)
