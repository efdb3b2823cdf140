"""An exact unconditional test of two rates, for small counts.

Chan and Zhang (1999), "Test-based exact confidence intervals for the difference of two
binomial proportions", Biometrics 55, 1202-1209: the tables are ordered by the score
statistic of the stated contrast, and the p-value is the greatest probability, over all
rates that obey the contrast, of a table at least as extreme as the one observed. The
same test under every contrast, at half of alpha in each tail, gives the interval. For
the ratio the same is done with the ratio's statistic.

The rates searched are those the data do not rule out at `RULED_OUT`, which is added to
the p-value: Berger and Boos (1994), Journal of the American Statistical Association 89,
1012-1016. A p-value is therefore never below twice that.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import betaincc, betaincinv, gammaln, xlog1py, xlogy

from stats.score import Contrast, Difference, Floats, Tables

RULED_OUT = 1e-8

Bools = npt.NDArray[np.bool_]

_GRID = 32  # rates per variant: steps of about a third of a standard error
_REFINEMENTS = 2
_FINE_GRID = 9
_HOPELESS = 0.9  # of a threshold: looking closer adds less than a tenth
_MANY_COUNTS = 1500
_TIE = 1e-9  # statistics this close are one: they differ by rounding


def p_value(tables: Tables) -> float:
    """Give the two-sided p-value of equal rates: twice the smaller tail, at most 1."""
    equal = Difference(np.asarray(0.0))
    smaller = min(tail_above(tables, equal), tail_above(tables.swapped(), equal.reversed()))
    return min(1.0, 2 * smaller)


def first_not_above(
    tables: Tables, alpha: float, contrasts: Callable[[Floats], Contrast], at: Floats
) -> int:
    """Find the first contrast that the treatment is not shown to be above, at ``alpha``.

    Returns:
        Its index, or their number if the treatment is above all of them.
    """
    for index, value in enumerate(at):
        if _reaches(tables, contrasts(value), alpha):
            return index
    return at.size


def first_not_below(
    tables: Tables, alpha: float, contrasts: Callable[[Floats], Contrast], at: Floats
) -> int:
    """Find the first contrast that the treatment is not shown to be below, at ``alpha``."""
    return first_not_above(tables.swapped(), alpha, lambda v: contrasts(v).reversed(), at)


def tail_above(observed: Tables, contrast: Contrast) -> float:
    """Give the p-value of one contrast against a treatment above it.

    Args:
        observed: One table.
        contrast: The null hypothesis, of one value.

    Returns:
        The greatest probability of a statistic as high as the one observed, over the
        control's rates that are not ruled out, plus what ruling out costs.
    """
    rates = _control_rates(observed, contrast)
    if rates.size == 0:
        return RULED_OUT
    tail = _tail_of_region(observed, contrast, rates)
    return _refined(tail, rates, tail(rates))


def _reaches(observed: Tables, contrast: Contrast, alpha: float) -> bool:
    """Say whether `tail_above` is at least ``alpha``, often from the first grid alone."""
    rates = _control_rates(observed, contrast)
    if rates.size == 0:
        return alpha <= RULED_OUT
    tail = _tail_of_region(observed, contrast, rates)
    found = tail(rates)
    if not _HOPELESS * alpha < found.max() < alpha:
        return bool(found.max() >= alpha)
    return _refined(tail, rates, found) >= alpha


def _refined(tail: Callable[[Floats], Floats], rates: Floats, found: Floats) -> float:
    """Look closer around the rate with the greatest tail."""
    for _ in range(_REFINEMENTS):
        best = int(np.argmax(found))
        low, high = rates[max(best - 1, 0)], rates[min(best + 1, rates.size - 1)]
        rates = np.linspace(low, high, _FINE_GRID)
        found = tail(rates)
    return float(min(1.0, found.max() + RULED_OUT))


def _tail_of_region(
    observed: Tables, contrast: Contrast, rates: Floats
) -> Callable[[Floats], Floats]:
    """Fix which tables are as extreme as the observed one; give their probability.

    For every count of the variant with fewer likely counts, the extreme counts of the
    other lie on one side of an edge (Barnard's convexity), so that their probability is
    one value of the binomial distribution function.
    """
    n_c, n_t = observed.control_units, observed.treatment_units
    x_c = _likely_counts(n_c, rates)
    x_t = _likely_counts(n_t, contrast.treatment_rate(rates))
    reached = float(contrast.statistic(observed))
    least = reached - _TIE * max(1.0, abs(reached))

    def extreme(control: Floats, treatment: Floats) -> Bools:
        return contrast.statistic(Tables(n_c, control, n_t, treatment)) >= least

    def treatment_rates(control_rates: Floats) -> Floats:
        return np.clip(contrast.treatment_rate(control_rates), 0.0, 1.0)

    if x_c.size >= x_t.size:
        most = _last(lambda edge: extreme(edge, x_t), x_c[0], x_c[-1], x_t.size)
        return lambda p: np.asarray(
            (_probabilities(x_t, n_t, treatment_rates(p)) * _at_most(most, n_c, p)).sum(axis=1)
        )
    fewest = -_last(lambda edge: extreme(x_c, -edge), -x_t[-1], -x_t[0], x_c.size)
    return lambda p: np.asarray(
        (_probabilities(x_c, n_c, p) * (1.0 - _at_most(fewest - 1, n_t, treatment_rates(p)))).sum(
            axis=1
        )
    )


def _last(holds: Callable[[Floats], Bools], first: float, last: float, size: int) -> Floats:
    """Find, for each of ``size`` rows, the last count at which a condition still holds.

    Returns:
        ``first - 1`` where it never does.
    """
    low, high = np.full(size, first - 1), np.full(size, last)
    while (low < high).any():
        middle = np.ceil((low + high) / 2)
        held = holds(np.maximum(middle, first))
        low, high = np.where(held, middle, low), np.where(held, high, middle - 1)
    return low


def _control_rates(observed: Tables, contrast: Contrast) -> Floats:
    """Spread the control's rates that are not ruled out, evenly in both arcsine scales."""
    c_low, c_high = _not_ruled_out(observed.control_successes, observed.control_units)
    t_low, t_high = _not_ruled_out(observed.treatment_successes, observed.treatment_units)
    ends = np.clip(contrast.control_rate(np.array([t_low, t_high])), c_low, c_high)
    if not _agree(ends, contrast, (t_low, t_high)):
        return np.empty(0)
    own = _evenly(ends)
    others = contrast.control_rate(_evenly(np.clip(contrast.treatment_rate(ends), 0.0, 1.0)))
    return np.unique(np.clip(np.concatenate([own, others]), *ends))


def _evenly(ends: Floats) -> Floats:
    """Spread rates so that neighbours are equally many standard errors apart."""
    low, high = np.arcsin(np.sqrt(ends))
    return np.asarray(np.sin(np.linspace(float(low), float(high), _GRID)) ** 2)


def _agree(ends: Floats, contrast: Contrast, treatment: tuple[float, float]) -> bool:
    """Say whether any control rate within the ends gives a treatment rate within its own."""
    low, high = contrast.treatment_rate(ends)
    slack = 1e-12
    return bool(low <= treatment[1] + slack and high >= treatment[0] - slack)


def _not_ruled_out(successes: Floats, units: int) -> tuple[float, float]:
    """Give Clopper and Pearson's limits of one rate, at half of what may be ruled out."""
    x, alpha = float(successes), RULED_OUT / 2
    lower = float(betaincinv(x, units - x + 1, alpha / 2)) if x > 0 else 0.0
    upper = float(betaincinv(x + 1, units - x, 1 - alpha / 2)) if x < units else 1.0
    return lower, upper


def _likely_counts(units: int, rates: Floats) -> Floats:
    """List the counts outside which less than 1e-12 lies, under any of the rates."""
    low, high = float(np.min(rates)), float(np.max(rates))
    least = units * low - 7.5 * (units * low * (1 - low)) ** 0.5 - 16
    most = units * high + 7.5 * (units * high * (1 - high)) ** 0.5 + 16
    return np.arange(max(0.0, np.floor(least)), min(float(units), np.ceil(most)) + 1)


def _probabilities(counts: Floats, units: int, rates: Floats) -> Floats:
    """Give the binomial probability of each count (column) under each rate (row)."""
    ways = gammaln(units + 1) - gammaln(counts + 1) - gammaln(units - counts + 1)
    p = rates[:, None]
    return np.asarray(np.exp(ways + xlogy(counts, p) + xlog1py(units - counts, -p)))


def _at_most(counts: Floats, units: int, rates: Floats) -> Floats:
    """Give the probability of at most each count (column) under each rate (row)."""
    inner = np.clip(counts, 0, units)
    first, last = float(inner.min()), float(inner.max())
    if last - first > _MANY_COUNTS:
        some = _at_most_each(inner, units, rates)
    else:
        # Adding up single counts is several times as fast.
        single = _probabilities(np.arange(first + 1, last + 1), units, rates)
        base = _at_most_each(np.array([first]), units, rates)
        steps = np.concatenate([base, single], axis=1).cumsum(axis=1)
        some = steps[:, (inner - first).astype(int)]
    return np.where(counts < 0, 0.0, np.minimum(some, 1.0))


def _at_most_each(counts: Floats, units: int, rates: Floats) -> Floats:
    """Give the same by the incomplete beta function; of counts from 0 to all."""
    inner = np.minimum(counts, units - 1)
    return np.where(counts < units, betaincc(inner + 1, units - inner, rates[:, None]), 1.0)
