"""How long a test takes to fill."""

from math import ceil

DAYS_OF_WEEK = 7


def enrolment_days(units: float, eligible_per_day: float) -> int:
    """Compute the days until enough units have entered, rounded up.

    Args:
        units: To assign in all.
        eligible_per_day: Units that enter the test each day.

    Returns:
        Days, at least 1; the KPI's window comes on top.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> enrolment_days(2 * 3840.847, eligible_per_day=1200)
        7
    """
    if not (units > 0 and eligible_per_day > 0):
        raise ValueError(f"{units} units at {eligible_per_day} a day, expected both above 0")
    return ceil(units / eligible_per_day)


def planned_days(units: float, eligible_per_day: float | None) -> int | None:
    """Plan the days of a test, in whole weeks, so that each weekday counts alike.

    Args:
        units: To assign in all.
        eligible_per_day: Units that a trigger lets in each day; None if the whole list enters at
            once, as in one blast.

    Returns:
        Days, a multiple of 7; None for one blast, which has no days to fill.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> planned_days(2 * 3841, eligible_per_day=900)
        14
        >>> planned_days(2 * 3841, eligible_per_day=None) is None
        True
    """
    if eligible_per_day is None:
        return None
    return DAYS_OF_WEEK * ceil(enrolment_days(units, eligible_per_day) / DAYS_OF_WEEK)
