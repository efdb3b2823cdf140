"""The KPI document: everything a team must agree on before a number means anything."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from experiments.errors import Invalid
from experiments.kpis.kinds import KINDS
from experiments.names import check_key

UNITS_OF_MEASURE = ("rate", "count", "money", "days", "score")
DIRECTIONS = ("up", "down")
TIERS = ("strategic", "tactical", "operational")
TIMINGS = ("leading", "lagging")
STAGES = ("awareness", "acquisition", "activation", "revenue", "retention", "referral")
REPORT_CYCLES = ("daily", "weekly", "monthly")
STATUSES = ("draft", "official", "under_review", "retired")
BASES = ("trend", "benchmark", "realistic", "bold")
MACHINE_EVENTS = ("include", "exclude")
LONGEST_WINDOW_HOURS = 24 * 400


def _one_of(value: str | None, allowed: tuple[str, ...], name: str) -> None:
    if value is not None and value not in allowed:
        raise Invalid(field=name, expected="one of " + ", ".join(allowed), got=value)


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
        if not 0 < len(self.event) <= 64:
            raise Invalid(field="formula.event", expected="1 to 64 characters", got=self.event)
        _one_of(self.machine, MACHINE_EVENTS, "formula.machine")
        if not 0 < self.window_hours <= LONGEST_WINDOW_HOURS:
            raise Invalid(
                field="formula.window_hours",
                expected=f"1 to {LONGEST_WINDOW_HOURS} hours",
                got=self.window_hours,
            )


@dataclass(frozen=True)
class KpiTarget:
    """Where the KPI should be, and by when.

    Attributes:
        value: In the KPI's unit (a rate as a fraction), or, if ``relative``, the growth over
            the baseline (0.1 is ten per cent more).
        relative: Whether ``value`` is relative to the baseline.
        basis: What the number rests on: trend, benchmark, realistic or bold.
        bold: The second, higher level, in the same terms as ``value``.
        due_on: The day by which it should be reached.
    """

    value: Decimal
    relative: bool = False
    basis: str | None = None
    bold: Decimal | None = None
    due_on: date | None = None

    def __post_init__(self) -> None:
        _one_of(self.basis, BASES, "target.basis")


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
        baseline: The value before, in the KPI's unit.
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
    tier: str | None = None
    timing: str | None = None
    stage: str | None = None
    parent: str | None = None
    owner: str | None = None
    report_cycle: str | None = None
    baseline: Decimal | None = None
    target: KpiTarget | None = None
    status: str = "draft"

    def __post_init__(self) -> None:
        check_key(self.key)
        if self.parent is not None:
            check_key(self.parent, "parent")
        _one_of(self.kind, tuple(KINDS), "kind")
        _one_of(self.unit_of_measure, UNITS_OF_MEASURE, "unit_of_measure")
        _one_of(self.direction, DIRECTIONS, "direction")
        _one_of(self.tier, TIERS, "tier")
        _one_of(self.timing, TIMINGS, "timing")
        _one_of(self.stage, STAGES, "stage")
        _one_of(self.report_cycle, REPORT_CYCLES, "report_cycle")
        _one_of(self.status, STATUSES, "status")
        _one_of(self.formula.value, tuple(sorted(KINDS[self.kind].values)), "formula.value")
        self._check_money()

    def _check_money(self) -> None:
        is_money = self.unit_of_measure == "money"
        if is_money != (self.currency is not None):
            raise Invalid(
                field="currency",
                expected="an ISO 4217 code for money, and none for anything else",
                got=self.currency,
            )
        if is_money and self.formula.value != "amount":
            raise Invalid(
                field="formula.value", expected="amount, since money is summed", got=self.formula.value
            )
