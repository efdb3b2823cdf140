"""The score statistic of two rates, under a stated difference or a stated ratio.

Both are Miettinen and Nurminen's (1985), "Comparative analysis of two rates", Statistics
in Medicine 4, 213-226: the observed contrast over its standard error, which is taken at
the rates that fit the data best *if the stated contrast were true*, with the factor
N / (N - 1). At a difference of 0 and at a ratio of 1 they are one number, Pearson's
statistic with that factor; a test and two intervals built on them cannot disagree.

Everything works elementwise on arrays, so that a caller scans many contrasts, or orders
many tables, in one call.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from stats.samples import BinomialSample

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tables:
    """Two-by-two tables with fixed numbers of units; successes may be arrays."""

    control_units: int
    control_successes: Floats
    treatment_units: int
    treatment_successes: Floats

    @classmethod
    def of(cls, control: BinomialSample, treatment: BinomialSample) -> "Tables":
        """Make the one table of two samples."""
        return cls(
            control.units,
            np.asarray(float(control.successes)),
            treatment.units,
            np.asarray(float(treatment.successes)),
        )

    def swapped(self) -> "Tables":
        """Exchange the variants."""
        return Tables(
            self.treatment_units,
            self.treatment_successes,
            self.control_units,
            self.control_successes,
        )

    def mirrored(self) -> "Tables":
        """Exchange both variants and outcomes, which leaves the difference as it is.

        Rates near 1 lose digits in floating point; as failures they are near 0.
        """
        return Tables(
            self.treatment_units,
            np.asarray(self.treatment_units - self.treatment_successes),
            self.control_units,
            np.asarray(self.control_units - self.control_successes),
        )

    @property
    def units(self) -> int:
        """Units of both variants, N."""
        return self.control_units + self.treatment_units

    @property
    def successes(self) -> Floats:
        """Successes of both variants."""
        return np.asarray(self.control_successes + self.treatment_successes)

    @property
    def control_rate(self) -> Floats:
        """Observed rate of the control."""
        return np.asarray(self.control_successes / self.control_units)

    @property
    def treatment_rate(self) -> Floats:
        """Observed rate of the treatment."""
        return np.asarray(self.treatment_successes / self.treatment_units)


class Contrast(Protocol):
    """A stated relation of the treatment's rate to the control's: a null hypothesis."""

    def statistic(self, tables: Tables) -> Floats:
        """Standardise how far above the stated contrast the tables are."""

    def treatment_rate(self, control_rate: Floats) -> Floats:
        """Give the treatment's rate that belongs to a rate of the control."""

    def control_rate(self, treatment_rate: Floats) -> Floats:
        """Give the control's rate that belongs to a rate of the treatment."""

    def reversed(self) -> "Contrast":
        """State the same with the variants' names exchanged."""


@dataclass(frozen=True)
class Difference:
    """The treatment's rate is the control's plus ``value``, in (-1, 1)."""

    value: Floats

    def treatment_rate(self, control_rate: Floats) -> Floats:
        """Give the treatment's rate that belongs to a rate of the control."""
        return np.asarray(control_rate + self.value)

    def control_rate(self, treatment_rate: Floats) -> Floats:
        """Give the control's rate that belongs to a rate of the treatment."""
        return np.asarray(treatment_rate - self.value)

    def reversed(self) -> "Difference":
        """State the same with the variants' names exchanged."""
        return Difference(-self.value)

    def statistic(self, tables: Tables) -> Floats:
        """Standardise how far above the stated difference the tables are (eq. 8)."""
        if np.mean(tables.successes) > tables.units / 2:
            tables = tables.mirrored()
        return self.statistic_near_zero(tables)

    def statistic_near_zero(self, tables: Tables) -> Floats:
        """Give the same for tables whose rates are not near 1: see `Tables.mirrored`."""
        control = self.restricted_control_rate(tables)
        treatment = np.minimum(np.maximum(control + self.value, 0.0), 1.0)
        gap = tables.treatment_rate - tables.control_rate - self.value
        variance = (
            control * (1 - control) / tables.control_units
            + treatment * (1 - treatment) / tables.treatment_units
        )
        return _standardised(gap, variance, tables.units)

    def restricted_control_rate(self, tables: Tables) -> Floats:
        """Fit the control's rate under the stated difference.

        The likelihood equation is a cubic; its root by the trigonometric form of the
        1985 appendix, then polished. The linear coefficient has the *control's* units
        beside the difference.
        """
        d, units = self.value, tables.units
        cubic = (
            np.asarray(units, dtype=float),
            (tables.treatment_units + 2 * tables.control_units) * d - units - tables.successes,
            (tables.control_units * d - units - 2 * tables.control_successes) * d
            + tables.successes,
            tables.control_successes * d * (1 - d),
        )
        least, most = np.maximum(0.0, -d), np.minimum(1.0, 1 - d)
        root = np.minimum(np.maximum(_middle_root(*cubic), least), most)
        for _ in range(2):
            root = np.minimum(np.maximum(root - _newton_step(root, *cubic), least), most)
        return np.asarray(root)


