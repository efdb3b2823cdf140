"""One fit of a past: regression with errors that linger, and simulated paths from its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.regression.linear_model import GLSAR

Floats = npt.NDArray[np.float64]
PATHS = 2_000
SEED = 20_250_101
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
    paths: Floats


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
    return _paths(fit, rho, left, design_of(coming, names, last))


def _paths(fit: Any, rho: float, left: Floats, design: Floats) -> Ahead:
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
    return Ahead(middle, paths.std(axis=0), paths)
