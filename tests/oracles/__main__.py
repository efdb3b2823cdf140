"""``python -m tests.oracles FILE``: run a file of oracle values; 1 if any was not reproduced."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.oracles.runner import Oracles, Result, collected_calls, run


def main(arguments: Sequence[str]) -> int:
    """Print what failed, what was skipped and why, and the numbers of each."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracles", description=__doc__)
    parser.add_argument("file", type=Path, help="a JSON file with a list `oracles`")
    results = run(Oracles.read(parser.parse_args(arguments).file), collected_calls())
    for result in results:
        for failure in result.failures:
            print(f"FAILED {failure}")
        if result.skipped:
            print(f"SKIPPED {result.name}: {result.skipped}")
    print(summary(results))
    return 1 if any(result.failures for result in results) else 0


def summary(results: Sequence[Result]) -> str:
    """Count the oracles by what became of them."""
    failed = sum(bool(result.failures) for result in results)
    skipped = sum(bool(result.skipped) for result in results)
    return f"{len(results) - failed - skipped} passed, {failed} failed, {skipped} skipped"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
