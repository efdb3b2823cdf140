"""A question to the planner, as a caller asks it: one of effect, units and power is open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Any

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice, check_number, check_text
from experiments.kpis.document import DIRECTIONS, UNITS_OF_MEASURE, Text
from experiments.ledger.money import check_currency
from experiments.registry.experiment import SHAPES
from experiments.registry.plan import MOST_LOOKS

KIND_UNITS = {
    "proportion": ("rate",),
    "mean": ("count", "money", "days", "score"),
    "ratio": ("rate", "count", "money"),
    "score": ("score",),
}
# What must be known of a KPI beside its value, by kind.
MOMENTS = {
    "proportion": (),
    "mean": ("standard_deviation",),
    "ratio": (
        "denominator_mean", "numerator_variance", "denominator_variance", "covariance",
    ),
    "score": ("promoters", "detractors"),
}  # fmt: skip
# What must be known of a campaign, by shape.
CAMPAIGNS = {
    "one_blast": ("list_size",),
    "test_then_rest": ("list_size",),
    "triggered": ("eligible_per_day",),
    "recurring": ("list_size", "sends", "days_between"),
}
MOST_UNITS = 10**10
MOST_VARIANTS = 100


class NotPlannable(Invalid):
    """The numbers make no test; the reason is the planner's."""

    template = "no test can be planned from this: {reason}"


@dataclass(frozen=True)
class PlannedKpi:
    """A KPI before the test.

    Attributes:
        kind: One of ``KIND_UNITS``.
        value: As expected of the control, in the KPI's unit; a score's follows from its parts.
        moments: What else is known, by the names in ``MOMENTS``.
        worse: For a guardrail: ``up`` or ``down`` is the harm.
        margin: For a guardrail: the limit thought of; None if it is open.
    """

    kind: str
    value: Decimal | None = None
    moments: Mapping[str, Decimal] = field(default_factory=dict)
    name: Text = field(default_factory=lambda: Text("지표", "the KPI"))
    unit_of_measure: str | None = None
    currency: str | None = None
    worse: str = "up"
    margin: Decimal | None = None

    def __post_init__(self) -> None:
        check_choice(self.kind, tuple(KIND_UNITS), "kind")
        check_choice(self.unit_of_measure, UNITS_OF_MEASURE, "unit_of_measure")
        check_choice(self.unit, KIND_UNITS[self.kind], "unit_of_measure")
        check_choice(self.worse, DIRECTIONS, "worse")
        check_text(self.name.ko, "name.ko", shortest=1, longest=200)
        check_text(self.name.en, "name.en", shortest=1, longest=200)
        if self.unit == "money":
            check_currency(self.currency)
        check_number(self.margin, "margin")
        self._check_moments()

    def _check_moments(self) -> None:
        wanted = MOMENTS[self.kind]
        if (self.value is None) != (self.kind == "score"):
            expected = "none, since a score follows from its parts" if self.value else "a number"
            raise Invalid(field="baseline", expected=expected, got=_shown(self.value))
        check_number(self.value, "baseline")
        for name, value in self.moments.items():
            if name not in wanted:
                raise Invalid(field=name, expected=f"nothing for a {self.kind}", got=str(value))
            check_number(value, name)
        for name in wanted:
            if name not in self.moments:
                raise Invalid(field=name, expected="a number", got=None)

    @property
    def unit(self) -> str:
        """The unit of measure, stated or usual."""
        return self.unit_of_measure or KIND_UNITS[self.kind][0]


