"""Forecasts: regression on trend, weekday, holidays and campaigns, with errors that linger.

The value (of positive values its logarithm, of shares its log odds) is a line plus a step for
each weekday, holiday and day of a campaign; what is left over fades from period to period
(an AR(1) error, fitted by generalised least squares: Cochrane and Orcutt 1949, JASA 44, 32-61).
Ranges are quantiles of simulated paths, with the uncertainty of the coefficients in them, and
are widened until they would have held in the past as often as they should (Vovk, Gammerman and
Shafer 2005, "Algorithmic Learning in a Random World", on residuals of rolling origins). Whether
there is a trend at all, the errors of the past decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.regression.linear_model import GLSAR

from experiments.tracking.forecast import (
    CONFIDENCE,
    FEWEST,
    BackTest,
    Forecast,
    ForecastPoint,
    History,
    no_forecast,
)
from experiments.tracking.periods import day_after

Floats = npt.NDArray[np.float64]
PATHS = 2_000
SEED = 20_250_101
MOST_ORIGINS = 8
ROUNDS = 6
_Z = 1.959964
_DAYS_OF_WEEK = 7
_LEAST_SHARE = 0.5
_LEAST_LEFT = 1e-6


@dataclass(frozen=True)
class _Method:
    """Which parts a fit has, and the scale it works on."""

    trend: bool
    scale: str

    def to(self, values: Floats) -> Floats:
        if self.scale == "log":
            return np.log(values)
        return np.log(values / (1 - values)) if self.scale == "logit" else values

    def back(self, values: Floats) -> Floats:
        if self.scale == "log":
            return np.exp(values)
        return 1 / (1 + np.exp(-values)) if self.scale == "logit" else values


@dataclass(frozen=True)
class _Ahead:
    """What a fit says of the periods to come, on its scale: the middle and the spread."""

    middle: Floats
    spread: Floats
    paths: Floats


def forecast(history: History, until: date) -> Forecast:
    """Say what may come, up to the period that holds a day.

    Args:
        history: Complete periods.
        until: Local day.

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
    tests = {
        trend: _tested(frame[:learnt], _Method(trend, scale), ahead) for trend in (False, True)
    }
    trend = tests[True].error < _LEAST_GAIN * tests[False].error
    chosen, test = _Method(trend, scale), tests[trend]
    found = _ahead(frame[:learnt], frame[learnt:], chosen)
    return Forecast(
        history.period,
        _points(found, chosen, frame.index[learnt:], test.widening),
        _parts(frame[:learnt], chosen, history),
        len(history.values),
        test.told(),
    )


_LEAST_GAIN = 0.97


def _varies(known: pd.DataFrame) -> bool:
    """Whether anything is left that weekdays, holidays and a line do not say to the last digit."""
    y = known.value.to_numpy(dtype=float)
    if np.ptp(y) == 0:
        return False
    method = _Method(trend=True, scale="plain")
    design = _design(known, _columns(known, method), float(known["at"].iloc[-1]))
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


def _columns(frame: pd.DataFrame, method: _Method) -> list[str]:
    """The regressors that vary in this past."""
    known = frame[frame.value.notna()]
    names = [name for name in frame.columns if name not in {"value", "at"}]
    kept = [name for name in names if known[name].nunique() > 1]
    return ["at", *kept] if method.trend else kept


def _design(frame: pd.DataFrame, names: Sequence[str], last: float) -> Floats:
    matrix = frame[list(names)].to_numpy(dtype=float).copy()
    if "at" in names:
        matrix[:, list(names).index("at")] -= last
    return np.column_stack([np.ones(len(frame)), matrix])


def _ahead(past: pd.DataFrame, coming: pd.DataFrame, method: _Method) -> _Ahead:
    """Fit the past, and look ahead."""
    known = past[past.value.notna()]
    names, last = _columns(past, method), float(past["at"].iloc[-1])
    y = method.to(known.value.to_numpy(dtype=float))
    model = GLSAR(y, _design(known, names, last), rho=1)
    fit = model.iterative_fit(maxiter=ROUNDS)
    rho = float(np.clip(np.asarray(model.rho).ravel()[0], -0.95, 0.95))
    left = y - np.asarray(_design(known, names, last) @ fit.params)
    return _paths(fit, rho, left, _design(coming, names, last))


