"""How many units a second are assigned: one by one, and as a list.

python -m bench.assignment [--units 1000000]
"""

import argparse
import time
from collections.abc import Callable

from experiments.assignment.buckets import BucketRange
from experiments.assignment.bulk import arms, buckets
from experiments.assignment.evaluation import AssignableExperiment, assign

RANGES = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10_000))
EXPERIMENT = AssignableExperiment(1, "subject-line", 1, "running", "subject-line", RANGES)
KINDS: dict[str, Callable[[int], str]] = {
    "c000001": lambda n: f"c{n:06d}",
    "uuid": lambda n: f"8f14e45f-ceea-467f-ab1e-{n:012d}",
    "홍길동1": lambda n: f"홍길동{n}",
    "😀1": lambda n: f"😀{n}",
}


def scalar(ids: list[str]) -> None:
    for unit_id in ids:
        assign(EXPERIMENT, unit_id)


def bulk(ids: list[str]) -> None:
    arms(RANGES, buckets(EXPERIMENT.seed, ids))


def per_second(work: Callable[[list[str]], None], ids: list[str]) -> float:
    """The best of three: other programs only ever make it slower."""
    best = min(_seconds(work, ids) for _ in range(3))
    return len(ids) / best


def _seconds(work: Callable[[list[str]], None], ids: list[str]) -> float:
    start = time.perf_counter()
    work(ids)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    units = parser.parse_args().units
    print(f"{'ids like':<12} {'one by one, ids/s':>18} {'list, ids/s':>14}")
    for name, make in KINDS.items():
        ids = [make(number) for number in range(units)]
        one_by_one = per_second(scalar, ids[: max(units // 10, 1)])
        print(f"{name:<12} {one_by_one:>18,.0f} {per_second(bulk, ids):>14,.0f}")


if __name__ == "__main__":
    main()
