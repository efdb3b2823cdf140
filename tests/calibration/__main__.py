"""``python -m tests.calibration``: measure everything and print it; 1 if a bar was missed."""

import sys
import time
from collections.abc import Iterator

from tests.calibration.bars import Bar
from tests.calibration.contradictions import (
    contradictions,
    contradictions_of_amounts,
    scaled_amounts,
    swapped_amounts,
    swapped_rates,
)
from tests.calibration.coverage import coverage_of
from tests.calibration.errors import powers, type_one_errors
from tests.calibration.tables import SCENARIOS


def measured() -> Iterator[Bar]:
    """Every line of the table, as soon as it is known."""
    for scenario in SCENARIOS:
        yield from coverage_of(scenario)
    yield from (contradictions(), swapped_rates())
    for kind in ("means", "ratios"):
        yield from (contradictions_of_amounts(kind), swapped_amounts(kind), scaled_amounts(kind))
    for kpi in ("rate", "mean"):
        yield from type_one_errors(kpi)
    yield from powers()


def main() -> int:
    """Print the table."""
    since, missed = time.monotonic(), 0
    for bar in measured():
        print(bar, flush=True)
        missed += not bar.held
    print(f"{missed} bars missed, {time.monotonic() - since:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