@dataclass(frozen=True)
class Ratio:
    """The treatment's rate is the control's times ``value``, above 0."""

    value: Floats

    def treatment_rate(self, control_rate: Floats) -> Floats:
        """Give the treatment's rate that belongs to a rate of the control."""
        return np.asarray(control_rate * self.value)

    def control_rate(self, treatment_rate: Floats) -> Floats:
        """Give the control's rate that belongs to a rate of the treatment."""
        return np.asarray(treatment_rate / self.value)

    def reversed(self) -> "Ratio":
        """State the same with the variants' names exchanged."""
        return Ratio(1 / self.value)

    def statistic(self, tables: Tables) -> Floats:
        """Standardise how far above the stated ratio the tables are (eq. 10).

        Koopman's chi-square (1984, Biometrics 40, 513-517) is its square, but for the
        factor N / (N - 1).
        """
        control = self.restricted_control_rate(tables)
        treatment = np.minimum(control * self.value, 1.0)
        gap = tables.treatment_rate - tables.control_rate * self.value
        variance = (
            treatment * (1 - treatment) / tables.treatment_units
            + self.value**2 * control * (1 - control) / tables.control_units
        )
        return _standardised(gap, variance, tables.units)

    def restricted_control_rate(self, tables: Tables) -> Floats:
        """Fit the control's rate under the stated ratio (a quadratic, eq. 12).

        The discriminant is written as a sum, so that nothing cancels.
        """
        r = self.value
        scaled = r * (tables.treatment_units + tables.control_successes)
        plain = tables.treatment_successes + tables.control_units
        failures = (tables.treatment_units - tables.treatment_successes) * (
            tables.control_units - tables.control_successes
        )
        discriminant = (scaled - plain) ** 2 + 4 * r * failures
        root = 2 * tables.successes / (scaled + plain + np.sqrt(discriminant))
        return np.asarray(np.minimum(root, np.minimum(1.0, 1 / r)))


def pooled_statistic(control: BinomialSample, treatment: BinomialSample) -> float:
    """Standardise the difference under equal rates: what both contrasts give there.

    It is the pooled z-test's statistic, with the factor N / (N - 1); exact integers up
    to the last steps, so exchanging variants or outcomes changes its sign only.

    Examples:
        >>> round(pooled_statistic(BinomialSample(80, 48), BinomialSample(70, 56)), 6)
        2.641323
    """
    pooled = control + treatment
    if pooled.successes in {0, pooled.units}:
        return 0.0
    excess = treatment.successes * control.units - control.successes * treatment.units
    spread = control.units * treatment.units * pooled.successes * pooled.failures
    chi_square = excess**2 * (pooled.units - 1) / spread
    return float(np.copysign(np.sqrt(chi_square), excess))


def _standardised(gap: Floats, variance: Floats, units: int) -> Floats:
    """Divide by the standard error; without one, only an exact fit is no distance."""
    error = np.sqrt(np.maximum(variance, 0.0) * units / (units - 1))
    certain = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
    return np.divide(gap, error, out=certain, where=error > 0)


def _middle_root(cubic: Floats, square: Floats, linear: Floats, constant: Floats) -> Floats:
    shift = square / (3 * cubic)
    v = shift**3 - square * linear / (6 * cubic**2) + constant / (2 * cubic)
    u = np.copysign(np.sqrt(np.maximum(shift**2 - linear / (3 * cubic), 0.0)), v)
    cosine = np.divide(v, u**3, out=np.zeros_like(v), where=u != 0)
    angle = (np.pi + np.arccos(np.minimum(np.maximum(cosine, -1.0), 1.0))) / 3
    return np.asarray(2 * u * np.cos(angle) - shift)


def _newton_step(
    root: Floats, cubic: Floats, square: Floats, linear: Floats, constant: Floats
) -> Floats:
    height = ((cubic * root + square) * root + linear) * root + constant
    slope = (3 * cubic * root + 2 * square) * root + linear
    return np.divide(height, slope, out=np.zeros_like(height), where=slope != 0)
