"""The KPI document: everything a team must agree on before a number means anything."""

from dataclasses import dataclass, field
from decimal import Decimal

from experiments.errors import Invalid
from experiments.kpis.checks import (
    LONGEST_NAME,
    check_choice,
    check_number,
    check_rate,
    check_text,
)
from experiments.kpis.kinds import KINDS
from experiments.kpis.target import BASES, KpiTarget, Milestone
from experiments.ledger.money import check_currency
from experiments.names import check_key

__all__ = ["BASES", "Formula", "KpiDocument", "KpiTarget", "Milestone", "Text"]

UNITS_OF_MEASURE = ("rate", "count", "money", "days", "score")
DIRECTIONS = ("up", "down")
TIERS = ("strategic", "tactical", "operational")
TIMINGS = ("leading", "lagging")
STAGES = ("awareness", "acquisition", "activation", "revenue", "retention", "referral")
PERIODS = ("day", "week", "month", "quarter")
REPORT_CYCLES = ("daily", "weekly", "monthly")
STATUSES = ("draft", "official", "under_review", "retired")
MACHINE_EVENTS = ("include", "exclude")
LONGEST_WINDOW_HOURS = 24 * 400
LONGEST_EVENT = 64
MOST_CONDITIONS = 20


@dataclass(frozen=True)
class Text:
    """A name or sentence in both languages.

    Attributes:
        ko: Korean.
        en: English.
    """

    ko: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in ``ko`` or, for anything else, in English."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True)
class Formula:
    """How one customer's value is computed from events.

    Attributes:
        event: Type of the events that count.
        value: ``occurrence`` (did one happen), ``count`` (how many) or ``amount`` (sum of
            the events' values).
        window_hours: From the anchor, in hours; the end is not included.
        machine: Whether events flagged as made by a machine count.
        where: Property values an event must have, all of them.
    """

    event: str
    value: str
    window_hours: int
    machine: str = "exclude"
    where: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_text(self.event, "formula.event", shortest=1, longest=LONGEST_EVENT)
        check_choice(self.machine, MACHINE_EVENTS, "formula.machine")
        if not 0 < self.window_hours <= LONGEST_WINDOW_HOURS:
            raise Invalid(
                field="formula.window_hours",
                expected=f"1 to {LONGEST_WINDOW_HOURS} hours",
                got=self.window_hours,
            )
        if len(self.where) > MOST_CONDITIONS:
            raise Invalid(
                field="formula.where",
                expected=f"at most {MOST_CONDITIONS} conditions",
                got=len(self.where),
            )
        for name, value in self.where.items():
            check_text(name, "formula.where", shortest=1, longest=LONGEST_NAME)
            check_text(value, f"formula.where.{name}", longest=LONGEST_NAME)


@dataclass(frozen=True)
class KpiDocument:
    """One KPI, as agreed.

    Attributes:
        key: Name in addresses and payloads, unique in its project.
        name: Full name.
        short_name: Name on a chart, with the denominator in it; the name where absent.
        kind: One of ``experiments.kpis.kinds.KINDS``.
        formula: How a customer's value is computed.
        source: Where the events come from (an import, a mail provider, the app); a test
            cannot start on a KPI without one.
        unit_of_measure: rate, count, money, days or score.
        currency: ISO 4217 code, for money only.
        direction: Whether ``up`` or ``down`` is better.
        aggregation_period: day, week, month or quarter that tracking sums up.
        parent: Key of the KPI that this one serves.
        baseline: The value before, in the KPI's unit (rates as fractions, money in whole
            units of the currency, not in cents).
        status: draft, official, under_review or retired.
        successor: Key of the KPI that took over, for a retired one.
    """

    key: str
    name: Text
    kind: str
    formula: Formula
    unit_of_measure: str
    direction: str = "up"
    short_name: Text | None = None
    purpose: str = ""
    source: str | None = None
    currency: str | None = None
    aggregation_period: str | None = None
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

    def __post_init__(self) -> None:
        check_key(self.key)
        self._check_texts()
        self._check_choices()
        self._check_kind()
        self._check_money()
        self._check_levels()
        self._check_relatives()

    def _check_texts(self) -> None:
        for text, name in ((self.name, "name"), (self.short_name, "short_name")):
            if text is not None:
                check_text(text.ko, f"{name}.ko", shortest=1, longest=LONGEST_NAME)
                check_text(text.en, f"{name}.en", shortest=1, longest=LONGEST_NAME)
        check_text(self.purpose, "purpose")
        check_text(self.source, "source", shortest=1, longest=LONGEST_NAME)
        check_text(self.owner, "owner", shortest=1, longest=LONGEST_NAME)

    def _check_choices(self) -> None:
        check_choice(self.unit_of_measure, UNITS_OF_MEASURE, "unit_of_measure")
        check_choice(self.direction, DIRECTIONS, "direction")
        check_choice(self.aggregation_period, PERIODS, "aggregation_period")
        check_choice(self.tier, TIERS, "tier")
        check_choice(self.timing, TIMINGS, "timing")
        check_choice(self.stage, STAGES, "stage")
        check_choice(self.report_cycle, REPORT_CYCLES, "report_cycle")
        check_choice(self.status, STATUSES, "status")

    def _check_kind(self) -> None:
        check_choice(self.kind, tuple(KINDS), "kind")
        kind = KINDS[self.kind]
        check_choice(self.formula.value, sorted(kind.values), "formula.value")
        check_choice(self.unit_of_measure, sorted(kind.units_of_measure), "unit_of_measure")

    def _check_money(self) -> None:
        is_money = self.unit_of_measure == "money"
        if is_money:
            check_currency(self.currency)
        elif self.currency is not None:
            raise Invalid(
                field="currency", expected="none, unless the unit is money", got=self.currency
            )
        if is_money and self.formula.value != "amount":
            raise Invalid(
                field="formula.value",
                expected="amount, since money is summed",
                got=self.formula.value,
            )

    def _check_levels(self) -> None:
        check_number(self.baseline, "baseline")
        levels = [("baseline", self.baseline)]
        if self.target is not None:
            self.target.check_direction(self.direction)
            levels += [] if self.target.relative else self.target.levels()
        if self.unit_of_measure == "rate":
            for name, level in levels:
                check_rate(level, name)

    def _check_relatives(self) -> None:
        for name, key in (("parent", self.parent), ("successor", self.successor)):
            if key is not None:
                check_key(key, name)
            if key == self.key:
                raise Invalid(field=name, expected="the key of another KPI", got=key)
        if self.successor is not None and self.status != "retired":
            raise Invalid(
                field="successor", expected="none, unless the KPI is retired", got=self.successor
            )
