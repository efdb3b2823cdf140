"""A list of a million rows, CSV in and CSV out, beside a bare pandas read and write of it.

python -m bench.assignment_lists [--rounds 3] [--rows 1000000]

Every go is a process of its own, whose memory is told at its end. What is imported is not timed.
"""

import argparse
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROWS = 1_000_000
HEADER = "member,name,grade,city\n"
_KIB_A_MIB = 1024
_STATUS = Path("/proc/self/status")


class Go(NamedTuple):
    """One list from end to end."""

    seconds: float
    mib: float


@dataclass(frozen=True)
class Lists:
    """Medians of both, over the rounds."""

    ours: Go
    pandas: Go


def write_list(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(rows):
            grade = "vip" if number % 5 == 0 else "gold"
            file.write(f"c{number:07d},김민지{number % 977},{grade},서울\n")


def assign_with_truelift(source: Path, target: Path) -> float:
    """Seconds to answer every row."""
    from experiments.assignment.buckets import BucketRange  # noqa: PLC0415 - only where used
    from experiments.assignment.evaluation import AssignableExperiment  # noqa: PLC0415 - in the child process alone
    from experiments.assignment.lists.rows import ListOptions  # noqa: PLC0415 - in the child process alone
    from experiments.assignment.lists.run import ListConfiguration, assign_list  # noqa: PLC0415 - in the child process alone

    ranges = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10_000))
    test = AssignableExperiment(1, "speed", 1, "running", "speed", ranges, {"a": None, "b": None})
    start = time.perf_counter()
    with target.open("wb") as file:
        configuration = ListConfiguration(test, b"speed")
        summary = assign_list(configuration, source, file, ListOptions("member"), form="csv")
    took = time.perf_counter() - start
    assert summary.rejected == 0
    assert sum(summary.counts.values()) == summary.rows
    return took


def copy_with_pandas(source: Path, target: Path) -> float:
    """Seconds to read the list and write it again."""
    import pandas as pd  # noqa: PLC0415 - only where used: its memory counts

    start = time.perf_counter()
    pd.read_csv(source).to_csv(target, index=False)
    return time.perf_counter() - start


WORK = {"ours": assign_with_truelift, "pandas": copy_with_pandas}


def compare(rounds: int, rows: int = ROWS) -> Lists:
    """Both in turns."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "list.csv"
        write_list(source, rows)
        goes = [{name: _go(name, source) for name in WORK} for _ in range(rounds)]
    return Lists(*(_median([each[name] for each in goes]) for name in WORK))


def _go(name: str, source: Path) -> Go:
    command = [sys.executable, "-m", "bench.assignment_lists", "--go", name, str(source)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return Go(*json.loads(said))


def _median(goes: list[Go]) -> Go:
    return Go(*(statistics.median(column) for column in zip(*goes, strict=True)))


def _peak_mib() -> float:
    """Of this program alone: what getrusage tells begins with what its parent had."""
    if _STATUS.exists():
        told = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())
        if told:
            return int(told[1]) / _KIB_A_MIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_A_MIB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--go", nargs=2, metavar=("WHO", "LIST"), help=argparse.SUPPRESS)
    given: Any = parser.parse_args()
    if given.go:
        name, source = given.go[0], Path(given.go[1])
        took = WORK[name](source, source.with_suffix(f".{name}"))
        print(json.dumps([took, _peak_mib()]))
        return
    found = compare(given.rounds, given.rows)
    for name, go in vars(found).items():
        print(f"{name:<8} {go.seconds:6.2f} s   {go.mib:6.0f} MiB")


if __name__ == "__main__":
    main()
