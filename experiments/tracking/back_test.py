"""How a method would have done in the past, from moments at which it knew nothing later."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from experiments.tracking.forecast import CONFIDENCE, BackTest
from experiments.tracking.regression import Floats, Method, look_ahead

MOST_ORIGINS = 8
WITHIN = 1.959964
_DAYS_OF_WEEK = 7
_LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Trials:
    """Errors of the past: of each origin, on the scale of the fit and of the KPI."""

    strays: tuple[Floats, ...]
    errors: Floats
    actual: Floats
    naive: Floats
    horizon: int

    @property
    def error(self) -> float:
        """Mean absolute error, in the KPI's unit."""
        return float(np.abs(self.errors).mean())

    @property
    def widening(self) -> float:
        """By how much ranges have to be wider than the fit thinks."""
        return _widening(self.strays)

    def told(self) -> BackTest:
        """What is shown of it."""
        inside = []
        for number, mine in enumerate(self.strays):
            others = self.strays[:number] + self.strays[number + 1 :]
            inside.append(mine <= WITHIN * _widening(others or (mine,)))
        mean = float(np.abs(self.actual).mean())
        return BackTest(
            origins=len(self.strays),
            horizon=self.horizon,
            points=len(self.errors),
            error=decimal(self.error),
            relative_error=decimal(self.error / mean) if mean else None,
            naive_error=decimal(float(np.abs(self.naive).mean())),
            coverage=decimal(float(np.concatenate(inside).mean())),
            confidence=decimal(CONFIDENCE),
        )


def _widening(strays: Sequence[Floats]) -> float:
    return max(1.0, float(np.quantile(np.concatenate(list(strays)), CONFIDENCE)) / WITHIN)


def tried(past: pd.DataFrame, method: Method, ahead: int) -> Trials:
    """Look ahead from moments of the past, knowing nothing later."""
    size = len(past)
    horizon = max(1, min(ahead, size // 4))
    first = max(int(size * _LEAST_SHARE), size - horizon * MOST_ORIGINS)
    origins = np.unique(np.linspace(first, size - horizon, MOST_ORIGINS).astype(int))
    strays, errors, actual, naive = [], [], [], []
    for origin in origins:
        coming = past[origin : origin + horizon]
        found = look_ahead(past[:origin], coming, method)
        came = coming.value.to_numpy(dtype=float)
        seen = ~np.isnan(came)
        if not seen.any():
            continue
        strays.append((np.abs(method.to(came) - found.middle) / found.spread)[seen])
        errors.append((came - method.back(found.middle))[seen])
        actual.append(came[seen])
        naive.append((came - _as_before(past, int(origin), horizon))[seen])
    return Trials(
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


def decimal(value: float) -> Decimal:
    """A number to nine digits."""
    return Decimal(f"{value:.9g}")
