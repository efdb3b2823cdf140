"""The answer of every comparison: intervals, estimates and the lift made of them.

Nothing here is ever NaN or infinite. What does not exist is `None`, and where a reader
would ask why, a sentence beside it says so.

One verdict: a lift is significant exactly if its absolute interval excludes 0, and its
relative interval, where there is one, excludes 0 as well.
"""

import math
from dataclasses import dataclass

from stats.checks import check_confidence


@dataclass(frozen=True)
class Interval:
    """A range of values in agreement with the data.

    Attributes:
        lower: Least value, or None: the data set no lower limit.
        upper: Greatest value, or None: the data set no upper limit.

    Raises:
        ValueError: If a side is NaN or infinite, or the sides are in the wrong order.

    Examples:
        >>> Interval(0.01, None).contains(0.5)
        True
    """

    lower: float | None
    upper: float | None

    def __post_init__(self) -> None:
        _check_finite(self.lower, self.upper)
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise ValueError(f"lower {self.lower} is above upper {self.upper}")

    def contains(self, value: float) -> bool:
        """Say whether ``value`` agrees with the data; the sides themselves do."""
        above = self.lower is None or self.lower <= value
        below = self.upper is None or value <= self.upper
        return above and below


@dataclass(frozen=True)
class Estimate:
    """A value and the interval around it, in one unit of measure.

    Attributes:
        value: What was observed.
        interval: What the data allow it to be.
    """

    value: float
    interval: Interval

    def __post_init__(self) -> None:
        _check_finite(self.value)


@dataclass(frozen=True)
class RelativeLift:
    """The lift as a share of the control's value: 0.2 is 20 % more.

    Attributes:
        value: Observed lift, or None if the control's value does not allow one.
        interval: What the data allow it to be, or None if that is no interval. A side
            that is None has no limit (a control without successes sets no upper one).
        gap: Why a value or a side is missing; None if nothing is.

    Raises:
        ValueError: If something is missing and nothing says why, or the reverse.
    """

    value: float | None
    interval: Interval | None
    gap: str | None

    def __post_init__(self) -> None:
        _check_finite(self.value)
        sides = (self.interval.lower, self.interval.upper) if self.interval else (None,)
        if (None in (self.value, *sides)) != (self.gap is not None):
            raise ValueError(f"gap is {self.gap!r} beside {self.value} and {self.interval}")


@dataclass(frozen=True)
class Lift:
    """A treatment compared with the control.

    Attributes:
        control: The control's rate or mean.
        treatment: The treatment's rate or mean.
        absolute: Treatment minus control, in the KPI's own unit of measure.
        relative: The same as a share of the control's value.
        p_value: Two-sided, of no difference.
        statistic: The standardised difference: z of a score test, t of Welch's.
        confidence: Of every interval, a fraction in (0, 1).
        method: Name of the method, a key of its family's `METHODS`.
    """

    control: Estimate
    treatment: Estimate
    absolute: Estimate
    relative: RelativeLift
    p_value: float
    statistic: float
    confidence: float
    method: str

    def __post_init__(self) -> None:
        check_confidence(self.confidence)
        _check_finite(self.statistic)
        if not 0 <= self.p_value <= 1:
            raise ValueError(f"the p-value is {self.p_value}, expected a fraction in [0, 1]")

    @property
    def significant(self) -> bool:
        """Whether a difference is shown at this confidence."""
        return self.p_value < 1 - self.confidence


def settle(interval: Interval, *, significant: bool) -> Interval:
    """Move a side across 0 by the rounding that separates it from the verdict.

    A p-value and a side are computed by different floating-point steps. Within a
    rounding of the threshold they can disagree; the p-value decides.

    Examples:
        >>> settle(Interval(-1e-17, 0.2), significant=True)
        Interval(lower=5e-324, upper=0.2)
        >>> settle(Interval(1e-17, 0.2), significant=False)
        Interval(lower=0.0, upper=0.2)
    """
    lower, upper = interval.lower, interval.upper
    if significant != interval.contains(0.0):
        return interval
    nearer_is_lower = upper is None or (lower is not None and abs(lower) < abs(upper))
    if nearer_is_lower:
        return Interval(math.ulp(0.0) if significant else 0.0, upper)
    return Interval(lower, -math.ulp(0.0) if significant else 0.0)


def _check_finite(*values: float | None) -> None:
    for value in values:
        if value is not None and not math.isfinite(value):
            raise ValueError(f"a value is {value}, expected a finite number or None")
