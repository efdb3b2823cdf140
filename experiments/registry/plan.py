"""What is fixed before the data: error rates, looks, and when the test opens and closes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice, check_number
from experiments.kpis.document import LONGEST_WINDOW_HOURS

CORRECTIONS = ("dunnett", "none")
MOST_LOOKS = 50
LEAST_ALPHA, MOST_ALPHA = Decimal("0.000001"), Decimal("0.5")
MOST_POWER = Decimal("0.9999")


@dataclass(frozen=True)
class Plan:
    """Error rates and looks, fixed before the data.

    Attributes:
        alpha: Two-sided error rate of the primary verdict.
        power: Wanted chance to see the minimum effect.
        looks: Number of planned analyses; a one-blast test has one.
        window_hours: In place of the KPIs' own windows, if given.
        correction: For several variants against one control.
        units_planned: Customers expected in all, if known; of a blast the whole list,
            of which the coverage takes part.
    """

    alpha: Decimal = Decimal("0.05")
    power: Decimal = Decimal("0.8")
    looks: int = 1
    window_hours: int | None = None
    correction: str = "dunnett"
    units_planned: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("alpha", self.alpha), ("power", self.power)):
            check_number(value, f"plan.{name}")
            if not 0 < value < 1:
                raise Invalid(field=f"plan.{name}", expected="a fraction in (0, 1)", got=str(value))
        if not LEAST_ALPHA <= self.alpha <= MOST_ALPHA:
            bounds = f"{LEAST_ALPHA} to {MOST_ALPHA}"
            raise Invalid(field="plan.alpha", expected=bounds, got=str(self.alpha))
        if not self.alpha < self.power <= MOST_POWER:
            bounds = f"over alpha, at most {MOST_POWER}"
            raise Invalid(field="plan.power", expected=bounds, got=str(self.power))
        if not 1 <= self.looks <= MOST_LOOKS:
            raise Invalid(field="plan.looks", expected=f"1 to {MOST_LOOKS}", got=self.looks)
        if self.window_hours is not None and not 0 < self.window_hours <= LONGEST_WINDOW_HOURS:
            raise Invalid(
                field="plan.window_hours",
                expected=f"1 to {LONGEST_WINDOW_HOURS} hours",
                got=self.window_hours,
            )
        if self.units_planned is not None and self.units_planned <= 0:
            raise Invalid(field="plan.units_planned", expected="over 0", got=self.units_planned)
        check_choice(self.correction, CORRECTIONS, "plan.correction")


@dataclass(frozen=True)
class Schedule:
    """When the test is meant to open and to close."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        for name, at in (("starts_at", self.starts_at), ("ends_at", self.ends_at)):
            if at is not None and at.utcoffset() is None:
                raise Invalid(
                    field=f"schedule.{name}", expected="a time with a zone", got=at.isoformat()
                )
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise Invalid(
                field="schedule.ends_at",
                expected="a time after starts_at",
                got=self.ends_at.isoformat(),
            )
