"""How a KPI is followed outside of tests: whose window starts when, and what is added up."""

from dataclasses import dataclass

from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_NAME, check_choice, check_text, check_whole
from experiments.kpis.term_checks import check_events
from experiments.kpis.terms import Events

BY = ("cohort", "period")
AGGREGATES = ("average", "total")
LONGEST_ROLLING_DAYS = 400
MOST_SPLITS = 5


@dataclass(frozen=True)
class Tracking:
    """How the values of a day, week or month come about.

    Attributes:
        by: ``cohort``: customers belong to the period of their first ``base`` event in it,
            which is their anchor; those whose window is open are not counted yet. That event
            counts for ``requires``, ``since`` and a funnel's first step, and is no outcome
            itself. ``period``: the events of the period count and its start is the anchor,
            whatever the window.
        base: By cohort: which events start a customer's window. By period: who is in the
            denominator; None: everybody the project has seen by the end of the period.
        aggregate: ``average`` per customer of the denominator, or the ``total``.
        rolling_days: By period: so many local days up to the period's end, in its place.
        split_by: Properties of the counted event by which values are split, such as a reason.
    """

    by: str = "cohort"
    base: Events | None = None
    aggregate: str = "average"
    rolling_days: int | None = None
    split_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_choice(self.by, BY, "tracking.by")
        check_choice(self.aggregate, AGGREGATES, "tracking.aggregate")
        if self.by == "cohort" and self.base is None:
            raise Invalid(
                field="tracking.base",
                expected="the events that start a customer's window, since it is by cohort",
                got=None,
            )
        if self.base is not None:
            check_events(self.base, "tracking.base")
        check_whole(self.rolling_days, 1, LONGEST_ROLLING_DAYS, "tracking.rolling_days")
        if self.by == "cohort" and self.rolling_days is not None:
            raise Invalid(
                field="tracking.rolling_days",
                expected="none, unless it is by period",
                got=self.rolling_days,
            )
        if len(self.split_by) > MOST_SPLITS:
            raise Invalid(
                field="tracking.split_by", expected=f"at most {MOST_SPLITS}", got=len(self.split_by)
            )
        for index, name in enumerate(self.split_by):
            check_text(name, f"tracking.split_by.{index}", shortest=1, longest=LONGEST_NAME)
