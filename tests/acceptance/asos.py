"""78 experiments of ASOS as checkpoints: what a t-test and an always-valid test say of each.

Liu, Cardoso, Couturier and McCoy, "Datasets for Online Controlled Experiments", NeurIPS 2021
Datasets and Benchmarks (data CC BY 4.0): Welch's t-test at the last checkpoint beside a mixture
test at every one (table 2), and how many treatments are below 5 % at some checkpoint or at the end.
"""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from stats.errors import NotEnoughData
from stats.means import welch_test
from stats.samples import MeanSample
from stats.sequential.checkpoints import Checkpoints, running_minimum
from stats.sequential.msprt import textbook_p_values

FILE = "asos_digital_experiments.csv.gz"
ALPHA = 0.05
TREATMENTS = 99
TAU = {1: 1.30e-5, 2: 1.07e-5, 3: 6.48e-6, 4: 5.92e-6}
# Both significant, only the mixture test, neither, only the t-test.
PUBLISHED = {1: (19, 2, 71, 7), 2: (20, 18, 49, 7), 3: (16, 6, 63, 9), 4: (16, 4, 63, 11)}
# Below 5 % by the t-test at some checkpoint, and at the last.
PEEKING = {1: (46, 26), 2: (64, 27), 3: (57, 25), 4: (58, 27)}
KINDS = ((True, True), (False, True), (False, False), (True, False))  # t-test, mixture test


@dataclass(frozen=True)
class Checkpoint:
    """Moments of a treatment and its control, from the start up to then; as in the file."""

    treatment: str
    days: float
    control: tuple[float, float, float]
    treated: tuple[float, float, float]

    @classmethod
    def of(cls, row: dict[str, str]) -> "Checkpoint | None":
        """Read a row; None where a moment is missing or a variant has no users."""
        control, treated = (
            [row[f"{moment}_{arm}"] for moment in ("count", "mean", "variance")] for arm in "ct"
        )
        if not all((*control, *treated)) or 0 in (float(control[0]), float(treated[0])):
            return None
        return cls(_name(row), float(row["time_since_start"]), _moments(control), _moments(treated))

    @property
    def t_test(self) -> float | None:
        """Welch's p-value; None where nothing varied yet."""
        try:
            return welch_test(_sample(*self.control), _sample(*self.treated)).p_value
        except NotEnoughData:
            return None


def checked(file: Path) -> Iterator[tuple[bool, str]]:
    """Every published number beside ours."""
    with gzip.open(file, "rt", encoding="utf-8") as text:
        rows = sorted(csv.DictReader(text), key=lambda row: float(row["time_since_start"]))
    for metric in TAU:
        yield from _metric(metric, [row for row in rows if int(row["metric_id"]) == metric])


def _metric(metric: int, rows: list[dict[str, str]]) -> Iterator[tuple[bool, str]]:
    last = {_name(row): Checkpoint.of(row) for row in rows}
    checkpoints = [found for row in rows if (found := Checkpoint.of(row))]
    t_tests = {(each.treatment, each.days): each.t_test for each in checkpoints}
    below = {key for key, p_value in t_tests.items() if p_value is not None and p_value < ALPHA}
    mixture = _mixture(checkpoints, TAU[metric])

    judged = [each for each in last.values() if each is not None]
    kinds = Counter(
        ((each.treatment, each.days) in below, mixture[each.treatment] < ALPHA) for each in judged
    )
    table = tuple(kinds[kind] for kind in KINDS)
    yield (
        table == PUBLISHED[metric],
        f"metric {metric}: both {table[0]:>2}, only mixture {table[1]:>2}, neither {table[2]:>2}, "
        f"only t-test {table[3]:>2}; published {PUBLISHED[metric]}; {len(judged)} of {len(last)}",
    )
    peeking = (
        len({treatment for treatment, _ in below}),
        sum((each.treatment, each.days) in below for each in judged),
    )
    yield (
        (peeking, len(last)) == (PEEKING[metric], TREATMENTS),
        f"metric {metric}: t-test below 5 % at some checkpoint {peeking[0]}, at the last "
        f"{peeking[1]}; published {PEEKING[metric]}",
    )


def _mixture(checkpoints: list[Checkpoint], tau: float) -> dict[str, float]:
    """The least p-value of the mixture test up to the last checkpoint, by treatment."""
    controls = np.array([each.control for each in checkpoints]).T
    treated = np.array([each.treated for each in checkpoints]).T
    names = [each.treatment for each in checkpoints]
    least = running_minimum(textbook_p_values(Checkpoints(*controls, *treated), tau), names)
    return dict(zip(names, least.tolist(), strict=True))


def _name(row: dict[str, str]) -> str:
    return f"{row['experiment_id']} {row['variant_id']}"


def _moments(cells: list[str]) -> tuple[float, float, float]:
    count, mean, variance = (float(cell) for cell in cells)
    return count, mean, variance


def _sample(count: float, mean: float, variance: float) -> MeanSample:
    return MeanSample.from_moments(int(count), Fraction(mean), Fraction(variance))
