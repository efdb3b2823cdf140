"""How fast assignment is in every way, beside other tools at the same work in the same run.

python -m bench.assignment_targets [--rounds 5] [--check]

Medians over the rounds, in each of which ours and theirs take turns. In process, the processor's
time is measured, so that other programs hardly count. With --check a missed target fails.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from growthbook import Experiment, GrowthBook

from bench import assignment_http as http
from bench.assignment_lists import compare
from bench.machine import machine
from experiments.assignment.buckets import BucketRange
from experiments.assignment.bulk import assign_many
from experiments.assignment.evaluation import AssignableExperiment, assign

RANGES = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10_000))
EXPERIMENT = AssignableExperiment(1, "subject-line", 1, "running", "subject-line", RANGES)
SAME_EXPERIMENT = Experiment(
    key="subject-line",
    variations=["a", "b"],
    ranges=[(0.0, 0.5), (0.5, 1.0)],
    meta=[{"key": "a"}, {"key": "b"}],
    seed="subject-line",
    hashVersion=2,
)
ONE_BY_ONE, UNITS = 50_000, 1_000_000
SHORT, LONG = 5e6, 3e6
MOST_TIME, MOST_MIB = 3, 300
# How ids of a kind are made, and how many a second are wanted.
KINDS: dict[str, tuple[Callable[[int], str], float]] = {
    "c0000001": (lambda n: f"c{n:07d}", SHORT),
    "customer-0000001": (lambda n: f"customer-{n:07d}", SHORT),
    "홍길동1": (lambda n: f"홍길동{n}", SHORT),
    "고객번호고객번호00000001": (lambda n: f"고객번호고객번호{n:08d}", SHORT),
    "7 to 16 characters": (lambda n: "customer-"[: n % 10] + f"{n:07d}", SHORT),
    "😀1": (lambda n: f"😀{n}", SHORT),
    "UUID": (lambda n: f"8f14e45f-ceea-467f-ab1e-{n:012d}", LONG),
}


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    ours: str
    theirs: str
    target: str
    met: bool

    def __str__(self) -> str:
        word = "met" if self.met else "MISSED"
        return f"{self.what:<44} {self.ours:>16}  {self.theirs:<38} {self.target:<15} {word}"


def one_by_one(rounds: int) -> Iterator[Line]:
    """A single evaluation, beside ``run()`` of GrowthBook's client, who knows the unit already."""
    ids = [f"c{number:07d}" for number in range(ONE_BY_ONE)]
    client = GrowthBook(attributes={"id": ids[0]})
    assert client.run(SAME_EXPERIMENT).key == assign(EXPERIMENT, ids[0]).variant

    def ours() -> None:
        for unit_id in ids:
            assign(EXPERIMENT, unit_id)

    def theirs() -> None:
        for _ in ids:
            client.run(SAME_EXPERIMENT)

    timed = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    mine, other = (ONE_BY_ONE / statistics.median(column) for column in zip(*timed, strict=True))
    yield Line(
        "single evaluation in process",
        f"{mine:,.0f}/s",
        f"{mine / other:.1f} x growthbook's run() ({other:,.0f}/s)",
        ">= 2 x",
        mine >= 2 * other,
    )


def lists_in_process(rounds: int) -> Iterator[Line]:
    """A list of ids, on one core."""
    for name, (make, least) in KINDS.items():
        ids = [make(number) for number in range(UNITS)]
        timed = [seconds(lambda ids=ids: assign_many(EXPERIMENT, ids)) for _ in range(rounds)]
        rate = UNITS / statistics.median(timed)
        yield Line(
            f"list in process, {name}", f"{rate:,.0f}/s", "", f">= {least:,.0f}/s", rate >= least
        )


def seconds(work: Callable[[], object]) -> float:
    """Of the processor's time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def files(rounds: int) -> Iterator[Line]:
    """A million rows, CSV in and CSV out."""
    found = compare(rounds)
    share = found.ours.seconds / found.pandas.seconds
    yield Line(
        "1,000,000 rows, CSV in, CSV out",
        f"{found.ours.seconds:.2f} s",
        f"{share:.2f} x pandas ({found.pandas.seconds:.2f} s)",
        f"<= {MOST_TIME} x",
        share <= MOST_TIME,
    )
    yield Line(
        "  memory of its process",
        f"{found.ours.mib:.0f} MiB",
        f"pandas {found.pandas.mib:.0f} MiB",
        f"<= {MOST_MIB} MiB",
        found.ours.mib <= MOST_MIB,
    )


def over_http(rounds: int, each: float) -> Iterator[Line]:
    """One unit beside Flask's hello, and batches of a thousand."""
    found = http.compare(rounds, each)
    bare, one = found["hello"], found["assign"]
    share, wait = one.per_second / bare.per_second, one.p99 / bare.p99
    yield Line(
        "POST /assign",
        f"{one.per_second:,.0f}/s",
        f"{share:.2f} x Flask's hello ({bare.per_second:,.0f}/s)",
        f">= {http.LEAST_SHARE} x",
        share >= http.LEAST_SHARE,
    )
    yield Line(
        f"  its p99 at {http.CONNECTIONS} connections",
        f"{one.p99 * 1000:.1f} ms",
        f"{wait:.2f} x hello's ({bare.p99 * 1000:.1f} ms)",
        f"<= {http.MOST_WAIT:.0f} x",
        wait <= http.MOST_WAIT,
    )
    for name in ("batch of ids", "batch of objects"):
        rate = found[name].per_second * http.BATCH
        yield Line(
            f"POST /assign/batch, {http.BATCH:,} units, {name[9:]}",
            f"{rate:,.0f}/s",
            "",
            f">= {http.LEAST_BATCH:,}/s",
            rate >= http.LEAST_BATCH,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement over HTTP")
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    given = parser.parse_args()
    print(machine(), http.client_name(), sep="\nover HTTP asked by ")
    missed = 0
    for part in (
        one_by_one(given.rounds),
        lists_in_process(given.rounds),
        files(min(given.rounds, 3)),
        over_http(given.rounds, given.seconds),
    ):
        for line in part:
            print(line, flush=True)
            missed += not line.met
    print(f"{missed} missed" if missed else "all targets met")
    sys.exit(1 if missed and given.check else 0)


if __name__ == "__main__":
    main()
