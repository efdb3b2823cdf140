"""What the scenarios draw alike."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from experiments.assignment.buckets import allocate
from experiments.assignment.bulk import arms, buckets
from sample_data.audience import Bools, Floats, Ints

HOUR = 3600
DAY = 24 * HOUR


def arms_of(seed: str, unit_ids: list[str], weights: Mapping[str, Decimal]) -> Ints:
    """Index of the variant that the product's own hash gives each customer."""
    return arms(allocate(dict(weights), Decimal(1)), buckets(seed, unit_ids))


def chance(rng: np.random.Generator, rates: Floats) -> Bools:
    """Whether it happens to each, by its own rate."""
    found: Bools = rng.random(rates.size) < rates
    return found


def waiting(rng: np.random.Generator, size: int, mean: float, longest: float) -> Ints:
    """Whole seconds, exponential with the mean, cut off at the longest."""
    reached = -np.expm1(-longest / mean)
    seconds: Ints = (-mean * np.log1p(-rng.random(size) * reached)).astype(np.int64)
    return seconds


def one_of(rng: np.random.Generator, shares: tuple[float, ...], size: int) -> Ints:
    """An index for each, drawn by the shares."""
    found: Ints = np.searchsorted(np.cumsum(shares[:-1]), rng.random(size), "right")
    return found


def order_values(rng: np.random.Generator, means: Floats, sigma: float) -> Ints:
    """Won, log-normal around the means, to the nearest hundred."""
    centre = np.log(means) - sigma**2 / 2
    values = np.exp(centre + sigma * rng.standard_normal(means.size))
    won: Ints = (np.round(values / 100) * 100).astype(np.int64)
    return won


def truth_of(counts: Mapping[str, Bools | Ints], here: Bools) -> dict[str, int]:
    """Each array added up over the customers of one arm."""
    return {name: int(values[here].sum()) for name, values in counts.items()}
