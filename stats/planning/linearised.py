"""Baselines of KPIs that are planned for as means: ratios of two sums, and scores."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import sqrt
from typing import Self

from stats.planning.means import MeanLift, MeanMargin, ratio_standard_deviation


class _Linearised(ABC):
    """A KPI that is planned for as a mean with the standard deviation that its parts give."""

    @property
    @abstractmethod
    def unit_sd(self) -> float:
        """Standard deviation of one unit's value."""

    def lift(self, effect: float) -> MeanLift:
        """Aim at showing an effect, treatment minus control."""
        return MeanLift(self.unit_sd, effect)

    def margin(self, margin: float) -> MeanMargin:
        """Aim at ruling out a difference, with the sign of harm, while there is none."""
        return MeanMargin(self.unit_sd, margin)


@dataclass(frozen=True)
class RatioBaseline(_Linearised):
    """A ratio of two sums over customers: clicks per open, revenue per order, opens per send.

    Attributes:
        value: Sum over sum.
        denominator_mean: Mean of the denominator per customer, above 0.
        numerator_variance: Of the numerator per customer.
        denominator_variance: Of the denominator per customer.
        covariance: Of numerator and denominator within a customer.
        least: Least value that the ratio can have; None if it may be negative.

    Raises:
        ValueError: If the moments are impossible or the value is below the least one.

    Examples:
        >>> round(RatioBaseline(0.12, 2.0, 0.3, 1.5, 0.2).unit_sd, 4)
        0.2615
    """

    value: float
    denominator_mean: float
    numerator_variance: float
    denominator_variance: float
    covariance: float
    least: float | None = 0.0

    def __post_init__(self) -> None:
        if self.least is not None and self.value < self.least:
            raise ValueError(f"the ratio is {self.value}, expected a number not below {self.least}")
        self.lift(1.0)

    @classmethod
    def of_sends(cls, rate: float, sends: int, correlation: float) -> Self:
        """State the rate per send of a campaign that sends several times to each customer.

        Args:
            rate: Of one send, a fraction in (0, 1).
            sends: To each customer, 1 or more.
            correlation: Of the outcomes of two sends to one customer, in [0, 1]: 1 if customers
                open all or none, so that further sends tell nothing new.

        Raises:
            ValueError: If a number is out of range.

        Examples:
            >>> baseline = RatioBaseline.of_sends(0.2, sends=4, correlation=0.5)
            >>> round(baseline.unit_sd, 4)  # 0.4 for a single send
            0.3162
        """
        if not (0 < rate < 1 and sends >= 1 and 0 <= correlation <= 1):
            raise ValueError(
                f"rate {rate} of {sends} sends with correlation {correlation}, "
                "expected fractions and at least one send"
            )
        variance = sends * rate * (1 - rate) * (1 + (sends - 1) * correlation)
        return cls(rate, sends, variance, 0.0, 0.0)

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """A ratio knows no greatest value."""
        return self.least, None

    @property
    def unit_sd(self) -> float:
        """Of the linearised value of one customer."""
        return ratio_standard_deviation(
            self.value,
            self.denominator_mean,
            numerator_variance=self.numerator_variance,
            denominator_variance=self.denominator_variance,
            covariance=self.covariance,
        )


@dataclass(frozen=True)
class ScoreBaseline(_Linearised):
    """A net promoter score, as the mean of 1 (promoter), 0 and -1 (detractor).

    Attributes:
        promoters: Their share of those who answer, a fraction.
        detractors: Theirs.

    Raises:
        ValueError: If the shares are no fractions, exceed 1 together, or nobody differs.

    Examples:
        >>> score = ScoreBaseline(promoters=0.5, detractors=0.2)
        >>> round(score.value, 4), round(score.unit_sd, 4)
        (0.3, 0.781)
    """

    promoters: float
    detractors: float

    def __post_init__(self) -> None:
        least, most = min(self.promoters, self.detractors), self.promoters + self.detractors
        if not (least >= 0 and most <= 1 and self.unit_sd > 0):
            raise ValueError(
                f"{self.promoters} promoters and {self.detractors} detractors, "
                "expected fractions of all answers that differ"
            )

    @property
    def value(self) -> float:
        """The score, from -1 to 1."""
        return self.promoters - self.detractors

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """All detractors, all promoters."""
        return -1.0, 1.0

    @property
    def unit_sd(self) -> float:
        """Of one answer."""
        return sqrt(max(self.promoters + self.detractors - self.value**2, 0.0))