def _paths(fit: Any, rho: float, left: Floats, design: Floats) -> _Ahead:
    rng = np.random.Generator(np.random.PCG64(SEED))
    steps, sigma = len(design), float(np.sqrt(fit.scale))
    drawn = rng.multivariate_normal(
        np.asarray(fit.params), np.asarray(fit.cov_params()), size=PATHS, method="eigh"
    )
    noise = rng.normal(0.0, sigma, size=(PATHS, steps))
    errors = np.empty((PATHS, steps))
    before = np.full(PATHS, left[-1])
    for step in range(steps):
        before = rho * before + noise[:, step]
        errors[:, step] = before
    fading = left[-1] * rho ** np.arange(1, steps + 1)
    middle = design @ np.asarray(fit.params) + fading
    paths = drawn @ design.T + errors
    return _Ahead(middle, paths.std(axis=0), paths)


@dataclass(frozen=True)
class _Tested:
    """Errors of the past: of each origin, on the scale of the fit and of the KPI."""

    strays: tuple[Floats, ...]
    errors: Floats
    actual: Floats
    naive: Floats
    horizon: int

    @property
    def error(self) -> float:
        return float(np.abs(self.errors).mean())

    @property
    def widening(self) -> float:
        """By how much ranges have to be wider than the fit thinks."""
        return _widening(self.strays)

    def told(self) -> BackTest:
        inside = []
        for number, mine in enumerate(self.strays):
            others = self.strays[:number] + self.strays[number + 1 :]
            inside.append(mine <= _Z * _widening(others or (mine,)))
        mean = float(np.abs(self.actual).mean())
        return BackTest(
            origins=len(self.strays),
            horizon=self.horizon,
            points=len(self.errors),
            error=_decimal(self.error),
            relative_error=_decimal(self.error / mean) if mean else None,
            naive_error=_decimal(float(np.abs(self.naive).mean())),
            coverage=_decimal(float(np.concatenate(inside).mean())),
            confidence=_decimal(CONFIDENCE),
        )


def _widening(strays: Sequence[Floats]) -> float:
    return max(1.0, float(np.quantile(np.concatenate(list(strays)), CONFIDENCE)) / _Z)


def _tested(past: pd.DataFrame, method: _Method, ahead: int) -> _Tested:
    """Look ahead from moments of the past, knowing nothing later."""
    size = len(past)
    horizon = max(1, min(ahead, size // 4))
    first = max(int(size * _LEAST_SHARE), size - horizon * MOST_ORIGINS)
    origins = np.unique(np.linspace(first, size - horizon, MOST_ORIGINS).astype(int))
    strays, errors, actual, naive = [], [], [], []
    for origin in origins:
        coming = past[origin : origin + horizon]
        found = _ahead(past[:origin], coming, method)
        came = coming.value.to_numpy(dtype=float)
        seen = ~np.isnan(came)
        if not seen.any():
            continue
        strays.append((np.abs(method.to(came) - found.middle) / found.spread)[seen])
        errors.append((came - method.back(found.middle))[seen])
        actual.append(came[seen])
        naive.append((came - _as_before(past, int(origin), horizon))[seen])
    return _Tested(
        tuple(strays),
        np.concatenate(errors),
        np.concatenate(actual),
        np.nan_to_num(np.concatenate(naive)),
        horizon,
    )


def _as_before(past: pd.DataFrame, origin: int, horizon: int) -> Floats:
    """As in the same period before, over and over."""
    season = _DAYS_OF_WEEK if "weekday1" in past.columns else 1
    values = past.value.ffill().to_numpy(dtype=float)
    return np.array([values[origin - season + step % season] for step in range(horizon)])


def _points(
    found: _Ahead, method: _Method, days: Sequence[date], widening: float
) -> tuple[ForecastPoint, ...]:
    reach = _Z * widening * found.spread
    middle, lower, upper = (
        method.back(each) for each in (found.middle, found.middle - reach, found.middle + reach)
    )
    return tuple(
        ForecastPoint(day, *(_decimal(float(each[number])) for each in (middle, lower, upper)))
        for number, day in enumerate(days)
    )


def _parts(past: pd.DataFrame, method: _Method, history: History) -> tuple[str, ...]:
    names = _columns(past, method)
    parts = ["trend" if method.trend else "level"]
    if any(name.startswith("weekday") for name in names):
        parts.append("weekday")
    parts += [name for name in ("holidays", "campaigns") if name in names]
    if history.outages & set(past.index):
        parts.append("outages_left_out")
    return (*parts, method.scale) if method.scale != "plain" else tuple(parts)


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.9g}")
