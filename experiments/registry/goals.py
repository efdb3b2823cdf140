"""The KPIs of a test in their roles, and whether each KPI can play its role there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice, check_number, check_positive, check_rate
from experiments.kpis.document import KpiDocument
from experiments.kpis.kinds import KINDS, SHARES, KpiKind
from experiments.kpis.measured import check_measured
from experiments.names import check_key
from experiments.registry.channels import check_measurable

ROLES = ("primary", "secondary", "guardrail")
MOST_GOALS = 50


@dataclass(frozen=True)
class GoalTarget:
    """What the variant's KPI should reach: ``value`` in the KPI's unit, or growth over control."""

    value: Decimal
    relative: bool = False

    def __post_init__(self) -> None:
        check_number(self.value, "target.value")


@dataclass(frozen=True)
class KpiGoal:
    """A KPI in its role in this experiment.

    Attributes:
        kpi: Key of the KPI document.
        role: primary, secondary or guardrail.
        minimum_effect: The smallest difference worth knowing of, absolute, in the KPI's unit.
        target: What a variant should reach.
        margin: Guardrails: the largest harm that is still harmless, absolute, over 0.
    """

    kpi: str
    role: str
    minimum_effect: Decimal | None = None
    target: GoalTarget | None = None
    margin: Decimal | None = None

    def __post_init__(self) -> None:
        check_key(self.kpi, "kpi")
        check_choice(self.role, ROLES, "role")
        if (self.role == "guardrail") != (self.margin is not None):
            raise Invalid(
                field="margin",
                expected="a number over 0 for a guardrail, none else",
                got=None if self.margin is None else str(self.margin),
            )
        check_positive(self.margin, "margin")
        check_positive(self.minimum_effect, "minimum_effect")


class UnknownKpi(Invalid):
    """A goal names a KPI that the project does not have."""

    template = "no KPI {key!r} in this project"


class RoleNotPossible(Invalid):
    """A KPI of that kind cannot play the role."""

    template = "a KPI of kind {kind!r} is descriptive and cannot be {role}"


class DescriptiveKpi(Invalid):
    """A verdict would rest on customers picked out by what the variants did to them."""

    template = (
        "the KPI {kpi!r} only describes: it compares customers picked out after the assignment, "
        "or none at all, and cannot be {role}"
    )


def check_roles(goals: Sequence[KpiGoal]) -> None:
    """Refuse a KPI named twice, or more than one primary.

    Raises:
        Invalid: Naming ``goals``.
    """
    keys = [goal.kpi for goal in goals]
    if len(keys) > MOST_GOALS:
        raise Invalid(field="goals", expected=f"at most {MOST_GOALS}", got=len(keys))
    if len(set(keys)) < len(keys):
        raise Invalid(field="goals", expected="each KPI once", got=keys)
    primary = [goal.kpi for goal in goals if goal.role == "primary"]
    if len(primary) > 1:
        raise Invalid(field="goals", expected="at most one primary KPI", got=primary)


def check_goals(
    goals: Sequence[KpiGoal], channels: Collection[str], kpis: Mapping[str, KpiDocument]
) -> None:
    """Refuse a goal whose KPI is unknown, or cannot be what the test asks of it.

    Args:
        goals: As registered.
        channels: Of the test.
        kpis: The project's KPI documents by key; those that goals name suffice.

    Raises:
        Invalid: Naming the path, ``goals.0.kpi``.
    """
    for index, goal in enumerate(goals):
        document = kpis.get(goal.kpi)
        if document is None:
            raise UnknownKpi(field=f"goals.{index}.kpi", key=goal.kpi)
        check_role(goal.role, KINDS[document.kind], f"goals.{index}.role")
        check_verdict(goal.role, document, f"goals.{index}.role")
        for event in document.formula.types_to_report:
            check_measurable(event, channels, f"goals.{index}.kpi")
        check_measured(document, f"goals.{index}.kpi")
        if document.kind in SHARES:
            _check_rates(goal, f"goals.{index}")


def check_role(role: str, kind: KpiKind, field: str) -> None:
    """Refuse a verdict that would rest on a descriptive kind of KPI.

    Raises:
        RoleNotPossible: Naming ``field``.
    """
    if role == "primary" and not kind.can_be_primary:
        raise RoleNotPossible(field=field, kind=kind.key, role=role)


def check_verdict(role: str, document: KpiDocument, field: str) -> None:
    """Refuse a verdict that would rest on a document that only describes.

    Raises:
        DescriptiveKpi: Naming ``field``.
    """
    reason = document.descriptive_because
    if role == "primary" and reason is not None:
        raise DescriptiveKpi(field=field, kpi=document.key, reason=reason, role=role)


def _check_rates(goal: KpiGoal, path: str) -> None:
    check_rate(goal.margin, f"{path}.margin")
    check_rate(goal.minimum_effect, f"{path}.minimum_effect")
    if goal.target is not None and not goal.target.relative:
        check_rate(goal.target.value, f"{path}.target.value")
