"""How many units a second are assigned in process: one by one, and as a list.

python -m bench.assignment [--units 1000000]

Medians of seven rounds, of the processor's time of this one thread: other programs on the
machine count for little. GrowthBook's Python client runs the same experiment in the same
rounds; without it (it is a test dependency) its line is left out.
"""

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from experiments.assignment.buckets import BucketRange
from experiments.assignment.bulk import assign_many
from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.members import UnitList

ROUNDS = 7
RANGES = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10_000))
PLAIN = AssignableExperiment(
    1, "subject-line", 1, "running", "subject-line", RANGES, {"a": None, "b": None}
)
KINDS: dict[str, Callable[[int], str]] = {
    "c000001": lambda n: f"c{n:06d}",
    "member-of-16-chr": lambda n: f"customer-{n:07d}",
    "uuid": lambda n: f"8f14e45f-ceea-467f-ab1e-{n:012d}",
    "홍길동1": lambda n: f"홍길동{n}",
    "😀1": lambda n: f"😀{n}",
}
Work = Callable[[Sequence[str]], object]


def gated(ids: Sequence[str]) -> AssignableExperiment:
    """The same test in a layer, with a holdout and a list of a tenth of the units."""
    return replace(
        PLAIN,
        layer=Layer("crm", "layer:crm", 0, 8000),
        holdouts=(Holdout("all", "holdout:all", 500),),
        exclude_lists=(UnitList.of(ids[::10]),),
    )


def one_by_one(experiment: AssignableExperiment) -> Work:
    def work(ids: Sequence[str]) -> None:
        for unit_id in ids:
            assign(experiment, unit_id)

    return work


def as_list(experiment: AssignableExperiment) -> Work:
    return lambda ids: assign_many(experiment, ids)


def growthbook() -> Work | None:
    """The client's ``run`` of the same experiment, its user set anew for each unit."""
    if importlib.util.find_spec("growthbook") is None:
        return None
    from growthbook import Experiment, GrowthBook  # noqa: PLC0415 - a test dependency

    client = GrowthBook()
    experiment = Experiment(
        key="subject-line",
        variations=["a", "b"],
        ranges=[(0.0, 0.5), (0.5, 1.0)],
        meta=[{"key": "a"}, {"key": "b"}],
        seed="subject-line",
        hashVersion=2,
    )

    def work(ids: Sequence[str]) -> None:
        for unit_id in ids:
            client.set_attributes({"id": unit_id})
            client.run(experiment)

    return work


def per_second(work: Work, ids: Sequence[str]) -> float:
    """Units a second: the median of several rounds."""
    return len(ids) / statistics.median(_seconds(work, ids) for _ in range(ROUNDS))


def _seconds(work: Work, ids: Sequence[str]) -> float:
    start = time.thread_time()
    work(ids)
    return time.thread_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    units = parser.parse_args().units
    few = max(units // 50, 1)
    print(f"{'ids like':<18}{'one by one':>13}{'client run()':>14}{'list':>13}{'list, gated':>13}")
    for name, make in KINDS.items():
        ids = [make(number) for number in range(units)]
        client = growthbook()
        columns = (
            per_second(one_by_one(PLAIN), ids[:few]),
            per_second(client, ids[:few]) if client else float("nan"),
            per_second(as_list(PLAIN), ids),
            per_second(as_list(gated(ids)), ids),
        )
        print(f"{name:<18}" + "".join(f"{each:>13,.0f}" for each in columns))


if __name__ == "__main__":
    main()
