"""Many comparisons of two proportions in one call: the tests of a year, a simulation.

The methods are those of `stats.proportions`, and so are the answers, to the last digits of
a root; only the search for the sides of an interval runs over all tables at once. Tables
with an expected count below 5 go one by one through the exact test.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from stats.checks import check_confidence
from stats.errors import NotEnoughData
from stats.proportions import LEAST_EXPECTED, compare_exactly
from stats.samples import BinomialSample
from stats.score import Difference, Floats, Ratio, Tables

Counts = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_TOLERANCE = 1e-12
_FARTHEST = 1 - 1e-12  # of a difference, or of a ratio's place between -1 and 1


@dataclass(frozen=True)
class RateTables:
    """Counts of many tests of two variants; four arrays of one shape (tests,).

    Raises:
        NotEnoughData: If a variant of some test has no units.
        ValueError: If shapes differ, or some test has more successes than units.
    """

    control_units: Counts
    control_successes: Counts
    treatment_units: Counts
    treatment_successes: Counts

    def __post_init__(self) -> None:
        shapes = {counts.shape for counts in vars(self).values()}
        if len(shapes) != 1 or len(shapes.pop()) != 1:
            raise ValueError("counts of one shape were expected, one for each test")
        for units, successes in (
            (self.control_units, self.control_successes),
            (self.treatment_units, self.treatment_successes),
        ):
            if (units < 1).any():
                raise NotEnoughData("a variant has no units")
            if ((successes < 0) | (successes > units)).any():
                raise ValueError("successes were expected to be 0 to all units")

    @property
    def sparse(self) -> Bools:
        """Whether a count expected under equal rates is below 5."""
        successes = self.control_successes + self.treatment_successes
        units = self.control_units + self.treatment_units
        scarcer = np.minimum(successes, units - successes)
        fewer = np.minimum(self.control_units, self.treatment_units)
        return np.asarray(fewer * scarcer < LEAST_EXPECTED * units)

    def samples(self, test: int) -> tuple[BinomialSample, BinomialSample]:
        """Give control and treatment of one test."""
        return (
            BinomialSample(int(self.control_units[test]), int(self.control_successes[test])),
            BinomialSample(int(self.treatment_units[test]), int(self.treatment_successes[test])),
        )


@dataclass(frozen=True)
class ManyLifts:
    """The answers, one for each test: arrays of shape (tests,), intervals (tests, 2).

    Attributes:
        control, treatment: Observed rates.
        control_interval, treatment_interval: Wilson's.
        difference, interval: Treatment minus control.
        relative, relative_interval: The same as a share of the control's rate. Masked where
            there is none: `numpy.ma`, so that no number stands for "none".
        p_value: Two-sided, of equal rates.
        significant: Whether p < 1 - confidence.
        exact: Where the exact test decided.
    """

    control: Floats
    control_interval: Floats
    treatment: Floats
    treatment_interval: Floats
    difference: Floats
    interval: Floats
    relative: np.ma.MaskedArray[tuple[int], np.dtype[np.float64]]
    relative_interval: np.ma.MaskedArray[tuple[int, int], np.dtype[np.float64]]
    p_value: Floats
    significant: Bools
    exact: Bools


def compare_many_proportions(tables: RateTables, *, confidence: float = 0.95) -> ManyLifts:
    """Compare the treatment's rate with the control's in many tests at once.

    Args:
        tables: Counts.
        confidence: Of every interval, a fraction in (0, 1).

    Raises:
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> tables = RateTables(*np.array([[80, 5000], [48, 500], [70, 5000], [56, 560]]))
        >>> found = compare_many_proportions(tables)
        >>> found.interval.round(4).tolist()
        [[0.0528, 0.3382], [-0.0001, 0.0241]]
    """
    check_confidence(confidence)
    critical = float(ndtri((1 + confidence) / 2))
    counts = _tables(*(column.astype(float) for column in vars(tables).values()))
    z = _pooled_statistics(counts)
    p_value = 2 * ndtr(-np.abs(z))
    found = ManyLifts(
        control=counts.control_rate,
        control_interval=_wilson(counts, critical),
        treatment=counts.treatment_rate,
        treatment_interval=_wilson(counts.swapped(), critical),
        difference=counts.treatment_rate - counts.control_rate,
        interval=np.empty((z.size, 2)),
        relative=np.ma.MaskedArray(np.zeros(z.size), mask=True),
        relative_interval=np.ma.MaskedArray(np.zeros((z.size, 2)), mask=True),
        p_value=p_value,
        significant=p_value < 1 - confidence,
        exact=tables.sparse,
    )
    dense = ~tables.sparse
    if dense.any():
        _fill_by_score(found, _rows(counts, dense), dense, critical)
    for test in np.flatnonzero(tables.sparse):
        _fill_exactly(found, tables, int(test), confidence)
    return found


def _fill_by_score(found: ManyLifts, tables: Tables, where: Bools, critical: float) -> None:
    """Write the answers of the tables that the score test decides."""
    significant, difference = found.significant[where], found.difference[where]
    scarce = _with_scarce_successes(tables)
    found.interval[where] = _sides(_difference_statistic, scarce, difference, significant, critical)
    control, treatment = tables.control_rate, tables.treatment_rate
    informative = (tables.successes > 0) & (tables.successes < tables.units)
    # On the scale (r - 1) / (r + 1) every ratio lies between -1 and 1, and no lift at 0.
    place = (treatment - control) / np.where(informative, treatment + control, 1.0)
    sides = _sides(_ratio_statistic, tables, place, significant, critical)
    rows, some = np.flatnonzero(where)[informative], control[informative] > 0
    found.relative_interval[rows, 0] = _lift_at(sides[informative, 0])
    found.relative_interval[rows[some], 1] = _lift_at(sides[informative, 1][some])
    found.relative[rows[some]] = (treatment / np.where(control > 0, control, 1.0) - 1)[informative][
        some
    ]


def _fill_exactly(found: ManyLifts, tables: RateTables, test: int, confidence: float) -> None:
    """Write the answer of one sparse table."""
    lift = compare_exactly(*tables.samples(test), confidence)
    found.p_value[test], found.significant[test] = lift.p_value, lift.significant
    found.interval[test] = (lift.absolute.interval.lower, lift.absolute.interval.upper)
    if lift.relative.value is not None:
        found.relative[test] = lift.relative.value
    if lift.relative.interval is not None:
        for side, value in enumerate(vars(lift.relative.interval).values()):
            if value is not None:
                found.relative_interval[test, side] = value


def _difference_statistic(values: Floats, *columns: Floats) -> Floats:
    return Difference(values).statistic_near_zero(_tables(*columns))


def _ratio_statistic(values: Floats, *columns: Floats) -> Floats:
    return Ratio((1 + values) / (1 - values)).statistic(_tables(*columns))


def _sides(
    statistic: Callable[..., Floats],
    tables: Tables,
    observed: Floats,
    significant: Bools,
    critical: float,
) -> Floats:
    """Find both ends of the accepted contrasts, shape (tests, 2), at one with the verdict."""
    columns = tuple(np.broadcast_to(c, observed.shape) for c in vars(tables).values())
    lower = _root(statistic, columns, -_FARTHEST, observed, critical)
    upper = _root(statistic, columns, _FARTHEST, observed, -critical)
    # The verdict at 0 is the p-value's; roots beside it differ from it by their rounding.
    tiny = np.nextafter(0.0, 1.0)
    lower = np.where(significant & (observed > 0), np.maximum(lower, tiny), lower)
    upper = np.where(significant & (observed < 0), np.minimum(upper, -tiny), upper)
    lower = np.where(significant, lower, np.minimum(lower, 0.0))
    upper = np.where(significant, upper, np.maximum(upper, 0.0))
    return np.stack([lower, upper], axis=1)


def _root(
    statistic: Callable[..., Floats],
    columns: tuple[Floats, ...],
    far: float,
    observed: Floats,
    critical: float,
) -> Floats:
    """Find where the statistic is at the critical value, between ``far`` and the observed.

    Chandrupatla (1997), "A new hybrid quadratic/bisection algorithm", Advances in
    Engineering Software 28, 145-149, on all tables at once.
    """
    # Imported where it is needed: only batches use it.
    from scipy.optimize.elementwise import find_root  # noqa: PLC0415 - slow to import

    def excess(values: Floats, *rest: Floats) -> Floats:
        return statistic(values, *rest) - critical

    ends, inside = np.full(observed.shape, far), np.clip(observed, -_FARTHEST, _FARTHEST)
    crossed = np.sign(excess(ends, *columns)) != np.sign(excess(inside, *columns))
    sides = np.full(observed.shape, np.sign(far))
    if crossed.any():
        found = find_root(
            excess,
            (np.minimum(ends, inside)[crossed], np.maximum(ends, inside)[crossed]),
            args=tuple(column[crossed] for column in columns),
            tolerances={"xatol": _TOLERANCE, "xrtol": _TOLERANCE, "fatol": 0.0, "frtol": 0.0},
        )
        sides[crossed] = found.x
    return sides


def _tables(*columns: Floats) -> Tables:
    """Make tables that differ in their units too; the statistics work on these elementwise."""
    return Tables(*columns)  # type: ignore[arg-type] # arrays in place of one number


def _lift_at(values: Floats) -> Floats:
    return np.asarray(2 * values / (1 - values))


def _pooled_statistics(tables: Tables) -> Floats:
    """Standardise the differences under equal rates, as `stats.score.pooled_statistic` does."""
    excess = tables.treatment_rate - tables.control_rate
    rate = tables.successes / tables.units
    spread = rate * (1 - rate) * (1 / tables.control_units + 1 / tables.treatment_units)
    error = np.sqrt(spread * tables.units / (tables.units - 1))
    return np.divide(excess, error, out=np.zeros_like(excess), where=error > 0)


def _wilson(tables: Tables, critical: float) -> Floats:
    """Give Wilson's limits of the control's rates, shape (tests, 2)."""
    successes, units = tables.control_successes, tables.control_units
    rate = successes / units
    centre = (successes + critical**2 / 2) / (units + critical**2)
    half = critical * np.sqrt(rate * (1 - rate) * units + critical**2 / 4) / (units + critical**2)
    lower = np.where(successes > 0, np.minimum(np.maximum(centre - half, 0.0), rate), 0.0)
    upper = np.where(successes < units, np.maximum(np.minimum(centre + half, 1.0), rate), 1.0)
    return np.stack([lower, upper], axis=1)


def _rows(tables: Tables, where: Bools) -> Tables:
    return _tables(*(column[where] for column in vars(tables).values()))


def _with_scarce_successes(tables: Tables) -> Tables:
    """Mirror the tables in which most units succeeded: the difference stays as it is."""
    most = tables.successes > tables.units / 2
    mirrored = tables.mirrored()
    pairs = zip(vars(tables).values(), vars(mirrored).values(), strict=True)
    return _tables(*(np.where(most, after, before) for before, after in pairs))
