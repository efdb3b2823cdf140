"""The formula: how one customer's value is computed from events."""

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice, check_whole
from experiments.kpis.term_checks import (
    check_events,
    check_in_turn,
    check_quantity,
    check_requirement,
    check_share_of_values,
)
from experiments.kpis.terms import Events, Quantity, Requirement, Term

LONGEST_WINDOW_HOURS = 24 * 400
LONGEST_WINDOW_DAYS = 400
MOST_STEPS = 10
MOST_REQUIREMENTS = 10
OVER = ("customers", "with_value")
STEPS_OF_TIME = ("hour", "day")
ANSWERS = ("first", "last")
SCORE_LIMIT = 1_000


@dataclass(frozen=True)
class DayWindow:
    """Local days after the anchor's own, which is day 0, in the project's time zone.

    Attributes:
        first, last: Both count; D+1 alone is 1 and 1.
    """

    first: int
    last: int


@dataclass(frozen=True)
class Bands:
    """How answers on a scale become a score: the share of promoters less that of detractors.

    Attributes:
        promoters_from: The lowest answer of a promoter.
        detractors_to: The highest answer of a detractor.
        answer: Which one counts where a customer gives several: ``first`` or ``last``.
    """

    promoters_from: int = 9
    detractors_to: int = 6
    answer: str = "last"


@dataclass(frozen=True)
class Formula(Quantity):
    """How one customer's value is computed, within a window after the anchor.

    The fields of :class:`Quantity` are the value itself: of a ratio the numerator, of a
    funnel its first step, of a time to an event that event, of a score the answer.

    Attributes:
        window_hours: From the anchor, in hours; the end is not included.
        days: In its place: local days after the anchor's day.
        requires: What holds of the customers who count, up to the anchor.
        denominator: Of a ratio: what the value is divided by, added up over customers.
        quantile: Of a quantile: which one, a fraction; 0.5 is the median.
        over: Of a quantile: all ``customers``, or those ``with_value`` (at least one event).
        since: Of a time to an event: from the first of these events after the anchor on,
            in place of the anchor.
        step: Of a time to an event: the ``hour`` or ``day`` (24 hours) that time is counted in.
        then: Of a funnel: the further steps, each at the time of the one before or later.
        bands: Of a score.
    """

    window_hours: int | None = None
    _: KW_ONLY
    days: DayWindow | None = None
    requires: tuple[Requirement, ...] = ()
    denominator: Quantity | None = None
    quantile: Decimal | None = None
    over: str | None = None
    since: Events | None = None
    step: str | None = None
    then: tuple[Events, ...] = ()
    bands: Bands | None = None

    def __post_init__(self) -> None:
        for path, quantity in self.quantities.items():
            check_quantity(quantity, path)
        self._check_window()
        if len(self.requires) > MOST_REQUIREMENTS:
            raise Invalid(
                field="formula.requires",
                expected=f"at most {MOST_REQUIREMENTS}",
                got=len(self.requires),
            )
        for index, each in enumerate(self.requires):
            check_requirement(each, f"formula.requires.{index}")
        self._check_parts()

    @property
    def quantities(self) -> dict[str, Quantity]:
        """By their paths in the document: the value and, of a ratio, what it is divided by."""
        below = {} if self.denominator is None else {"formula.denominator": self.denominator}
        return {"formula": self, **below}

    @property
    def all_terms(self) -> dict[str, Term]:
        """Every term by its path in the document, those of a denominator too."""
        return {
            path: term
            for start, quantity in self.quantities.items()
            for path, term in quantity.paths(start)
        }

    @property
    def steps(self) -> tuple[Events, ...]:
        """Of a funnel: every step in order, this formula's own events first."""
        return (self, *self.then)

    @property
    def counted(self) -> tuple[Events, ...]:
        """Everything that is counted after the anchor, each once per mention."""
        terms = self.all_terms.values()
        since = () if self.since is None else (self.since,)
        return (*terms, *since, *self.then)

    @property
    def event_types(self) -> tuple[str, ...]:
        """Types of the events that it counts after the anchor, in order, each once.

        Examples:
            >>> aov = Formula("purchase", "amount", 72, denominator=Quantity("purchase", "count"))
            >>> aov.event_types
            ('purchase',)
        """
        types = (
            each.event for each in self.counted if not (isinstance(each, Term) and each.is_series)
        )
        return tuple(dict.fromkeys(types))

    @property
    def types_to_report(self) -> tuple[str, ...]:
        """Those of the types that something must report.

        Not among them: sends of which only the cost is a further term. A test that sends
        nothing has no such cost.
        """
        costs = [
            term
            for term in self.all_terms.values()
            if term.value == "message_cost" and term is not self
        ]
        kept = {each.event for each in self.counted if all(each is not cost for cost in costs)}
        return tuple(event for event in self.event_types if event in kept)

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series that it needs; where there is one, no customer has a value."""
        found = (term.event for term in self.all_terms.values() if term.is_series)
        return tuple(dict.fromkeys(found))

    @property
    def longest_hours(self) -> int:
        """Hours after the anchor by which the window is over, whatever the clocks did.

        Examples:
            >>> Formula("visit", "occurrence", days=DayWindow(1, 3)).longest_hours
            97
        """
        if self.days is not None:
            return 24 * (self.days.last + 1) + 1
        return self.window_hours or 0

    def _check_window(self) -> None:
        if self.window_hours is not None and self.days is not None:
            raise Invalid(
                field="formula.days", expected="none beside window_hours: one window", got="both"
            )
        if self.window_hours is None and self.days is None and not self.series:
            raise Invalid(
                field="formula.window_hours",
                expected=f"1 to {LONGEST_WINDOW_HOURS} hours, or days",
                got=None,
            )
        if self.window_hours is not None and not 0 < self.window_hours <= LONGEST_WINDOW_HOURS:
            raise Invalid(
                field="formula.window_hours",
                expected=f"1 to {LONGEST_WINDOW_HOURS} hours",
                got=self.window_hours,
            )
        if self.days is not None:
            check_whole(self.days.first, 0, LONGEST_WINDOW_DAYS, "formula.days.first")
            check_whole(self.days.last, self.days.first, LONGEST_WINDOW_DAYS, "formula.days.last")

    def _check_parts(self) -> None:
        if self.quantile is not None:
            check_share_of_values(self.quantile, "formula.quantile")
        check_choice(self.over, OVER, "formula.over")
        check_choice(self.step, STEPS_OF_TIME, "formula.step")
        if self.since is not None:
            check_events(self.since, "formula.since")
        if len(self.then) >= MOST_STEPS:
            raise Invalid(
                field="formula.then",
                expected=f"at most {MOST_STEPS - 1} further steps",
                got=len(self.then),
            )
        for index, each in enumerate(self.then):
            check_events(each, f"formula.then.{index}")
        if self.then:
            check_in_turn(self.steps)
        if self.bands is not None:
            _check_bands(self.bands)


def _check_bands(bands: Bands) -> None:
    check_whole(bands.promoters_from, -SCORE_LIMIT, SCORE_LIMIT, "formula.bands.promoters_from")
    check_whole(bands.detractors_to, -SCORE_LIMIT, SCORE_LIMIT, "formula.bands.detractors_to")
    check_choice(bands.answer, ANSWERS, "formula.bands.answer")
    if bands.detractors_to >= bands.promoters_from:
        raise Invalid(
            field="formula.bands.detractors_to",
            expected=f"an answer below promoters_from, {bands.promoters_from}",
            got=bands.detractors_to,
        )
