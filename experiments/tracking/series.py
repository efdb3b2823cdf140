"""The values of a KPI over time, as plain values: what is asked, and what is answered.

Whoever can measure makes a :class:`Series`: :mod:`experiments.tracking.measured` from the facts
of customers, a store of figures that arrive added up from those. Nothing here touches either.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice
from experiments.kpis.document import PERIODS, KpiDocument
from experiments.ledger.instants import check_instant
from experiments.registry.message_costs import MessageCost
from experiments.tracking.periods import periods_between


@dataclass(frozen=True)
class Split:
    """One value of a property of the counted event, such as one reason."""

    property: str
    value: str


@dataclass(frozen=True)
class SeriesRequest:
    """A question for a KPI's values.

    Attributes:
        project_id: Whose facts.
        document: With ``tracking``; a document without it is asked by period, over everybody.
        period: ``day``, ``week`` (from Monday), ``month`` or ``quarter``.
        since, until: Local days; every period that holds one of the days between them.
        as_of: What happened later is not seen; aware.
        zone: IANA time zone of local days.
        segment: Key of a ready segment; None: everybody.
        channel: Of the ``base`` events by cohort, of all events by period; None: any.
        split: Only counted events with this value of a property; None: all.
        costs: Of messages, for KPIs of what they cost.
    """

    project_id: int
    document: KpiDocument
    period: str
    since: date
    until: date
    as_of: datetime
    zone: str
    segment: str | None = None
    channel: str | None = None
    split: Split | None = None
    costs: tuple[MessageCost, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        check_choice(self.period, PERIODS, "period")
        check_instant(self.as_of, "as_of")
        tracking = self.document.tracking
        if self.split is not None and (
            tracking is None or self.split.property not in tracking.split_by
        ):
            raise Invalid(
                field="split",
                expected="one of the document's tracking.split_by",
                got=self.split.property,
            )

    @cached_property
    def starts(self) -> tuple[date, ...]:
        """First days of all periods asked for, oldest first."""
        return periods_between(self.since, self.until, self.period)


@dataclass(frozen=True)
class PeriodValue:
    """A KPI in one period.

    Attributes:
        starts_on: First local day.
        units: Customers in the denominator whose window has closed; of figures that arrive
            added up, how many of them.
        numerator: What is divided, in the KPI's unit; exact. None where the value is no
            quotient (a quantile, a time).
        denominator: What it is divided by; None likewise, and of a total.
        value: In the KPI's unit (rates as fractions, a score from -100 to 100); None where
            nobody was counted.
        complete: Whether the period is over and every window that started in it has closed.
        waiting: Customers whose window is open, not counted.
        late: Events counted that arrived after their customer's window had closed.
        gap: Why there is no value: ``no_facts`` (nothing of the KPI had happened yet, or has
            arrived since), ``nobody``, ``not_reported``; None where there is one.
    """

    starts_on: date
    units: int
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    complete: bool
    waiting: int = 0
    late: int = 0
    gap: str | None = None


@dataclass(frozen=True)
class Series:
    """A KPI over time.

    Attributes:
        period: Of each value.
        values: Oldest first, one for each period asked for.
        as_of: What happened later is not seen.
        received, used, excluded: Events of the KPI's types in the project; used and excluded
            (by reason) add up to received.
        watermark: Up to then the events can be believed complete; None if there are none.
        ledger_identity, position: What was read; None of figures that arrive added up alone.
        sql: What measured it; empty where nothing was measured.
        baseline: Over all complete periods together; None if there are none.
        between: Range (95 %) of the last complete value, allowing for chance; None without.
        steps: Of a funnel: customers who took each step, for each period; else empty.
    """

    period: str
    values: tuple[PeriodValue, ...]
    as_of: datetime
    received: int
    used: int
    excluded: Mapping[str, int]
    watermark: datetime | None
    ledger_identity: str | None
    position: int | None
    sql: str
    baseline: Decimal | None
    steps: tuple[tuple[int, ...], ...] = ()
    between: tuple[Decimal | None, Decimal | None] | None = None

    @property
    def complete(self) -> tuple[PeriodValue, ...]:
        """The values of complete periods that have one."""
        return tuple(each for each in self.values if each.complete and each.value is not None)


@dataclass(frozen=True)
class ReportedPeriod:
    """A figure that arrived added up, in one period.

    Attributes:
        total: In the figure's own unit (money in whole units of its currency).
        figures: How many were added.
        complete: Whether the whole period has been reported.
    """

    total: Decimal
    figures: int
    complete: bool


class ReportedSeries(Protocol):
    """Whoever keeps the figures that arrive added up."""

    def __call__(
        self, request: SeriesRequest, names: Collection[str]
    ) -> Mapping[str, Mapping[date, ReportedPeriod]]:
        """By name of the series and first day of the period; a period without any is absent.

        Args:
            request: Whose, when, and of which channel (None: all of them).
            names: As ``document.formula.series``.
        """
        ...
