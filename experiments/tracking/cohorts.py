"""Cohort tables: of those who began in a period, who came back how many days or months later.

A customer belongs to the period of their first ``base`` event ever. Days and months are those
of the project's calendar: day 0 is the day of that event, month 0 its month. Whoever has not
had the whole day or month yet is not counted; a cell of nobody is blank, with the reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice
from experiments.kpis.term_checks import check_events
from experiments.kpis.terms import Events
from experiments.ledger.instants import check_instant
from experiments.tracking.periods import day_after, first_day, periods_between
from experiments.zones import zone

UNITS = ("day", "month")
COHORTS = ("day", "week", "month")
USUAL_NUMBERS = {"day": (1, 3, 7, 30), "month": (1, 2, 3, 4, 5, 6)}
LARGEST_NUMBER = {"day": 400, "month": 36}
MOST_NUMBERS = 31
IMMATURE, NOBODY = "immature", "nobody"


@dataclass(frozen=True)
class CohortQuestion:
    """A table that is asked for.

    Attributes:
        project_id: Whose facts.
        base: What starts a customer, such as a sign-up.
        back: What counts as coming back.
        cohort: ``day``, ``week`` or ``month``: of each row.
        unit: ``day`` (D+N) or ``month``: what the columns count.
        numbers: Of the columns: so many days or months later.
        since, until: Local days; every cohort that holds one of the days between them.
        as_of: What happened later is not seen; aware.
        zone: IANA time zone of local days.
    """

    project_id: int
    base: Events
    back: Events
    cohort: str
    unit: str
    numbers: tuple[int, ...]
    since: date
    until: date
    as_of: datetime
    zone: str

    def __post_init__(self) -> None:
        check_events(self.base, "base")
        check_events(self.back, "back")
        check_choice(self.cohort, COHORTS, "cohort")
        check_choice(self.unit, UNITS, "unit")
        check_instant(self.as_of, "as_of")
        most = LARGEST_NUMBER[self.unit]
        fits = all(0 <= number <= most for number in self.numbers)
        if not fits or not 0 < len(set(self.numbers)) <= MOST_NUMBERS:
            raise Invalid(
                field="numbers",
                expected=f"1 to {MOST_NUMBERS} whole numbers from 0 to {most}",
                got=", ".join(map(str, self.numbers))[:60],
            )
        periods_between(self.since, self.until, self.cohort)

    @property
    def starts(self) -> tuple[date, ...]:
        """First days of the cohorts, oldest first."""
        return periods_between(self.since, self.until, self.cohort)

    @property
    def columns(self) -> tuple[int, ...]:
        """The numbers, each once and in order."""
        return tuple(sorted(set(self.numbers)))

    @property
    def today(self) -> date:
        """The local day of ``as_of``."""
        return self.as_of.astimezone(zone(self.zone)).date()

    def over_on(self, began: date, number: int) -> date:
        """The first day on which the day or month is over for who began then.

        Examples:
            >>> from experiments.tracking.cohorts import over_after
            >>> over_after(date(2025, 4, 7), 3, "day"), over_after(date(2025, 1, 31), 1, "month")
            (datetime.date(2025, 4, 11), datetime.date(2025, 3, 1))
        """
        return over_after(began, number, self.unit)


def over_after(began: date, number: int, unit: str) -> date:
    """The day after the one, or the month, that is so many later than where a day lies."""
    if unit == "day":
        return began + timedelta(days=number + 1)
    month = first_day(began, "month")
    for _ in range(number + 1):
        month = day_after(month, "month")
    return month


@dataclass(frozen=True)
class Began:
    """Customers who began on one local day.

    Attributes:
        returned: Of them, who came back, by number of the column.
    """

    customers: int
    returned: Mapping[int, int]


@dataclass(frozen=True)
class Cell:
    """One cohort, so many days or months later.

    Attributes:
        customers: Those who have had the whole day or month.
        returned: Of them, who came back.
        waiting: Those who have not, and are not counted.
        whole_on: From which day on all of the cohort is counted.
    """

    number: int
    customers: int
    returned: int
    waiting: int
    whole_on: date | None

    @property
    def rate(self) -> Fraction | None:
        """The share that came back; None where nobody is counted, and never a zero then."""
        return Fraction(self.returned, self.customers) if self.customers else None

    @property
    def gap(self) -> str | None:
        """Why there is no rate: ``immature`` or ``nobody``; None where there is one."""
        if self.customers:
            return None
        return IMMATURE if self.waiting else NOBODY


@dataclass(frozen=True)
class Row:
    """A cohort; ``starts_on`` is None of all cohorts together."""

    starts_on: date | None
    customers: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class CohortTable:
    """The answer.

    Attributes:
        rows: Oldest cohort first.
        whole: All of them together.
        ledger_identity, position: What was read.
        sql: What measured it.
    """

    question: CohortQuestion
    rows: tuple[Row, ...]
    whole: Row
    ledger_identity: str
    position: int
    sql: str


def rows_of(question: CohortQuestion, began: Mapping[date, Began]) -> tuple[Row, ...]:
    """The rows of a table, from what became of those of each local day."""
    return tuple(_rows(question, began))


def whole_of(question: CohortQuestion, began: Mapping[date, Began]) -> Row:
    """All cohorts together."""
    first, last = question.starts[0], day_after(question.starts[-1], question.cohort)
    return _row(question, None, [day for day in sorted(began) if first <= day < last], began)


def _rows(question: CohortQuestion, began: Mapping[date, Began]) -> Iterator[Row]:
    for start in question.starts:
        end = day_after(start, question.cohort)
        days = [day for day in sorted(began) if start <= day < end]
        yield _row(question, start, days, began)


def _row(
    question: CohortQuestion, start: date | None, days: Sequence[date], began: Mapping[date, Began]
) -> Row:
    return Row(
        start,
        sum(began[day].customers for day in days),
        tuple(_cell(question, number, days, began) for number in question.columns),
    )


def _cell(
    question: CohortQuestion, number: int, days: Sequence[date], began: Mapping[date, Began]
) -> Cell:
    over = [day for day in days if question.over_on(day, number) <= question.today]
    customers = sum(began[day].customers for day in over)
    return Cell(
        number,
        customers,
        sum(began[day].returned[number] for day in over),
        sum(began[day].customers for day in days) - customers,
        question.over_on(days[-1], number) if days else None,
    )
