"""Pairs of samples to try: random ones, and all those of a scenario with their chances."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stats.samples import BinomialSample
from stats.score import Floats

Pair = tuple[BinomialSample, BinomialSample]


def endless_pairs(seed: int, most: float = 5) -> Iterator[Pair]:
    """Samples of 2 to 10**most units at any rate, often near the threshold of 5 %."""
    rng = np.random.default_rng(seed)
    while True:
        n_c, n_t = (int(10 ** rng.uniform(0.3, most)) for _ in range(2))
        rate = rng.choice([10 ** rng.uniform(-4, -0.3), rng.uniform(0, 1)])
        error = math.sqrt(rate * (1 - rate) * (1 / n_c + 1 / n_t))
        other = float(np.clip(rate + error * rng.uniform(-3, 3), 0, 1))
        control = BinomialSample(n_c, int(rng.binomial(n_c, rate)))
        yield control, BinomialSample(n_t, int(rng.binomial(n_t, other)))


def random_pairs(count: int, seed: int, most: float = 5) -> list[Pair]:
    """The first of them."""
    pairs = endless_pairs(seed, most)
    return [next(pairs) for _ in range(count)]


@dataclass(frozen=True)
class Scenario:
    """Two true rates and the numbers of units."""

    control_rate: float
    treatment_rate: float
    control_units: int
    treatment_units: int

    def __str__(self) -> str:
        return (
            f"{self.control_rate} of {self.control_units:,}, "
            f"{self.treatment_rate} of {self.treatment_units:,}"
        )

    @property
    def difference(self) -> float:
        """Treatment minus control."""
        return self.treatment_rate - self.control_rate

    @property
    def lift(self) -> float:
        """The same as a share of the control's rate."""
        return self.treatment_rate / self.control_rate - 1

    @property
    def outcomes(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Counts and their chances, of the control and of the treatment."""
        return (
            _chances(self.control_units, self.control_rate),
            _chances(self.treatment_units, self.treatment_rate),
        )


SCENARIOS = (
    Scenario(0.01, 0.01, 1000, 1000),
    Scenario(0.01, 0.013, 1000, 1000),
    Scenario(0.002, 0.002, 2000, 2000),
    Scenario(0.02, 0.03, 500, 500),
    Scenario(0.2, 0.22, 500, 500),
    Scenario(0.01, 0.012, 9000, 1000),
    Scenario(0.01, 0.012, 1000, 9000),
)


def _chances(units: int, rate: float) -> tuple[Floats, Floats]:
    """Counts and their binomial probabilities, but for less than 1e-9 in all."""
    counts = np.arange(units + 1.0)
    steps = np.log((units - counts[:-1]) / (counts[:-1] + 1)) + math.log(rate / (1 - rate))
    logs = units * math.log1p(-rate) + np.concatenate([[0.0], steps.cumsum()])
    kept = np.flatnonzero(logs > -30)
    return counts[kept], np.exp(logs[kept])