@dataclass(frozen=True)
class PlanQuestion:
    """A test to be planned.

    Attributes:
        kpi: The one that decides.
        shape: Of the campaign.
        campaign: Its numbers, by the names in ``CAMPAIGNS``.
        effect: Least difference worth showing, in the KPI's unit.
        relative_effect: The same as a share of the baseline, in place of it.
        units: To assign in all.
        harm: Makes it a test that nothing gets worse: ``up`` or ``down`` is the harm, and the
            effect is the margin.
        weights: Planned split, the control first.
        looks: Planned analyses; those of a triggered test are four where absent.
        retention: Share of the assigned that can be analysed.
        covariate_correlation: Of the KPI with its value before the test.
        window_days: Until a customer's KPI is counted.
        prior_sd: For a test with a rest: how much such variants usually differ.
        guardrails: KPIs that must not be harmed.
    """

    kpi: PlannedKpi
    shape: str
    campaign: Mapping[str, Decimal]
    effect: Decimal | None = None
    relative_effect: Decimal | None = None
    units: int | None = None
    harm: str | None = None
    alpha: Decimal = Decimal("0.05")
    power: Decimal = Decimal("0.8")
    weights: tuple[Decimal, ...] = (Decimal(1), Decimal(1))
    looks: int | None = None
    retention: Decimal = Decimal(1)
    covariate_correlation: Decimal = Decimal(0)
    window_days: Decimal = Decimal(0)
    prior_sd: Decimal | None = None
    guardrails: tuple[PlannedKpi, ...] = ()

    def __post_init__(self) -> None:
        check_choice(self.shape, SHAPES, "shape")
        check_choice(self.harm, DIRECTIONS, "harm")
        self._check_numbers()
        self._check_campaign()
        if self.effect is not None and self.relative_effect is not None:
            raise Invalid(
                field="relative_effect", expected="only one of effect and relative_effect",
                got=str(self.relative_effect),
            )  # fmt: skip
        if self.effect is None and self.relative_effect is None and self.units is None:
            raise Invalid(field="effect", expected="effect, relative_effect or units", got=None)
        if not 2 <= len(self.weights) <= MOST_VARIANTS:
            raise Invalid(
                field="weights", expected=f"2 to {MOST_VARIANTS} weights", got=len(self.weights)
            )

    def _check_numbers(self) -> None:
        for name in (
            "effect", "relative_effect", "alpha", "power", "retention", "covariate_correlation",
            "window_days", "prior_sd",
        ):  # fmt: skip
            check_number(getattr(self, name), name)
        for index, weight in enumerate(self.weights):
            check_number(weight, f"weights.{index}")
        if self.units is not None and not 0 < self.units <= MOST_UNITS:
            raise Invalid(field="units", expected=f"1 to {MOST_UNITS}", got=self.units)
        if self.looks is not None and not 1 <= self.looks <= MOST_LOOKS:
            raise Invalid(field="looks", expected=f"1 to {MOST_LOOKS}", got=self.looks)

    def _check_campaign(self) -> None:
        wanted = CAMPAIGNS[self.shape]
        for name, value in self.campaign.items():
            if name not in wanted:
                raise Invalid(field=name, expected=f"nothing for {self.shape}", got=str(value))
        for name in wanted:
            _check_size(self.campaign.get(name), name)

    @property
    def wanted_effect(self) -> float | None:
        """The effect in the KPI's unit; None if it is asked."""
        if self.effect is not None:
            return float(self.effect)
        if self.relative_effect is None:
            return None
        if self.kpi.value is None or self.kpi.value <= 0:
            raise Invalid(
                field="relative_effect", expected="effect, since the baseline is not over 0",
                got=str(self.relative_effect),
            )  # fmt: skip
        return float(self.kpi.value * self.relative_effect)


def _check_size(value: Decimal | None, name: str) -> None:
    check_number(value, name)
    if value is None or not 0 < value <= MOST_UNITS:
        expected = f"a number over 0, at most {MOST_UNITS}"
        raise Invalid(field=name, expected=expected, got=_shown(value))
    if name != "eligible_per_day" and value != value.to_integral_value():
        raise Invalid(field=name, expected="a whole number", got=str(value))


def made(field_name: str, make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What the planner makes of numbers.

    Raises:
        NotPlannable: If it refuses them.
    """
    try:
        return make(*args, **kwargs)
    except (ValueError, OverflowError, ZeroDivisionError) as reason:
        raise NotPlannable(field=field_name, reason=str(reason)) from reason


def finite(value: Decimal | None) -> float | None:
    """A number for the planner."""
    if value is None:
        return None
    number = float(value)
    return number if isfinite(number) else None


def _shown(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
