"""Funnels outside of tests: who came to a first step in a time, and how far within a window.

A customer enters with their first first step in the time asked for. Further steps count within
the window from there, each at the time of the one before or later, as in a funnel of a test.
Customers whose window is open are not counted yet: they may still go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise

from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_NAME, check_text
from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.kpis.terms import Events
from experiments.ledger.instants import check_instant

FEWEST_STEPS = 2
# Of fewer customers at the step before, no step is called the weakest.
FEWEST_CUSTOMERS = 30
MOST_GROUPS = 20
BY_PROPERTY = "property:"
TOO_FEW, WAITING = "too_few_customers", "immature"


@dataclass(frozen=True)
class FunnelQuestion:
    """A funnel that is asked for.

    Attributes:
        project_id: Whose facts.
        steps: In order, at least two.
        since, until: Local days in which customers enter, both included.
        window_hours: From the first step on, the end not included.
        as_of: What happened later is not seen; aware.
        zone: IANA time zone of local days.
        by: ``channel`` of the first step, or ``property:`` and its name; None: together.
        segment: Key of a ready segment, as of the first step; None: everybody.
    """

    project_id: int
    steps: tuple[Events, ...]
    since: date
    until: date
    window_hours: int
    as_of: datetime
    zone: str
    by: str | None = None
    segment: str | None = None

    def __post_init__(self) -> None:
        check_instant(self.as_of, "as_of")
        if len(self.steps) < FEWEST_STEPS:
            raise Invalid(
                field="steps", expected=f"at least {FEWEST_STEPS} steps", got=len(self.steps)
            )
        if self.until < self.since:
            raise Invalid(
                field="until",
                expected=f"{self.since.isoformat()} or later",
                got=self.until.isoformat(),
            )
        check_by(self.by)
        # Refuses steps and windows that no KPI could have.
        self.document  # noqa: B018 - made for its checks

    @property
    def document(self) -> KpiDocument:
        """The steps as a KPI of the kind funnel."""
        first, *then = self.steps
        formula = Formula(
            first.event,
            "occurrence",
            self.window_hours,
            machine=first.machine,
            where=first.where,
            filters=first.filters,
            channels=first.channels,
            then=tuple(then),
        )
        return KpiDocument("funnel", Text("퍼널", "Funnel"), "funnel", formula, "rate")


def check_by(by: str | None) -> None:
    """Refuse what groups cannot be told by.

    Raises:
        Invalid: Naming ``by``.
    """
    if by is None or by == "channel":
        return
    name = by.removeprefix(BY_PROPERTY)
    if name == by:
        raise Invalid(field="by", expected="channel, or property: and a name", got=by[:60])
    check_text(name, "by", shortest=1, longest=LONGEST_NAME)


@dataclass(frozen=True)
class FunnelGroup:
    """How far some customers came.

    Attributes:
        name: Of the group; None where the first step says none.
        reached: Customers whose window has closed who came to each step; the first entered.
        waiting: Customers whose window is open; not among those.
        others: Whether it holds the many small groups together.
    """

    name: str | None
    reached: tuple[int, ...]
    waiting: int
    others: bool = False

    @property
    def shares(self) -> tuple[Fraction | None, ...]:
        """Of those who entered, who came to each step; None where nobody entered."""
        return tuple(_share(count, self.reached[0]) for count in self.reached)

    @property
    def passed(self) -> tuple[Fraction | None, ...]:
        """Of those at the step before, who came to the next; one less than steps."""
        return tuple(_share(after, before) for before, after in pairwise(self.reached))

    @property
    def weakest(self) -> int | None:
        """Place of the step that the smallest share came to; None where too few came at all.

        Examples:
            >>> FunnelGroup(None, (100, 80, 20, 15), 0).weakest
            2
            >>> FunnelGroup(None, (29, 1), 0).weakest is None
            True
        """
        known = [
            (share, place)
            for place, (share, before) in enumerate(zip(self.passed, self.reached, strict=False), 1)
            if share is not None and before >= FEWEST_CUSTOMERS
        ]
        return min(known)[1] if known else None

    @property
    def gap(self) -> str | None:
        """Why no step is called the weakest; None where one is."""
        if self.weakest is not None:
            return None
        return WAITING if self.waiting and not self.reached[0] else TOO_FEW


@dataclass(frozen=True)
class Funnel:
    """The answer.

    Attributes:
        whole: Everybody.
        groups: By ``by`` of the question, those whom most entered first; else empty.
        ledger_identity, position: What was read.
        sql: What measured it.
    """

    question: FunnelQuestion
    whole: FunnelGroup
    groups: tuple[FunnelGroup, ...]
    ledger_identity: str
    position: int
    sql: str


def together(groups: Sequence[FunnelGroup], steps: int) -> FunnelGroup:
    """Everybody of some groups."""
    reached = tuple(sum(each.reached[place] for each in groups) for place in range(steps))
    return FunnelGroup(None, reached, sum(each.waiting for each in groups))


def largest(groups: Sequence[FunnelGroup], steps: int) -> tuple[FunnelGroup, ...]:
    """The largest groups, and the rest of them as one."""
    ordered = sorted(groups, key=lambda each: (-each.reached[0] - each.waiting, each.name or ""))
    if len(ordered) <= MOST_GROUPS:
        return tuple(ordered)
    kept, rest = ordered[: MOST_GROUPS - 1], ordered[MOST_GROUPS - 1 :]
    small = together(rest, steps)
    return (*kept, FunnelGroup(None, small.reached, small.waiting, others=True))


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
