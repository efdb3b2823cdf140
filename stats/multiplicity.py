"""Many comparisons at once: several treatments with one control, several KPIs.

Dunnett (1955), "A multiple comparison procedure for comparing several treatments with a
control", Journal of the American Statistical Association 50, 1096-1121: the treatments
share the control, so their statistics are correlated in a known way and the bar is lower
than Bonferroni's. Given the control's share of the noise they are independent, which
leaves one integral; here it is computed on fixed nodes, the same answer every time. The
variants may have different numbers of units.

The other corrections are those of R's `p.adjust`: Holm (1979), Hommel (1988), Benjamini
and Hochberg (1995), Benjamini and Yekutieli (2001).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.special import gammaln, ndtr, ndtri, stdtr

from stats.checks import check_confidence, check_p_values
from stats.edges import outermost_accepted
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.samples import BinomialSample, MeanSample
from stats.score import Floats

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(400)
_RATIO_NODES, _RATIO_WEIGHTS = np.polynomial.legendre.leggauss(80)
_FARTHEST = 9.0  # standard deviations; beyond lies less than 1e-18
# Below, two statistics are never extreme together, and Bonferroni's bound is exact.
_TINY = 1e-12
_HIGHEST_CRITICAL = 38.0  # beyond, a normal tail is no longer a float

Sample = TypeVar("Sample", BinomialSample, MeanSample)


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
        compare: `compare_proportions`, `compare_means` or another with their arguments.
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
        >>> control = BinomialSample(1000, 100)
        >>> treatments = [BinomialSample(1000, 128), BinomialSample(1000, 110)]
        >>> first, second = compare_with_control(compare_proportions, control, treatments)
        >>> first.lift.significant, first.significant, round(first.p_value, 4)
        (True, False, 0.0888)
    """
    check_confidence(confidence)
    family = Family(control.units, tuple(sample.units for sample in treatments))
    stricter = family.confidence(confidence)
    lifts = [compare(control, sample, confidence=confidence) for sample in treatments]
    p_values = family.adjust([lift.p_value for lift in lifts])
    return tuple(
        AdjustedLift(lift, compare(control, sample, confidence=stricter), p_value)
        for lift, sample, p_value in zip(lifts, treatments, p_values, strict=True)
    )


