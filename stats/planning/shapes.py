"""The shapes of campaigns, as far as they decide the size of a test.

A list is finite, but no finite population correction applies. That correction is for a sample that
describes the list it was drawn from; a test asks what would have happened to the same customers in
the other variant, which nobody sees even when everybody is in the test. Neyman (1923), translated
by Dabrowska and Speed (1990), Statistical Science 5, 465-472: over all ways to split N units, the
variance of the difference is s_c^2/n_c + s_t^2/n_t - S^2/N, where S is the standard deviation of
the effects of single units. That last term cannot be estimated and is 0 where the effect is the
same for all, so leaving it out is safe. What a finite list does is to end: all of it is the most.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from stats.planning.duration import planned_days
from stats.planning.rules import USUAL_RULES, Rules
from stats.sequential.bounds import equally_spaced

USUAL_LOOKS = 4


class Shape(Protocol):
    """How customers come into a test."""

    @property
    def list_size(self) -> int | None:
        """Customers there are; None if they keep coming."""

    @property
    def may_look(self) -> bool:
        """Whether results come in over time, so that there is something to look at."""

    def days(self, units: float) -> int | None:
        """Give the days from the first assignment to the last; None if all enter at once."""


@dataclass(frozen=True)
class OneBlast:
    """The whole list at once: one analysis, when the window has closed.

    Attributes:
        list_size: Customers there are, above 0.
    """

    list_size: int
    may_look: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _check_positive("list", self.list_size)

    def days(self, units: float) -> int | None:
        """Give None: all enter at once."""
        return planned_days(units, None)


@dataclass(frozen=True)
class TestThenRest:
    """A share of the list tests, then the winner goes to the rest.

    Attributes:
        list_size: Customers there are, above 0.
        prior_sd: Standard deviation of the variants' true values in tests of this kind, in the
            KPI's unit of measure; None for a tenth of the baseline.
    """

    list_size: int
    prior_sd: float | None = None
    may_look: ClassVar[bool] = False
    __test__: ClassVar[bool] = False  # by its name a runner would take it for a test

    def __post_init__(self) -> None:
        _check_positive("list", self.list_size)
        if self.prior_sd is not None:
            _check_positive("prior standard deviation", self.prior_sd)

    def days(self, units: float) -> int | None:
        """Give None: all of the test enter at once."""
        return planned_days(units, None)


@dataclass(frozen=True)
class Triggered:
    """Customers enter day by day: planned looks, whole weeks.

    Attributes:
        eligible_per_day: Customers that enter the test each day, above 0.
    """

    eligible_per_day: float
    list_size: ClassVar[None] = None
    may_look: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _check_positive("number of customers a day", self.eligible_per_day)

    def days(self, units: float) -> int | None:
        """Give the days until so many have entered, in whole weeks."""
        return planned_days(units, self.eligible_per_day)


@dataclass(frozen=True)
class Recurring:
    """Several sends to the same list.

    Where all sends count, the baseline is a rate per send (`RatioBaseline.of_sends`); where the
    first does, it is that of one blast.

    Attributes:
        list_size: Customers there are, above 0.
        sends: That count, to each customer, 1 or more.
        days_between: From one send to the next, above 0.
    """

    list_size: int
    sends: int
    days_between: int

    def __post_init__(self) -> None:
        _check_positive("list", self.list_size)
        _check_positive("number of sends", self.sends)
        _check_positive("number of days between sends", self.days_between)

    @property
    def may_look(self) -> bool:
        """Whether there is a send before the last one."""
        return self.sends > 1

    def days(self, units: float) -> int | None:
        """Give the days from the first send to the last; None for a single one."""
        del units
        return (self.sends - 1) * self.days_between or None

    def looks(self, correlation: float) -> tuple[float, ...]:
        """Give the fractions of information after each send.

        The mean of k sends has the variance (1 + (k - 1) correlation) / k of one, if any two
        sends to a customer are alike, and later means add independent information.

        Args:
            correlation: Of the outcomes of two sends to one customer, in [0, 1).

        Raises:
            ValueError: If it is out of range.

        Examples:
            >>> [round(look, 3) for look in Recurring(10_000, 3, 7).looks(correlation=0.2)]
            [0.467, 0.778, 1.0]
        """
        if not 0 <= correlation < 1:
            raise ValueError(f"the correlation is {correlation}, expected a fraction in [0, 1)")
        variances = [(1 + (k - 1) * correlation) / k for k in range(1, self.sends + 1)]
        return tuple(variances[-1] / variance for variance in variances)


SHAPES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "one_blast": OneBlast,
        "test_then_rest": TestThenRest,
        "triggered": Triggered,
        "recurring": Recurring,
    }
)
"""The shapes that can be planned for, by name."""


def usual_rules(shape: Shape) -> Rules:
    """Give the rules that a test of this shape has unless told otherwise.

    Examples:
        >>> usual_rules(Triggered(500)).looks, usual_rules(OneBlast(5000)).looks
        ((0.25, 0.5, 0.75, 1.0), (1.0,))
    """
    return Rules(looks=equally_spaced(USUAL_LOOKS)) if isinstance(shape, Triggered) else USUAL_RULES


def _check_positive(name: str, value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise ValueError(f"the {name} is {value}, expected above 0")
