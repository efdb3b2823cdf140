"""The chance that one of several treatments looks different from the control they share.

Dunnett (1955), "A multiple comparison procedure for comparing several treatments with a
control", Journal of the American Statistical Association 50, 1096-1121: the treatments
share the control, so their statistics are correlated in a known way and the bar is lower
than Bonferroni's. Given the control's share of the noise they are independent, which
leaves one integral; here it is computed on fixed nodes, the same answer every time.

Statistics i and j correlate by l_i l_j with l_i^2 = v_c / (v_c + v_i), where v is the
squared error of a variant's estimate. Sizes alone say that where one unit varies as much
in the treatments as in the control: so it is for rates, whose variance is the control's in
every treatment without effect, and only those can be found by mistake. For means with
other variances there is `Family.of_errors`: leaving out standard deviations twice the
control's would let three treatments' error rise from 0.050 to 0.055.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi, sqrt
from typing import Self

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, ndtr, ndtri, stdtr, stdtrit

from stats.checks import check_confidence, check_p_values
from stats.errors import NotEnoughData
from stats.quadrature import Floats, panel_nodes

_FARTHEST = 9.0  # standard deviations; beyond lies less than 1e-18
_FARTHEST_TAIL = 38.0
_FINEST = 0.01  # of the noise that a treatment does not share, in standard deviations
# Below, two statistics are never extreme together, and Bonferroni's bound is exact.
_TINY = 1e-12


@dataclass(frozen=True)
class Family:
    """Treatments that share a control.

    Attributes:
        control_units: Units of the control, or anything in proportion to the precision
            (one over the squared error) of its estimate.
        treatment_units: The same of each treatment.
        degrees: Degrees of freedom of a common variance; None if it is as good as known,
            as in samples of more than a few hundred units.

    Raises:
        NotEnoughData: If there is no treatment, or a variant has no units.
        ValueError: If there is less than one degree of freedom.
    """

    control_units: float
    treatment_units: tuple[float, ...]
    degrees: float | None = None

    def __post_init__(self) -> None:
        if not self.treatment_units:
            raise NotEnoughData("there are no treatments to compare with the control")
        if not all(0 < units < np.inf for units in (self.control_units, *self.treatment_units)):
            raise NotEnoughData("a variant has no units")
        if self.degrees is not None and not 1 <= self.degrees < np.inf:
            raise ValueError(f"{self.degrees} degrees of freedom, expected 1 or more, or None")

    @classmethod
    def of_errors(cls, control_error: float, treatment_errors: Sequence[float]) -> Self:
        """Form the family from the standard errors of the variants' estimates.

        Hasler and Hothorn (2008), "Multiple contrast tests in the presence of
        heteroscedasticity", Biometrical Journal 50, 793-800, in large samples.

        Args:
            control_error: Standard error of the control's mean, above 0.
            treatment_errors: The same of each treatment, in the same unit of measure.

        Examples:
            >>> round(Family.of_errors(0.1, [0.2, 0.2]).critical(0.95), 4)
            2.233
        """
        precisions = [
            (control_error / error) ** 2 if error > 0 else 0 for error in treatment_errors
        ]
        return cls(1.0 if control_error > 0 else 0.0, tuple(precisions))

    def critical(self, confidence: float) -> float:
        """Give the value that all statistics stay within, with this probability.

        Raises:
            ValueError: If ``confidence`` is out of range.

        Examples:
            >>> round(Family(100, (100, 100)).critical(0.95), 6)
            2.212128
        """
        check_confidence(confidence)
        alpha = 1 - confidence
        lowest = self._alone(alpha)
        if len(self.treatment_units) == 1 or self.exceeded(lowest) <= alpha:
            return lowest
        # Bonferroni's bar, and a little for rounding where it is exact.
        highest = (1 + 1e-6) * self._alone(alpha / len(self.treatment_units))
        return float(
            brentq(lambda z: self.exceeded(z) - alpha, lowest, highest, xtol=1e-13, rtol=1e-13)
        )

    def confidence(self, confidence: float) -> float:
        """Give the confidence of each interval that makes ``confidence`` hold for all.

        Examples:
            >>> round(Family(26_000, (26_000, 26_000)).confidence(0.95), 6)
            0.973042
        """
        return float(1 - 2 * ndtr(-self.critical(confidence)))

    def adjust(self, p_values: Sequence[float]) -> tuple[float, ...]:
        """Adjust the two-sided p-values of the treatments.

        Args:
            p_values: Of normal statistics; of Student's t where there are degrees of freedom.

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
        return float(max(p_value, self.exceeded(self._alone(p_value))))

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
            ratios, weights = _deviation_ratios(self.degrees, critical)
            some = float(weights @ self._exceeded_by_z(critical * ratios))
        return min(1.0, max(alone, some))

    def _alone(self, alpha: float) -> float:
        """Give the two-sided quantile of one statistic."""
        if self.degrees is None:
            return -float(ndtri(alpha / 2))
        return -float(stdtrit(self.degrees, alpha / 2))

    def _exceeded_by_z(self, critical: Floats) -> Floats:
        """Integrate over the control's noise, in which the treatments are independent.

        Small tails are kept as tails: 1 minus their product would round them away.
        Treatments of one size are one factor, raised to their number.
        """
        sizes, counts = np.unique(np.array(self.treatment_units, dtype=float), return_counts=True)
        shared = np.sqrt(sizes / (sizes + self.control_units))
        own = np.sqrt(self.control_units / (sizes + self.control_units))
        # The integrand is the same on both sides of 0.
        noise, widths = panel_nodes(0.0, _FARTHEST, max(float(own.min()), _FINEST))
        high = (critical[:, None, None] - shared * noise[:, None]) / own
        low = (critical[:, None, None] + shared * noise[:, None]) / own
        with np.errstate(divide="ignore"):
            within = np.log1p(-np.minimum(ndtr(-high) + ndtr(-low), 1.0)) @ counts
        return np.asarray(-np.expm1(within) @ (widths * np.exp(-(noise**2) / 2) * sqrt(2 / pi)))


def _deviation_ratios(degrees: float, critical: float) -> tuple[Floats, Floats]:
    """Give nodes and weights of the estimated over the true standard deviation.

    The square of the ratio times the degrees of freedom is chi-square distributed. Nodes are laid
    on the ratio's root, where even the least degrees leave a smooth integrand.
    """
    spread = 1 / sqrt(2 * degrees)
    low, high = max(0.0, 1 - _FARTHEST * spread), 1 + _FARTHEST * spread
    # Beyond, even a normal tail is no longer a float.
    high = max(low, min(high, _FARTHEST_TAIL / critical)) if critical > 0 else high
    finest = min(spread, 0.18 / sqrt(max(critical, 0.1)))
    roots, widths = panel_nodes(sqrt(low), sqrt(high), finest)
    ratios = roots**2
    log_density = (
        log(2.0)
        + degrees / 2 * log(degrees / 2)
        - float(gammaln(degrees / 2))
        + (degrees - 1) * np.log(ratios)
        - degrees * ratios**2 / 2
    )
    return ratios, np.exp(log_density) * 2 * roots * widths
