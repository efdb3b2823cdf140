"""What a report says of a holdout: two groups, what comes on top, what the money brought."""

from dataclasses import dataclass
from datetime import datetime

from experiments.kpis.document import Text
from experiments.reporting.ranges import Range


@dataclass(frozen=True)
class HoldoutGroup:
    """One of the two groups.

    Attributes:
        total: Customers who did, or the sum of their values.
        value: Rate or mean; None without customers.
    """

    group: str
    customers: int
    total: float
    value: float | None


@dataclass(frozen=True)
class Incremental:
    """What comes on top of what would have come anyway.

    Attributes:
        per_customer: Of those who get tests, minus the held out, in the KPI's unit.
        in_group: For the whole group that is compared.
        relative: As a share of the held out's value.
        shown: Whether a difference is shown.
    """

    per_customer: float
    interval: Range
    in_group: float
    in_group_interval: Range
    relative: float | None
    p_value: float
    shown: bool
    method: str


@dataclass(frozen=True)
class Return:
    """What an amount of money spent on messages brought.

    Attributes:
        cost: Of the messages to the customers who get tests, beyond that of the held out.
        ratio: Incremental revenue over cost.
    """

    cost: float
    ratio: float
    interval: Range


@dataclass(frozen=True)
class HoldoutReport:
    """A holdout, held against one KPI.

    Attributes:
        since, until: The time that counts; whole days.
        incremental: None if ``gap`` says why.
        returns: Of revenue, where messages have a cost; None otherwise.
    """

    holdout: str
    name: str
    kpi: str
    kpi_name: Text
    kind: str
    unit_of_measure: str
    currency: str | None
    known_by: datetime
    since: datetime
    until: datetime
    groups: tuple[HoldoutGroup, ...]
    incremental: Incremental | None
    returns: Return | None
    gap: str | None
    ledger_position: int
