"""The KPI document: everything a team must agree on before a number means anything."""

from dataclasses import dataclass
from decimal import Decimal

from experiments.errors import Invalid
from experiments.kpis.checks import (
    LONGEST_NAME,
    LONGEST_TEXT,
    check_choice,
    check_number,
    check_rate,
    check_text,
    check_whole,
)
from experiments.kpis.descriptive import descriptive_reason
from experiments.kpis.fit import check_fit
from experiments.kpis.formula import LONGEST_WINDOW_HOURS, Bands, DayWindow, Formula
from experiments.kpis.kinds import KINDS, SHARES
from experiments.kpis.target import BASES, KpiTarget, Milestone
from experiments.kpis.terms import Cap, Events, Filter, Quantity, Requirement, Term
from experiments.kpis.text import Text
from experiments.kpis.tracking import Tracking
from experiments.names import check_key

__all__ = [
    "BASES", "LONGEST_WINDOW_HOURS", "Bands", "Cap", "DayWindow", "Events", "Filter", "Formula",
    "KpiDocument", "KpiTarget", "Milestone", "Quantity", "Requirement", "Term", "Text", "Tracking",
]  # fmt: skip

UNITS_OF_MEASURE = ("rate", "count", "money", "days", "score")
DIRECTIONS = ("up", "down")
TIERS = ("strategic", "tactical", "operational")
TIMINGS = ("leading", "lagging")
STAGES = ("awareness", "acquisition", "activation", "revenue", "retention", "referral")
PERIODS = ("day", "week", "month", "quarter")
REPORT_CYCLES = ("daily", "weekly", "monthly")
STATUSES = ("draft", "official", "under_review", "retired")
CREDITS = ("any", "last_message", "first_message", "own_tag")
LONGEST_COVARIATE_DAYS = 400
# Shares of customers: nothing above 1. A ratio of sums may be, such as revenue per cost.
SCORES = Decimal(-100), Decimal(100)


