"""A difference between variants, and the control's value that it is a share of.

What ratios, adjusted means and stratified comparisons have in common: an estimated
difference, its variance in independent parts, and its covariance with the control's
value. The p-value and both intervals use one quantile of Student's t with the degrees of
freedom of Satterthwaite (1946), "An approximate distribution of estimates of variance
components", Biometrics Bulletin 2, 110-114. At a lift of 0 Fieller's condition is that of
the test, so p-value and intervals give one verdict.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from stats.errors import NotEnoughData
from stats.fieller import Measured, fieller_interval
from stats.lift import Estimate, Interval, Lift, RelativeLift, settle
from stats.means import Welch


@dataclass(frozen=True)
class Part:
    """An independent part of a variance.

    Attributes:
        variance: Of an estimate, the square of its standard error.
        degrees: Degrees of freedom it was estimated with, above 0.
    """

    variance: float
    degrees: float


def studentised(difference: float, parts: Sequence[Part]) -> Welch:
    """Standardise a difference by the sum of the parts of its variance.

    Raises:
        NotEnoughData: If no part varies.

    Examples:
        >>> test = studentised(3.0, [Part(1.0, 10), Part(1.0, 10)])
        >>> round(test.statistic, 4), test.degrees
        (2.1213, 20.0)
    """
    total = math.fsum(part.variance for part in parts)
    if total <= 0:
        raise NotEnoughData("every unit of a variant has one and the same value")
    # Shares of the sum, so that no square over- or underflows.
    spread = math.fsum((part.variance / total) ** 2 / part.degrees for part in parts)
    return Welch(difference, math.sqrt(total), 1 / spread)


@dataclass(frozen=True)
class Effect:
    """A tested difference beside the control's value.

    Attributes:
        test: Of the difference, treatment minus control.
        control: The control's value.
        covariance: Of the difference and the control's value; minus the control's
            squared error if the variants were measured apart.
        noun: What the value is, for the sentence of a gap: ``mean`` or ``ratio``.
    """

    test: Welch
    control: Measured
    covariance: float
    noun: str = "mean"

    @property
    def treatment(self) -> Measured:
        """The control's value and the difference on top of it."""
        return Measured(
            self.control.value + self.test.difference,
            max(0.0, self.test.error**2 + self.control.variance + 2 * self.covariance),
        )

    def lift(self, control: Estimate, treatment: Estimate, confidence: float, method: str) -> Lift:
        """Give the answer of the comparison, beside the estimates of both variants."""
        absolute = settle(self.test.interval(confidence), significant=self._shown(confidence))
        return Lift(
            control=control,
            treatment=treatment,
            absolute=Estimate(self.test.difference, absolute),
            relative=self.relative(confidence),
            p_value=self.test.p_value,
            statistic=self.test.statistic,
            confidence=confidence,
            method=method,
        )

    def relative(self, confidence: float) -> RelativeLift:
        """Give the difference as a share of the control's value, with Fieller's interval."""
        if self.control.value <= 0:
            return RelativeLift(None, None, gap=f"the control's {self.noun} is not above 0")
        value = self.test.difference / self.control.value
        interval = fieller_interval(
            self.control,
            self.treatment,
            self.test.critical(confidence),
            self.control.variance + self.covariance,
        )
        if interval is None:
            gap = f"the control's {self.noun} cannot be told from 0"
            return RelativeLift(value, None, gap=gap)
        settled = settle(interval, significant=self._shown(confidence))
        return RelativeLift(value, settled, gap=None)

    def estimate(self, measured: Measured, confidence: float) -> Estimate:
        """Give a value's interval with the quantile of the comparison."""
        half = self.test.critical(confidence) * math.sqrt(measured.variance)
        return Estimate(measured.value, Interval(measured.value - half, measured.value + half))

    def _shown(self, confidence: float) -> bool:
        return self.test.p_value < 1 - confidence
