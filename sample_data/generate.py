"""Makes up the files of a scenario.

python -m sample_data.generate FOLDER --scenario subject_line [--customers N]

``truelift sample`` calls it too.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sample_data.broken_split import BROKEN_SPLIT
from sample_data.cart_reminder import CUSTOMERS as CART_REMINDER_CUSTOMERS
from sample_data.cart_reminder_files import cart_reminder_files
from sample_data.coupon import CUSTOMERS as COUPON_CUSTOMERS
from sample_data.coupon_files import coupon_files
from sample_data.files import mailing_files
from sample_data.kpi_history import CUSTOMERS as KPI_HISTORY_CUSTOMERS
from sample_data.kpi_history_files import kpi_history_files
from sample_data.mailing import make_mailing
from sample_data.push_time import CUSTOMERS as PUSH_TIME_CUSTOMERS
from sample_data.push_time_files import push_time_files
from sample_data.scenario import Scenario
from sample_data.small_list import SMALL_LIST
from sample_data.subject_line import SUBJECT_LINE
from sample_data.writing import SampleFiles, write_sample

EXTRACT_CUSTOMERS = 2_000


@dataclass(frozen=True)
class Sample:
    """A scenario that can be made up.

    Attributes:
        customers: At full size.
        make: Its files, for so many customers.
        extract: Customers of the committed extract.
    """

    customers: int
    make: Callable[[int], SampleFiles]
    extract: int = EXTRACT_CUSTOMERS


def _mailing(scenario: Scenario, customers: int) -> SampleFiles:
    return mailing_files(make_mailing(scenario, customers))


MAILINGS = {each.folder: each for each in (SUBJECT_LINE, BROKEN_SPLIT, SMALL_LIST)}
SCENARIOS = {
    folder: Sample(
        scenario.customers,
        partial(_mailing, scenario),
        extract=3_000 if scenario is SMALL_LIST else EXTRACT_CUSTOMERS,
    )
    for folder, scenario in MAILINGS.items()
} | {
    "coupon": Sample(COUPON_CUSTOMERS, coupon_files),
    "cart_reminder": Sample(CART_REMINDER_CUSTOMERS, cart_reminder_files),
    "kpi_history": Sample(KPI_HISTORY_CUSTOMERS, kpi_history_files, extract=200),
    "push_time": Sample(PUSH_TIME_CUSTOMERS, push_time_files),
}

FIRST_START = ("subject_line", "broken_split", "small_list", "coupon")
"""What a new service loads, at full size."""


def generate(scenario: str, folder: Path, customers: int | None = None) -> None:
    """Write the files of a scenario into a folder.

    Args:
        scenario: One of ``SCENARIOS``.
        folder: Where to; made if need be.
        customers: Number of customers; the scenario's full size where None.
    """
    chosen = SCENARIOS[scenario]
    write_sample(chosen.make(customers or chosen.customers), folder)


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
