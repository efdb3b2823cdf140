"""One fit of a past: regression with errors that linger, and what it says of the future."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.regression.linear_model import GLSAR

Floats = npt.NDArray[np.float64]
ROUNDS = 6
_MOST_RHO = 0.95


@dataclass(frozen=True)
class Method:
    """Which parts a fit has, and the scale it works on."""

    trend: bool
    scale: str

    def to(self, values: Floats) -> Floats:
        """Values on the scale of the fit."""
        if self.scale == "log":
            return np.log(values)
        return np.log(values / (1 - values)) if self.scale == "logit" else values

    def back(self, values: Floats) -> Floats:
        """Values in the KPI's unit."""
        if self.scale == "log":
            return np.exp(values)
        return 1 / (1 + np.exp(-values)) if self.scale == "logit" else values


@dataclass(frozen=True)
class Ahead:
    """What a fit says of the periods to come, on its scale: the middle and the spread."""

    middle: Floats
    spread: Floats
    covariance: Floats


def columns(frame: pd.DataFrame, method: Method) -> list[str]:
    """The regressors that vary in this past."""
    known = frame[frame.value.notna()]
    names = [name for name in frame.columns if name not in {"value", "at"}]
    kept = [name for name in names if known[name].nunique() > 1]
    return ["at", *kept] if method.trend else kept


def design_of(frame: pd.DataFrame, names: Sequence[str], last: float) -> Floats:
    """A row of regressors for each period, time counted from the last one known."""
    matrix = frame[list(names)].to_numpy(dtype=float).copy()
    if "at" in names:
        matrix[:, list(names).index("at")] -= last
    return np.column_stack([np.ones(len(frame)), matrix])


def look_ahead(past: pd.DataFrame, coming: pd.DataFrame, method: Method) -> Ahead:
    """Fit the past, and look ahead."""
    known = past[past.value.notna()]
    names, last = columns(past, method), float(past["at"].iloc[-1])
    y = method.to(known.value.to_numpy(dtype=float))
    model = GLSAR(y, design_of(known, names, last), rho=1)
    fit = model.iterative_fit(maxiter=ROUNDS)
    rho = float(np.clip(np.asarray(model.rho).ravel()[0], -_MOST_RHO, _MOST_RHO))
    left = y - np.asarray(design_of(known, names, last) @ fit.params)
    return _from_the_end(fit, rho, left, design_of(coming, names, last))


def _from_the_end(fit: Any, rho: float, left: Floats, design: Floats) -> Ahead:
    """The line and what is left of the last error; errors to come, and those of coefficients."""
    steps = np.arange(1, len(design) + 1)
    middle = design @ np.asarray(fit.params) + left[-1] * rho**steps
    lingering = rho ** np.abs(steps[:, None] - steps[None, :])
    until = np.minimum(steps[:, None], steps[None, :])
    errors = lingering * (1 - rho ** (2 * until)) / (1 - rho**2)
    covariance = design @ np.asarray(fit.cov_params()) @ design.T + fit.scale * errors
    return Ahead(middle, np.sqrt(np.diag(covariance)), covariance)
