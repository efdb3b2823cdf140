"""Forecasts: regression on trend, weekday, holidays and campaigns, with errors that linger.

The value (of positive values its logarithm, of shares its log odds) is a line plus a step for
each weekday, holiday and day of a campaign; what is left over fades from period to period
(an AR(1) error, fitted by generalised least squares: Cochrane and Orcutt 1949, JASA 44, 32-61).
Ranges have the uncertainty of the coefficients in them, and are widened until they would have
held in the past as often as they should (Vovk, Gammerman and Shafer 2005, "Algorithmic Learning
in a Random World", on the errors of rolling origins). Whether there is a trend at all, the
errors of the past decide.
"""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from experiments.tracking.back_test import WITHIN, decimal, tried
from experiments.tracking.forecast import FEWEST, Forecast, ForecastPoint, History, no_forecast
from experiments.tracking.periods import day_after
from experiments.tracking.regression import (
    Ahead,
    Floats,
    Method,
    columns,
    design_of,
    look_ahead,
)
from experiments.tracking.summed import added_up

_DAYS_OF_WEEK = 7
_LEAST_LEFT = 1e-6
# A trend has to be so much better than none.
_LEAST_GAIN = 0.97


def forecast(history: History, until: date, summed_by: str | None = None) -> Forecast:
    """Say what may come, up to the period that holds a day.

    Args:
        history: Complete periods.
        until: Local day.
        summed_by: Longer periods to add up to, of totals of days; None: none.

    Returns:
        The forecast, or a stated gap: never a number without a past to hold it against.
    """
    frame = _frame(history, until)
    known, ahead = (
        frame[frame.value.notna()],
        int(frame.value.isna().to_numpy()[::-1].cumprod().sum()),
    )
    needed = FEWEST[history.period]
    if len(history.values) < needed:
        return no_forecast(history, "too_little_history", needed)
    if ahead == 0:
        return no_forecast(history, "nothing_to_come")
    if ahead > len(history.values):
        return no_forecast(history, "too_far")
    if not _varies(known):
        return no_forecast(history, "does_not_vary")
    scale = _scale(known.value.to_numpy(dtype=float), share=history.share)
    learnt = len(frame) - ahead
    tests = {trend: tried(frame[:learnt], Method(trend, scale), ahead) for trend in (False, True)}
    trend = tests[True].error < _LEAST_GAIN * tests[False].error
    chosen, test = Method(trend, scale), tests[trend]
    found = look_ahead(frame[:learnt], frame[learnt:], chosen)
    days = list(frame.index[learnt:])
    return Forecast(
        history.period,
        _points(found, chosen, days, test.widening),
        _parts(frame[:learnt], chosen, history),
        len(history.values),
        test.told(),
        summed_by=summed_by,
        summed=()
        if summed_by is None
        else added_up(found, chosen, days, history, summed_by, test.widening),
    )


def _varies(known: pd.DataFrame) -> bool:
    """Whether anything is left that weekdays, holidays and a line do not say to the last digit."""
    y = known.value.to_numpy(dtype=float)
    if np.ptp(y) == 0:
        return False
    method = Method(trend=True, scale="plain")
    design = design_of(known, columns(known, method), float(known["at"].iloc[-1]))
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return bool(left.std() > _LEAST_LEFT * y.std())


def _frame(history: History, until: date) -> pd.DataFrame:
    """A row per period from the first known to the last wanted; value NaN where not known."""
    values = {day: float(value) for day, value in history.values}
    days, day = [], min(values, default=until)
    while day <= until or day in values:
        days.append(day)
        day = day_after(day, history.period)
    frame = pd.DataFrame(index=pd.Index(days, dtype=object))
    frame["value"] = [
        values.get(each, np.nan) if each not in history.outages else np.nan for each in days
    ]
    frame["at"] = np.arange(len(days), dtype=float)
    frame["holidays"] = [float(history.holidays.get(each, 0)) for each in days]
    frame["campaigns"] = [float(history.campaigns.get(each, 0)) for each in days]
    if history.period == "day":
        for number in range(1, _DAYS_OF_WEEK):
            frame[f"weekday{number}"] = [float(each.weekday() == number) for each in days]
    return frame


def _scale(values: Floats, *, share: bool) -> str:
    if share and ((values > 0) & (values < 1)).all():
        return "logit"
    return "log" if not share and (values > 0).all() else "plain"


def _points(
    found: Ahead, method: Method, days: Iterable[date], widening: float
) -> tuple[ForecastPoint, ...]:
    reach = WITHIN * widening * found.spread
    middle, lower, upper = (
        method.back(each) for each in (found.middle, found.middle - reach, found.middle + reach)
    )
    return tuple(
        ForecastPoint(day, *(decimal(float(each[number])) for each in (middle, lower, upper)))
        for number, day in enumerate(days)
    )


def _parts(past: pd.DataFrame, method: Method, history: History) -> tuple[str, ...]:
    names = columns(past, method)
    parts = ["trend" if method.trend else "level"]
    if any(name.startswith("weekday") for name in names):
        parts.append("weekday")
    parts += [name for name in ("holidays", "campaigns") if name in names]
    if history.outages & set(past.index):
        parts.append("outages_left_out")
    return (*parts, method.scale) if method.scale != "plain" else tuple(parts)
