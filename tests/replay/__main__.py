"""Replay the send-time test and its twin without effect: ``make replay``."""

import argparse
import sys
from collections.abc import Sequence
from multiprocessing import Pool

from tests.replay.bars import FEWEST_FOUND, MOST_FALSE, Tally, tally
from tests.replay.days import RATES, TWIN

SEEDS = 2_000
AT_ONCE = 25


def main() -> int:
    """Print how often each reading was right; status 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="from 1 to this one, each")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    with Pool(asked.processes) as pool:
        chunks = [range(first, min(first + AT_ONCE, asked.seeds + 1))
                  for first in range(1, asked.seeds + 1, AT_ONCE)]  # fmt: skip
        twin = _all(pool.starmap(tally, [(each, TWIN) for each in chunks]))
        real = _all(pool.starmap(tally, [(each, RATES) for each in chunks]))
    print(twin.told("no effect (4.25 % both)", MOST_FALSE, "at most"))
    print(real.told("the effect (4.25 %, 4.97 %)", FEWEST_FOUND, "at least"))
    fine = twin.share_shown <= MOST_FALSE and real.share_better >= FEWEST_FOUND
    return 0 if fine else 1


def _all(found: Sequence[Tally]) -> Tally:
    whole = Tally()
    for each in found:
        whole = whole + each
    return whole


if __name__ == "__main__":
    sys.exit(main())