@dataclass(frozen=True)
class Family:
    """Treatments that share a control.

    Attributes:
        control_units: Units of the control.
        treatment_units: Units of each treatment.
        degrees: Degrees of freedom of a common variance; None if it is as good as known,
            as in samples of more than a few hundred units.

    Raises:
        NotEnoughData: If there is no treatment, or a variant has no units.
        ValueError: If there is less than one degree of freedom.
    """

    control_units: int
    treatment_units: tuple[int, ...]
    degrees: float | None = None

    def __post_init__(self) -> None:
        if not self.treatment_units:
            raise NotEnoughData("there are no treatments to compare with the control")
        if min(self.control_units, *self.treatment_units) < 1:
            raise NotEnoughData("a variant has no units")
        if self.degrees is not None and not 1 <= self.degrees < np.inf:
            raise ValueError(f"{self.degrees} degrees of freedom, expected 1 or more, or None")

    def critical(self, confidence: float) -> float:
        """Give the value that all statistics stay within, with this probability.

        Examples:
            >>> round(Family(100, (100, 100)).critical(0.95), 6)
            2.212128
        """
        check_confidence(confidence)
        alpha = 1 - confidence

        def first_enough(values: Floats) -> int:
            enough = [self.exceeded(float(value)) <= alpha for value in values]
            return enough.index(True) if True in enough else len(enough)

        return outermost_accepted(first_enough, 0.0, _HIGHEST_CRITICAL, points=1)

    def confidence(self, confidence: float) -> float:
        """Give the confidence of each interval that makes ``confidence`` hold for all.

        Examples:
            >>> round(Family(26_000, (26_000, 26_000)).confidence(0.95), 6)
            0.973042
        """
        return float(1 - 2 * ndtr(-self.critical(confidence)))

    def adjust(self, p_values: Sequence[float]) -> tuple[float, ...]:
        """Adjust the two-sided p-values of the treatments' z-statistics.

        Raises:
            ValueError: If a p-value is out of range, or their number is another.
        """
        check_p_values(tuple(p_values))
        if len(p_values) != len(self.treatment_units):
            raise ValueError(
                f"{len(p_values)} p-values of {len(self.treatment_units)} treatments, "
                "expected as many"
            )
        return tuple(self._adjusted(p_value) for p_value in p_values)

    def _adjusted(self, p_value: float) -> float:
        if p_value < _TINY:
            return p_value * len(self.treatment_units)
        return float(max(p_value, self.exceeded(-float(ndtri(p_value / 2)))))

    def exceeded(self, critical: float) -> float:
        """Give the chance that, with no effects, some statistic is beyond ``critical``.

        With treatments hundreds of times as large as the control the integrand has steps
        that the nodes do not resolve; one statistic's own chance is a bound from below.
        """
        if self.degrees is None:
            alone = 2 * float(ndtr(-critical))
            some = float(self._exceeded_by_z(np.array([critical]))[0])
        else:
            alone = 2 * float(stdtr(self.degrees, -critical))
            ratios, weights = _deviation_ratios(self.degrees)
            some = float(weights @ self._exceeded_by_z(critical * ratios))
        return min(1.0, max(alone, some))

    def _exceeded_by_z(self, critical: Floats) -> Floats:
        """Integrate over the control's noise, in which the treatments are independent.

        Small tails are kept as tails: 1 minus their product would round them away.
        """
        units = np.array(self.treatment_units, dtype=float)
        shared = np.sqrt(units / (units + self.control_units))
        own = np.sqrt(self.control_units / (units + self.control_units))
        noise = _FARTHEST * _NODES[:, None, None]
        high = (critical[:, None] - shared * noise) / own
        low = (critical[:, None] + shared * noise) / own
        with np.errstate(divide="ignore"):
            within = np.log1p(-np.minimum(ndtr(-high) + ndtr(-low), 1.0)).sum(axis=2)
        density = np.exp(-(noise[:, :, 0] ** 2) / 2) / np.sqrt(2 * np.pi)
        weights = _FARTHEST * _NODE_WEIGHTS[:, None]
        return np.asarray((-np.expm1(within) * density * weights).sum(axis=0))


def _deviation_ratios(degrees: float) -> tuple[Floats, Floats]:
    """Give nodes and weights of the estimated over the true standard deviation.

    The square of the ratio times the degrees of freedom is chi-square distributed.
    """
    spread = _FARTHEST / np.sqrt(2 * degrees)
    low, high = max(0.0, 1 - spread), 1 + spread
    ratios = low + (high - low) * (_RATIO_NODES + 1) / 2
    log_density = (
        np.log(2.0)
        + degrees / 2 * np.log(degrees / 2)
        - gammaln(degrees / 2)
        + (degrees - 1) * np.log(ratios)
        - degrees * ratios**2 / 2
    )
    return ratios, np.exp(log_density) * _RATIO_WEIGHTS * (high - low) / 2


def adjust_holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust for the chance of any false finding, whatever the correlations.

    Examples:
        >>> adjust_holm([0.01, 0.04, 0.03])
        (0.03, 0.06, 0.06)
    """
    return _adjust(p_values, "holm")


def adjust_hommel(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust for the chance of any false finding, under independence or its like."""
    return _adjust(p_values, "hommel")


def adjust_bh(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust for the share of false findings: Benjamini and Hochberg's step-up.

    Examples:
        >>> adjust_bh([0.01, 0.04, 0.03])
        (0.03, 0.04, 0.04)
    """
    return _adjust(p_values, "fdr_bh")


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
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415

    check_p_values(tuple(p_values))
    adjusted = multipletests(list(p_values), method=method)[1]
    return tuple(round(float(value), 15) for value in adjusted)
