"""Comparing retention and churn, with units left out whose window has not closed.

D+7 retention asks who came back in the eighth day after the anchor. Of a unit anchored
three days ago nobody knows yet. It is left out, in every variant by the same rule, whether
or not it has come back already: counting those that came back early would count early
birds only. Churn is the complement.

Units of variants that are filled at the same pace are immature in equal shares. If the
shares differ by more than chance explains (p < .001, as for a broken split), the variants
hold units of different days, and what looks like retention may be the calendar: then the
comparison is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stats.checks import check_confidence, check_units
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.proportions import compare_proportions
from stats.samples import BinomialSample, pool

UnitsByAge = Mapping[int, BinomialSample]

ALARM = 0.001


@dataclass(frozen=True)
class Cohort:
    """The units of a variant, those that count and those that do not yet.

    Attributes:
        mature: Units whose window has closed, and those of them that were retained.
        immature: Units left out: their window is still open.
    """

    mature: BinomialSample
    immature: int

    @property
    def left_out(self) -> BinomialSample:
        """All units, and those left out."""
        return BinomialSample(self.mature.units + self.immature, self.immature)


@dataclass(frozen=True)
class RetentionComparison:
    """Two variants' retention or churn.

    Attributes:
        lift: Of the mature units.
        control: Who counted in the control; always in terms of retention.
        treatment: Who counted in the treatment.
        balance: Comparison of the shares left out; None if nobody was.
    """

    lift: Lift
    control: Cohort
    treatment: Cohort
    balance: Lift | None


def compare_retention(
    control: UnitsByAge, treatment: UnitsByAge, *, window_days: int, confidence: float = 0.95
) -> RetentionComparison:
    """Compare the treatment's retention with the control's.

    Args:
        control: Units and retained units of the control, by whole days since the anchor.
        treatment: The same of the treatment.
        window_days: Whole days after the anchor at which the window has closed: 8 for
            D+7, whose window is the day that follows seven full days.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The comparison of the rates of those whose window has closed, and who was left out.

    Raises:
        NotEnoughData: If a variant has no units, none whose window has closed, or the
            shares left out differ by more than chance explains.
        ValueError: If an age is negative, or ``window_days`` or ``confidence`` out of range.

    Examples:
        >>> control = {3: BinomialSample(500, 20), 9: BinomialSample(1000, 200)}
        >>> treatment = {3: BinomialSample(500, 45), 9: BinomialSample(1000, 250)}
        >>> found = compare_retention(control, treatment, window_days=8)
        >>> found.lift.treatment.value, found.treatment.immature, round(found.lift.p_value, 4)
        (0.25, 500, 0.0074)
    """
    return _compare(control, treatment, window_days, confidence, lambda retained: retained)


def compare_churn(
    control: UnitsByAge, treatment: UnitsByAge, *, window_days: int, confidence: float = 0.95
) -> RetentionComparison:
    """Compare the treatment's churn with the control's: the units that were not retained.

    Arguments, answer and refusals are those of `compare_retention`; the lift is of churn,
    so its sign is the other one and its relative lift another number.

    Examples:
        >>> control, treatment = {9: BinomialSample(1000, 200)}, {9: BinomialSample(1000, 250)}
        >>> lift = compare_churn(control, treatment, window_days=8).lift
        >>> lift.control.value, lift.treatment.value, round(lift.relative.value, 4)
        (0.8, 0.75, -0.0625)
    """
    return _compare(control, treatment, window_days, confidence, complement)


METHODS: dict[str, Callable[..., RetentionComparison]] = {
    "retention": compare_retention,
    "churn": compare_churn,
}


def complement(sample: BinomialSample) -> BinomialSample:
    """Give the sample of the units without the outcome.

    Examples:
        >>> complement(BinomialSample(units=10, successes=3))
        BinomialSample(units=10, successes=7)
    """
    return BinomialSample(sample.units, sample.failures)


def matured(units: UnitsByAge, window_days: int) -> Cohort:
    """Leave out the units whose window has not closed.

    Args:
        units: Units and retained units by whole days since the anchor.
        window_days: Days after the anchor at which the window has closed, 1 or more.

    Raises:
        ValueError: If an age is negative or ``window_days`` below 1, or not an integer.

    Examples:
        >>> matured({7: BinomialSample(30, 9), 8: BinomialSample(50, 20)}, window_days=8)
        Cohort(mature=BinomialSample(units=50, successes=20), immature=30)
    """
    for name, days, least in (("window_days", window_days, 1), *(("age", d, 0) for d in units)):
        if type(days) is not int or days < least:
            raise ValueError(f"{name} is {days!r}, expected an int of {least} or more")
    nobody = BinomialSample(0, 0)
    closed = [sample for age, sample in units.items() if age >= window_days]
    still_open = [sample.units for age, sample in units.items() if age < window_days]
    return Cohort(pool([nobody, *closed]), sum(still_open))


def _compare(
    control: UnitsByAge,
    treatment: UnitsByAge,
    window_days: int,
    confidence: float,
    outcome: Callable[[BinomialSample], BinomialSample],
) -> RetentionComparison:
    check_confidence(confidence)
    c, t = matured(control, window_days), matured(treatment, window_days)
    check_units(c.left_out, t.left_out)
    for name, cohort in (("control", c), ("treatment", t)):
        if cohort.mature.units == 0:
            raise NotEnoughData(f"no unit of the {name} has its full {window_days} days yet")
    balance = _check_balance(c, t)
    lift = compare_proportions(outcome(c.mature), outcome(t.mature), confidence=confidence)
    return RetentionComparison(lift, c, t, balance)


def _check_balance(control: Cohort, treatment: Cohort) -> Lift | None:
    if control.immature + treatment.immature == 0:
        return None
    balance = compare_proportions(control.left_out, treatment.left_out)
    if balance.p_value < ALARM:
        raise NotEnoughData(
            f"{balance.control.value:.1%} of the control and {balance.treatment.value:.1%} of "
            "the treatment are not mature: the variants hold units of different days, so "
            "compare them by day or phase of allocation"
        )
    return balance
