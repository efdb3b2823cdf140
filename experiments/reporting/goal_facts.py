"""What a report says of one goal: every arm, every comparison, the target, every event."""

from dataclasses import dataclass

from experiments.kpis.document import Text
from experiments.reporting.depth_facts import (
    Adjustment,
    CreditRule,
    DayEffect,
    Expectation,
    FunnelStep,
    Rest,
    Uncapped,
)
from experiments.reporting.ranges import Range

__all__ = [
    "Accounting", "Arm", "Comparison", "Goal", "GuardrailFact", "Range", "TargetFact",
]  # fmt: skip


@dataclass(frozen=True)
class TargetFact:
    """The two facts about a target: the actual, and whether it will hold.

    Attributes:
        value: The target, in the KPI's unit.
        reached: Whether the actual is at it or beyond.
        holds: ``yes``, ``not_certain`` or ``no``, by the arm's interval.
    """

    value: float
    reached: bool
    holds: str


@dataclass(frozen=True)
class Arm:
    """One variant's KPI.

    Attributes:
        units: Customers counted, all with their window closed.
        total: Customers with the outcome, or the sum of values in the KPI's unit.
        value: Rate or mean; None without customers.
        interval: Around the value; None where there is none.
        target: None where the goal has no target.
    """

    variant: str
    name: str
    control: bool
    units: int
    total: float
    value: float | None
    interval: Range | None
    target: TargetFact | None = None


@dataclass(frozen=True)
class Comparison:
    """A variant against the control.

    Attributes:
        difference: Variant minus control, in the KPI's unit.
        interval: Of the difference, read alone.
        interval_adjusted: With all variants considered; the verdict's.
        relative: The difference as a share of the control's value.
        relative_interval: Of that, read alone.
        relative_gap: Why the relative difference is missing or has no limit.
        p_value: Of no difference, read alone.
        p_value_adjusted: With all variants considered.
        always_valid: Range of the difference that holds however often one looks; the only
            one given before the planned end.
        significant: Whether a difference is shown, all variants considered.
        better: Whether the difference is in the wanted direction; None if there is none.
        method: Name of the method, as in docs/statistics.md.
        gap: Why there is no comparison; every number is None then.
        adjustments: Comparisons beside this one that account for something known before.
        expected: What to expect of it in use; of a winner only.
        rest: What it is expected to bring to the rest of the list; only of the winner of a
            test on a sample of a list whose size is known.
    """

    variant: str
    name: str
    difference: float | None = None
    interval: Range | None = None
    interval_adjusted: Range | None = None
    relative: float | None = None
    relative_interval: Range | None = None
    relative_gap: str | None = None
    p_value: float | None = None
    p_value_adjusted: float | None = None
    always_valid: Range | None = None
    significant: bool = False
    better: bool | None = None
    method: str | None = None
    gap: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    expected: Expectation | None = None
    rest: Rest | None = None


@dataclass(frozen=True)
class GuardrailFact:
    """Whether a variant does harm.

    Attributes:
        outcome: ``safe``, ``harmful`` or ``not_shown_safe``.
        worsening: Observed, in the KPI's unit; below 0 is an improvement.
        worst: Upper limit of the worsening, one-sided.
        margin: The limit that was set.
    """

    variant: str
    name: str
    outcome: str
    worsening: float
    worst: float | None
    margin: float


@dataclass(frozen=True)
class Accounting:
    """Where every event of the KPI's type went: used and excluded add up to received.

    Attributes:
        received: All that ever arrived, those sent again too.
        late: Of the used, received after their customer's window had closed.
    """

    received: int
    used: int
    excluded: dict[str, int]
    late: int = 0


@dataclass(frozen=True)
class Goal:
    """One KPI of the test.

    Attributes:
        role: primary, secondary or guardrail.
        unit_of_measure: rate, count, money, days or score.
        direction: ``up`` or ``down`` is better.
        window_hours: From the anchor.
        minimum_effect: The smallest difference worth knowing of; None if not stated.
        exploratory: A secondary KPI whose differences are hints only.
        units_needed: Customers per variant that would settle the minimum effect; None if
            nothing is open or it cannot be said.
        immature: Customers per variant whose window has not closed; not counted.
        sql: What measured it.
        power: Chance that the customers met show the minimum effect, if it is there; only at
            the planned end, None without a minimum effect or if it cannot be said.
        days_needed: Days that ``units_needed`` take at the pace so far.
        uncapped: Beside a KPI with a cap; None without one, and before the planned end.
        credit: By every rule of credit, where the KPI depends on one; only at the planned end.
        steps: Of a funnel.
        days: What happened when after the anchor; of the primary KPI, at the planned end.
        days_gap: Why there is no such thing; None where there is, or nobody asked.
    """

    kpi: str
    version: int
    name: Text
    short_name: Text
    kind: str
    role: str
    unit_of_measure: str
    currency: str | None
    direction: str
    window_hours: int
    minimum_effect: float | None
    exploratory: bool
    units_needed: int | None
    arms: tuple[Arm, ...]
    comparisons: tuple[Comparison, ...]
    guardrails: tuple[GuardrailFact, ...]
    accounting: Accounting
    immature: dict[str, int]
    sql: str
    power: float | None = None
    days_needed: int | None = None
    uncapped: Uncapped | None = None
    credit: tuple[CreditRule, ...] = ()
    steps: tuple[FunnelStep, ...] = ()
    days: tuple[DayEffect, ...] = ()
    days_gap: str | None = None

    @property
    def control(self) -> Arm:
        """The arm the others are compared with."""
        return next(arm for arm in self.arms if arm.control)
