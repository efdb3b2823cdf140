"""The experiment as registered: what is tested, on whom, and what decides it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from experiments.errors import Invalid
from experiments.names import check_key

ANCHORS = ("assignment", "trigger", "planned_send", "sent")
SHAPES = ("one_blast", "test_then_rest", "triggered", "recurring")
PURPOSES = ("learn", "choose")
CHANNELS = (
    "email", "app_push", "web_push", "in_app", "sms", "lms", "alimtalk", "friendtalk",
    "kakao_channel", "web", "popup", "offline",
)  # fmt: skip
ELEMENTS = (
    "subject_line", "content", "offer", "send_time", "delay", "cadence", "channel", "journey",
    "sender", "frequency", "landing_page", "audience", "other",
)  # fmt: skip
ALLOCATIONS = ("truelift", "external")
ROLES = ("primary", "secondary", "guardrail")
STATES = ("draft", "scheduled", "running", "paused", "stopped", "decided", "archived")
CORRECTIONS = ("dunnett", "holm", "none")
WEIGHT_TOLERANCE = Decimal("0.000001")


def _one_of(value: str, allowed: tuple[str, ...], name: str) -> None:
    if value not in allowed:
        raise Invalid(field=name, expected="one of " + ", ".join(allowed), got=value)


@dataclass(frozen=True)
class Variant:
    """One arm.

    Attributes:
        key: Name in addresses and payloads.
        name: Name on screen.
        weight: Planned share, a fraction in (0, 1].
        control: Whether the others are compared with this one.
        no_message: Whether customers of this arm are left alone.
        payload: What an app gets when it asks for the variant; any JSON value.
    """

    key: str
    name: str
    weight: Decimal
    control: bool = False
    no_message: bool = False
    payload: Any = None

    def __post_init__(self) -> None:
        check_key(self.key)
        if not 0 < self.weight <= 1:
            raise Invalid(field="weight", expected="a fraction over 0, at most 1", got=self.weight)


@dataclass(frozen=True)
class GoalTarget:
    """What the variant's KPI should reach: ``value`` in the KPI's unit, or growth over control."""

    value: Decimal
    relative: bool = False


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
        _one_of(self.role, ROLES, "role")
        if (self.role == "guardrail") != (self.margin is not None):
            raise Invalid(
                field="margin", expected="a number over 0 for a guardrail, none else", got=self.margin
            )
        for name, value in (("margin", self.margin), ("minimum_effect", self.minimum_effect)):
            if value is not None and value <= 0:
                raise Invalid(field=name, expected="a number over 0", got=value)


@dataclass(frozen=True)
class Plan:
    """Error rates and looks, fixed before the data.

    Attributes:
        alpha: Two-sided error rate of the primary verdict.
        power: Wanted chance to see the minimum effect.
        looks: Number of planned analyses; a one-blast test has one.
        window_hours: In place of the KPIs' own windows, if given.
        correction: For several variants against one control.
        units_planned: Customers expected in all, if known.
    """

    alpha: Decimal = Decimal("0.05")
    power: Decimal = Decimal("0.8")
    looks: int = 1
    window_hours: int | None = None
    correction: str = "dunnett"
    units_planned: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("alpha", self.alpha), ("power", self.power)):
            if not 0 < value < 1:
                raise Invalid(field=f"plan.{name}", expected="a fraction in (0, 1)", got=value)
        if not 1 <= self.looks <= 50:
            raise Invalid(field="plan.looks", expected="1 to 50", got=self.looks)
        if self.window_hours is not None and self.window_hours <= 0:
            raise Invalid(field="plan.window_hours", expected="over 0", got=self.window_hours)
        _one_of(self.correction, CORRECTIONS, "plan.correction")


@dataclass(frozen=True)
class Schedule:
    """When the test is meant to open and to close."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise Invalid(
                field="schedule.ends_at", expected="a time after starts_at", got=self.ends_at
            )


@dataclass(frozen=True)
class ExperimentDraft:
    """Everything that is said of a test before it starts.

    Attributes:
        anchor: From when, and for whom, we count.
        allocation: ``truelift`` (we assign) or ``external`` (another tool did, and is believed).
        coverage: Share of customers that take part, a fraction in (0, 1].
        seed: What the hash is salted with; the key where absent.
    """

    key: str
    name: str
    anchor: str
    shape: str
    channels: tuple[str, ...]
    variants: tuple[Variant, ...]
    goals: tuple[KpiGoal, ...] = ()
    hypothesis: str = ""
    purpose: str = "learn"
    element: str = "other"
    allocation: str = "truelift"
    coverage: Decimal = Decimal(1)
    plan: Plan = field(default_factory=Plan)
    schedule: Schedule = field(default_factory=Schedule)
    owner: str | None = None
    tags: tuple[str, ...] = ()
    seed: str | None = None

    def __post_init__(self) -> None:
        check_key(self.key)
        _one_of(self.anchor, ANCHORS, "anchor")
        _one_of(self.shape, SHAPES, "shape")
        _one_of(self.purpose, PURPOSES, "purpose")
        _one_of(self.element, ELEMENTS, "element")
        _one_of(self.allocation, ALLOCATIONS, "allocation")
        for channel in self.channels:
            _one_of(channel, CHANNELS, "channels")
        if not self.channels:
            raise Invalid(field="channels", expected="at least one channel", got=[])
        if not 0 < self.coverage <= 1:
            raise Invalid(
                field="coverage", expected="a fraction over 0, at most 1", got=self.coverage
            )
        self._check_variants()
        self._check_goals()
        if self.shape == "one_blast" and self.plan.looks != 1:
            raise Invalid(
                field="plan.looks",
                expected="1, since the whole list of a one-blast test matures at once",
                got=self.plan.looks,
            )

    def _check_variants(self) -> None:
        keys = [variant.key for variant in self.variants]
        if len(keys) < 2:
            raise Invalid(field="variants", expected="at least two", got=keys)
        if len(set(keys)) < len(keys):
            raise Invalid(field="variants", expected="keys that differ", got=keys)
        controls = [variant.key for variant in self.variants if variant.control]
        if len(controls) != 1:
            raise Invalid(field="variants", expected="exactly one control", got=controls)
        total = sum(variant.weight for variant in self.variants)
        if abs(total - 1) > WEIGHT_TOLERANCE:
            raise Invalid(field="variants", expected="weights that sum to 1", got=str(total))

    def _check_goals(self) -> None:
        keys = [goal.kpi for goal in self.goals]
        if len(set(keys)) < len(keys):
            raise Invalid(field="goals", expected="each KPI once", got=keys)
        primary = [goal.kpi for goal in self.goals if goal.role == "primary"]
        if len(primary) > 1:
            raise Invalid(field="goals", expected="at most one primary KPI", got=primary)

    @property
    def control(self) -> Variant:
        """The variant that the others are compared with."""
        return next(variant for variant in self.variants if variant.control)
