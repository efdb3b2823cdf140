"""Whether two KPIs move together over time, and which one first: correlation, never a cause.

Two series that both grow correlate whatever they are. So both are differenced first, of days
the usual step of the weekday is taken off, and the filter that leaves nothing predictable in
the first is applied to both (Box, Jenkins and Reinsel 2008, "Time Series Analysis", 12.1:
prewhitening by an autoregression, its order by AIC). What is left is correlated at each lag,
with Fisher's interval; since many lags are looked at, p-values are multiplied by their number
(Bonferroni).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm
from statsmodels.tsa.ar_model import ar_select_order

from experiments.kpis.checks import check_whole
from experiments.tracking.correlations import (
    FEWEST_PAIRS,
    MOST_LAGS,
    NO_VARIATION,
    TOO_FEW,
    Correlation,
    LagCorrelation,
)

Floats = npt.NDArray[np.float64]
Points = Sequence[tuple[date, Decimal]]
_EVERY = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS"}
_LONGEST_MEMORY = 7
_NOTHING = 1e-12
_CONFIDENCE = 0.95


def correlate(first: Points, second: Points, period: str, lags: int) -> Correlation:
    """Correlate two series at lags from ``-lags`` to ``lags``.

    Args:
        first: First days of complete periods with their values; gaps may be among them.
        second: Likewise; at lag 3 it is looked at three periods later than the first.
        period: Of both.
        lags: The largest lag.

    Raises:
        Invalid: If there are too many lags.
    """
    check_whole(lags, 0, MOST_LAGS, "lags")
    both = _steps(_both(first, second, period), period)
    pairs = len(both.dropna())
    if pairs < FEWEST_PAIRS:
        return Correlation(period, pairs, 0, (), TOO_FEW)
    if (both.dropna().std() < _NOTHING).any():
        return Correlation(period, pairs, 0, (), NO_VARIATION)
    order, whitened = _whitened(both)
    asked = range(-lags, lags + 1)
    found = tuple(_at(whitened, lag, len(asked)) for lag in asked)
    known = any(each.correlation is not None for each in found)
    return Correlation(period, pairs, order, found if known else (), None if known else TOO_FEW)


def _both(first: Points, second: Points, period: str) -> pd.DataFrame:
    """Both on one calendar: a period without a value is a gap, and not skipped."""
    columns = {
        name: pd.Series(
            [float(value) for _, value in points],
            index=pd.DatetimeIndex([pd.Timestamp(day) for day, _ in points]),
            dtype=float,
        )
        for name, points in (("first", first), ("second", second))
    }
    frame = pd.DataFrame(columns)
    return frame if frame.empty else frame.asfreq(_EVERY[period])


def _steps(both: pd.DataFrame, period: str) -> pd.DataFrame:
    """From each period to the next; of days without the usual step of the weekday."""
    steps = both.diff()
    if period != "day" or both.empty:
        return steps
    weekday = pd.DatetimeIndex(steps.index).day_of_week
    usual: pd.DataFrame = steps.groupby(weekday).transform("mean")
    return steps - usual


def _whitened(both: pd.DataFrame) -> tuple[int, pd.DataFrame]:
    """Both through the filter of the first."""
    whole = both["first"].dropna().to_numpy()
    most = min(_LONGEST_MEMORY, len(whole) // 10)
    if most == 0:
        return 0, both
    chosen = ar_select_order(whole, maxlag=most, ic="aic", trend="c")
    order = max(chosen.ar_lags or [0])
    if order == 0:
        return 0, both
    weights = chosen.model.fit().params[1:]
    left = both.copy()
    for lag, weight in zip(chosen.ar_lags, weights, strict=True):
        left = left - weight * both.shift(lag)
    return order, left


def _at(whitened: pd.DataFrame, lag: int, looked_at: int) -> LagCorrelation:
    pairs = pd.DataFrame(
        {"first": whitened["first"], "second": whitened["second"].shift(-lag)}
    ).dropna()
    count = len(pairs)
    if count < FEWEST_PAIRS or (pairs.std() == 0).any():
        return LagCorrelation(lag, count, None, None, None, None)
    found = float(np.clip(pairs["first"].corr(pairs["second"]), -1, 1))
    width = 1 / np.sqrt(count - 3)
    middle = np.arctanh(np.clip(found, -0.999999, 0.999999))
    reach = norm.ppf((1 + _CONFIDENCE) / 2) * width
    p_value = float(2 * norm.sf(abs(middle) / width))
    ends = (float(np.tanh(middle - reach)), float(np.tanh(middle + reach)))
    return LagCorrelation(lag, count, found, ends, p_value, min(1.0, p_value * looked_at))
