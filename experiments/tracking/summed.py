"""Forecasts of days or weeks added up to longer periods: of totals, such as a month's revenue."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from experiments.tracking.back_test import decimal
from experiments.tracking.forecast import CONFIDENCE, ForecastPoint, History
from experiments.tracking.periods import day_after, first_day
from experiments.tracking.regression import Ahead, Method

PATHS = 4_000
SEED = 20_250_101


def added_up(
    found: Ahead,
    method: Method,
    days: Sequence[date],
    history: History,
    period: str,
    widening: float,
) -> tuple[ForecastPoint, ...]:
    """The sums of whole longer periods, what is known of them already counted.

    Args:
        found: What a fit says of the periods to come.
        method: Of the fit.
        days: First days of these.
        history: What is known.
        period: Which periods to add up to.
        widening: By how much ranges are wider than the fit thinks.
    """
    rng = np.random.Generator(np.random.PCG64(SEED))
    spread = found.covariance * widening**2
    drawn = method.back(rng.multivariate_normal(found.middle, spread, size=PATHS, method="eigh"))
    known = dict(history.values)
    points = []
    for start in sorted({first_day(day, period) for day in days}):
        end = day_after(start, period)
        places = [place for place, day in enumerate(days) if start <= day < end]
        seen = [value for day, value in known.items() if start <= day < end]
        if not _whole(days[places[-1]], end, history.period):
            continue
        if len(seen) + len(places) < _parts(start, end, history.period):
            continue
        totals = drawn[:, places].sum(axis=1) + float(sum(seen))
        tail = (1 - CONFIDENCE) / 2
        lower, middle, upper = np.quantile(totals, [tail, 0.5, 1 - tail])
        points.append(
            ForecastPoint(
                start, decimal(float(middle)), decimal(float(lower)), decimal(float(upper))
            )
        )
    return tuple(points)


def _whole(last: date, end: date, period: str) -> bool:
    return day_after(last, period) >= end


def _parts(start: date, end: date, period: str) -> int:
    day, number = start, 0
    while day < end:
        day, number = day_after(day, period), number + 1
    return number
