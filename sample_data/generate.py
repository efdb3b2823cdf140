"""Makes up the files of a scenario.

python -m sample_data.generate FOLDER --scenario subject_line [--customers N]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from sample_data.broken_split import BROKEN_SPLIT
from sample_data.files import write_mailing
from sample_data.mailing import make_mailing
from sample_data.subject_line import SUBJECT_LINE

SCENARIOS = {scenario.folder: scenario for scenario in (SUBJECT_LINE, BROKEN_SPLIT)}


def generate(scenario: str, folder: Path, customers: int | None = None) -> None:
    """Write the files of a scenario into a folder.

    Args:
        scenario: One of ``SCENARIOS``.
        folder: Where to; made if need be.
        customers: Number of customers; the scenario's full size where None.
    """
    chosen = SCENARIOS[scenario]
    write_mailing(make_mailing(chosen, customers or chosen.customers), folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make up the files of a sample scenario.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), required=True)
    parser.add_argument("--customers", type=int, help="the scenario's full size if not given")
    chosen = parser.parse_args(arguments)
    if chosen.customers is not None and chosen.customers < 1:
        parser.error("--customers: expected a number over 0")
    generate(chosen.scenario, chosen.folder, chosen.customers)


if __name__ == "__main__":
    main()
