"""The score statistic of two rates over batches: the formula of `stats.propensity.rates`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from stats.edges import outermost_accepted
from stats.errors import NotEnoughData
from stats.lift import Interval
from stats.propensity.batches import Stratum
from stats.samples import BinomialSample
from stats.score import Difference, Floats, Ratio, Tables

LEAST_EXPECTED = 5
_POINTS = 63

Statistic = Callable[[Floats], Floats]
Variance = Callable[[Stratum[BinomialSample], Floats], Floats]


@dataclass(frozen=True)
class StratifiedScore:
    """Two rates over batches, ready to be tested.

    Attributes:
        strata: The batches with their weights.
        control: The control's weighted rate.
        treatment: The treatment's weighted rate.
        difference: Treatment minus control.
        pooled: The standardised difference under equal rates in each batch.
    """

    strata: tuple[Stratum[BinomialSample], ...]
    control: float
    treatment: float
    difference: float
    pooled: float

    @classmethod
    def of(cls, strata: Sequence[Stratum[BinomialSample]]) -> "StratifiedScore":
        """Weigh the batches' rates.

        Raises:
            NotEnoughData: If fewer than 5 successes or failures are expected in a variant.
        """
        _check_expected(strata)
        whole = sum(stratum.weight for stratum in strata)
        error = sqrt(sum(s.weight**2 * _pooled_variance(s) for s in strata))
        excess = sum(
            s.weight * float(s.treatment.exact_rate - s.control.exact_rate) for s in strata
        )
        return cls(
            strata=tuple(strata),
            control=sum(s.weight * s.control.rate for s in strata) / whole,
            treatment=sum(s.weight * s.treatment.rate for s in strata) / whole,
            difference=excess / whole,
            pooled=excess / error,
        )

    def of_differences(self, values: Floats) -> Floats:
        """Standardise how far above each stated difference the batches are."""
        return self._standardised(self.difference - values, _variance_under_difference, values)

    def of_ratios(self, values: Floats) -> Floats:
        """Standardise how far above each stated ratio the batches are."""
        gap = self.treatment - values * self.control
        return self._standardised(gap, _variance_under_ratio, values)

    def control_interval(self, confidence: float) -> Interval:
        """Give Wilson's interval of the control's weighted rate."""
        return self._wilson(self.control, [s.control.units for s in self.strata], confidence)

    def treatment_interval(self, confidence: float) -> Interval:
        """Give Wilson's interval of the treatment's weighted rate."""
        return self._wilson(self.treatment, [s.treatment.units for s in self.strata], confidence)

    @property
    def _whole(self) -> float:
        return sum(stratum.weight for stratum in self.strata)

    def _standardised(self, gap: Floats, variance_of: Variance, values: Floats) -> Floats:
        """Divide by the standard error; without one, only an exact fit is no distance."""
        variances = [s.weight**2 * variance_of(s, values) for s in self.strata]
        error = np.sqrt(np.sum(variances, axis=0)) / self._whole
        certain = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
        return np.asarray(np.divide(gap, error, out=certain, where=error > 0))

    def _wilson(self, rate: float, units: Sequence[int], confidence: float) -> Interval:
        """Take the units that, unweighted, would tell as much."""
        pairs = zip(self.strata, units, strict=True)
        effective = self._whole**2 / sum(s.weight**2 / count for s, count in pairs)
        z = float(ndtri((1 + confidence) / 2))
        centre = (rate * effective + z**2 / 2) / (effective + z**2)
        half = z * sqrt(rate * (1 - rate) * effective + z**2 / 4) / (effective + z**2)
        return Interval(min(max(0.0, centre - half), rate), max(min(1.0, centre + half), rate))


@dataclass(frozen=True)
class Sides:
    """The ends of what a stratified score accepts, agreeing with its verdict at no effect.

    Attributes:
        score: The statistic.
        confidence: Of the intervals.
        significant: The verdict at no effect.
    """

    score: StratifiedScore
    confidence: float
    significant: bool

    def of_difference(self) -> Interval:
        """Give the interval of the difference."""
        return Interval(*self._ends(self.score.of_differences, self.score.difference))

    def of_lift(self) -> tuple[float, float]:
        """Give both ends of the lift; the upper one means nothing without control successes.

        Searched on the scale (r - 1) / (r + 1) of the ratio r, which lies between -1 and 1.
        """
        c, t = self.score.control, self.score.treatment
        lower, upper = self._ends(
            lambda values: self.score.of_ratios((1 + values) / (1 - values)),
            self.score.difference / (t + c),
        )
        return 2 * lower / (1 - lower), 2 * upper / (1 - upper) if upper < 1 else 0.0

    def _ends(self, statistic: Statistic, observed: float) -> tuple[float, float]:
        """Search from -1 and from 1 inwards, from the known verdict at 0."""
        critical = float(ndtri((1 + self.confidence) / 2))
        known = (observed,) if self.significant else (observed, 0.0)
        floor = 0.0 if self.significant and observed > 0 else -1.0
        ceiling = 0.0 if self.significant and observed < 0 else 1.0
        return (
            outermost_accepted(
                lambda values: _first(statistic(values) <= critical),
                floor,
                min(known),
                points=_POINTS,
            ),
            outermost_accepted(
                lambda values: _first(statistic(values) >= -critical),
                ceiling,
                max(known),
                points=_POINTS,
            ),
        )


def _check_expected(strata: Sequence[Stratum[BinomialSample]]) -> None:
    pooled = [(s.control + s.treatment).exact_rate for s in strata]
    least = min(
        sum(units * rate for units, rate in zip(counts, rates, strict=True))
        for counts in ([s.control.units for s in strata], [s.treatment.units for s in strata])
        for rates in (pooled, [1 - rate for rate in pooled])
    )
    if least < LEAST_EXPECTED:
        raise NotEnoughData(
            f"a variant expects {float(least):.1f} units of one outcome, {LEAST_EXPECTED} needed"
        )


def _pooled_variance(stratum: Stratum[BinomialSample]) -> float:
    c, t = stratum.control, stratum.treatment
    pooled = c + t
    spread = pooled.successes * pooled.failures
    return spread / (pooled.units - 1) / (c.units * t.units)


def _variance_under_difference(stratum: Stratum[BinomialSample], values: Floats) -> Floats:
    tables = Tables.of(stratum.control, stratum.treatment)
    # Rates near 1 lose digits; as failures they are near 0.
    if tables.successes > tables.units / 2:
        tables = tables.mirrored()
    control = Difference(values).restricted_control_rate(tables)
    treatment = np.minimum(np.maximum(control + values, 0.0), 1.0)
    return _variance(tables, control, treatment, np.asarray(1.0))


def _variance_under_ratio(stratum: Stratum[BinomialSample], values: Floats) -> Floats:
    tables = Tables.of(stratum.control, stratum.treatment)
    control = Ratio(values).restricted_control_rate(tables)
    return _variance(tables, control, np.minimum(control * values, 1.0), values)


def _variance(tables: Tables, control: Floats, treatment: Floats, ratio: Floats) -> Floats:
    plain = (
        treatment * (1 - treatment) / tables.treatment_units
        + ratio**2 * control * (1 - control) / tables.control_units
    )
    return np.asarray(np.maximum(plain, 0.0) * tables.units / (tables.units - 1))


def _first(accepted: npt.NDArray[np.bool_]) -> int:
    return int(np.argmax(accepted)) if accepted.any() else accepted.size