@dataclass(frozen=True)
class KpiDocument:
    """One KPI, as agreed.

    Attributes:
        key: Name in addresses and payloads, unique in its project.
        name: Full name.
        short_name: Name on a chart, with the denominator in it; the name where absent.
        definition: What the number is, in one sentence.
        kind: One of ``experiments.kpis.kinds.KINDS``.
        formula: How a customer's value is computed.
        source: Where the events come from (an import, a mail provider, the app); a test
            cannot start on a KPI without one.
        unit_of_measure: rate, count, money, days or score.
        currency: ISO 4217 code, for money, and for a ratio of two amounts of money.
        direction: Whether ``up`` or ``down`` is better.
        aggregation_period: day, week, month or quarter that tracking sums up.
        tracking: How its values outside of tests come about; None: it is not tracked.
        credit: Which of two messages that claim one event gets it. ``any``: every event in
            the window counts; ``last_message`` or ``first_message``: only if this test's was
            the last (first) message before it within the window; ``own_tag``: only events
            that carry this test's tag.
        covariate_days: Of a comparison sharpened by the customer's own past: the same value
            over so many times 24 hours before the anchor.
        descriptive: True marks a KPI that no verdict may rest on; where the formula makes it
            one, it is without being marked (:attr:`descriptive_because`).
        parent: Key of the KPI that this one serves.
        baseline: The value before, in the KPI's unit (rates as fractions, money in whole
            units of the currency, not in cents).
        status: draft, official, under_review or retired.
        successor: Key of the KPI that took over, for a retired one.
        catalogue: Key of the entry of the catalogue that it was made from.
    """

    key: str
    name: Text
    kind: str
    formula: Formula
    unit_of_measure: str
    direction: str = "up"
    short_name: Text | None = None
    definition: Text | None = None
    purpose: str | Text = ""
    source: str | None = None
    currency: str | None = None
    aggregation_period: str | None = None
    tracking: Tracking | None = None
    credit: str = "any"
    covariate_days: int | None = None
    descriptive: bool | None = None
    tier: str | None = None
    timing: str | None = None
    stage: str | None = None
    parent: str | None = None
    owner: str | None = None
    report_cycle: str | None = None
    baseline: Decimal | None = None
    target: KpiTarget | None = None
    status: str = "draft"
    successor: str | None = None
    catalogue: str | None = None

    def __post_init__(self) -> None:
        check_key(self.key)
        self._check_texts()
        self._check_choices()
        check_choice(self.kind, tuple(KINDS), "kind")
        check_fit(KINDS[self.kind], self.formula, self.unit_of_measure, self.currency)
        self._check_use()
        self._check_levels()
        self._check_relatives()

    @property
    def descriptive_because(self) -> str | None:
        """Why no verdict may rest on it, one of ``experiments.kpis.descriptive.REASONS``."""
        return descriptive_reason(self.kind, self.formula, self.descriptive)

    def _check_texts(self) -> None:
        texts = {
            "name": self.name, "short_name": self.short_name, "definition": self.definition,
            "purpose": self.purpose,
        }  # fmt: skip
        for name, text in texts.items():
            longest = LONGEST_NAME if name.endswith("name") else LONGEST_TEXT
            shortest = 0 if name == "purpose" else 1
            written = vars(text) if isinstance(text, Text) else {"": text}
            for language, said in written.items():
                path = f"{name}.{language}".rstrip(".")
                check_text(said, path, shortest=shortest, longest=longest)
        check_text(self.source, "source", shortest=1, longest=LONGEST_NAME)
        check_text(self.owner, "owner", shortest=1, longest=LONGEST_NAME)

    def _check_choices(self) -> None:
        check_choice(self.unit_of_measure, UNITS_OF_MEASURE, "unit_of_measure")
        check_choice(self.direction, DIRECTIONS, "direction")
        check_choice(self.aggregation_period, PERIODS, "aggregation_period")
        check_choice(self.credit, CREDITS, "credit")
        check_choice(self.tier, TIERS, "tier")
        check_choice(self.timing, TIMINGS, "timing")
        check_choice(self.stage, STAGES, "stage")
        check_choice(self.report_cycle, REPORT_CYCLES, "report_cycle")
        check_choice(self.status, STATUSES, "status")

    def _check_use(self) -> None:
        """Refuse uses that the formula does not allow."""
        reason = descriptive_reason(self.kind, self.formula)
        if self.descriptive is False and reason is not None:
            raise Invalid(
                field="descriptive",
                expected=f"true, since the formula makes it so ({reason})",
                got="false",
            )
        check_whole(self.covariate_days, 1, LONGEST_COVARIATE_DAYS, "covariate_days")
        sharpens = KINDS[self.kind].covariate and not self.formula.series
        if self.covariate_days is not None and not sharpens:
            raise Invalid(
                field="covariate_days",
                expected="none, since its customers have no such value",
                got=self.covariate_days,
            )
        total = self.tracking is not None and self.tracking.aggregate == "total"
        if total and self.kind != "mean":
            raise Invalid(
                field="tracking.aggregate", expected=f"average for a {self.kind}", got="total"
            )

    def _check_levels(self) -> None:
        levels = [("baseline", self.baseline)]
        if self.target is not None and not self.target.relative:
            levels += self.target.levels()
        for name, level in levels:
            check_number(level, name)
            if self.kind in SHARES:
                check_rate(level, name)
            elif self.kind == "score":
                _check_score(level, name)
        if self.target is not None:
            self.target.check_direction(self.direction)
            self.target.check_side(self.baseline, self.direction)

    def _check_relatives(self) -> None:
        relatives = {"parent": self.parent, "successor": self.successor}
        for name, key in {**relatives, "catalogue": self.catalogue}.items():
            if key is not None:
                check_key(key, name)
        for name, key in relatives.items():
            if key == self.key:
                raise Invalid(field=name, expected="the key of another KPI", got=key)
        if self.successor is not None and self.status != "retired":
            raise Invalid(
                field="successor", expected="none, unless the KPI is retired", got=self.successor
            )


def _check_score(value: Decimal | None, field: str) -> None:
    least, most = SCORES
    if value is not None and not least <= value <= most:
        raise Invalid(field=field, expected=f"a score from {least} to {most}", got=str(value))
