"""The experiment as registered: what is tested, on whom, and what decides it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from experiments.assignment.buckets import BucketRange, allocate
from experiments.decisions.decision import Decision
from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_NAME, check_choice, check_share, check_text
from experiments.names import check_key
from experiments.registry.adaptive import Adaptive, Around, check_adaptive
from experiments.registry.audience import (
    UNIT_ATTRIBUTE,
    Audience,
    ContactCap,
    CoolDown,
    LayerSlots,
    check_hash_attribute,
)
from experiments.registry.channels import CHANNELS
from experiments.registry.goals import ROLES, GoalTarget, KpiGoal, check_roles
from experiments.registry.plan import CORRECTIONS, Plan, Schedule
from experiments.registry.send_times import check_zone_attribute
from experiments.registry.variants import WEIGHT_TOLERANCE, Variant, check_variants

__all__ = [
    "CHANNELS", "CORRECTIONS", "ROLES", "WEIGHT_TOLERANCE", "Adaptive", "Audience", "ContactCap",
    "CoolDown", "Experiment", "ExperimentDraft", "GoalTarget", "KpiGoal", "LayerSlots", "Phase",
    "Plan", "Schedule", "Variant",
]  # fmt: skip

ANCHORS = ("assignment", "trigger", "planned_send", "sent")
SHAPES = ("one_blast", "test_then_rest", "triggered", "recurring")
PURPOSES = ("learn", "choose")
ELEMENTS = (
    "subject_line", "content", "offer", "send_time", "delay", "cadence", "channel", "journey",
    "sender", "frequency", "landing_page", "audience", "other",
)  # fmt: skip
ALLOCATIONS = ("truelift", "external")
STATES = ("draft", "scheduled", "running", "paused", "stopped", "decided", "archived")
MOST_TAGS = 50


@dataclass(frozen=True)
class ExperimentDraft:
    """Everything that is said of a test before it starts.

    Attributes:
        key: Name in addresses and payloads, unique in its project.
        anchor: From when, and for whom, we count.
        shape: one_blast, test_then_rest, triggered or recurring.
        purpose: ``learn`` (planned error rates) or ``choose`` (the best so far goes out).
        element: What differs between the variants.
        allocation: ``truelift`` (we assign) or ``external`` (another tool did, and is believed).
        coverage: Share of customers that take part, a fraction in (0, 1].
        seed: What the hash is salted with; the key where absent.
        hash_attribute: Whose value decides the variant: ``id`` (each unit by itself), or an
            attribute, so that all units of one value (a household) get one variant.
        audience: Whom the test is meant for.
        layer: Slots that it owns, so that its units meet no other test of the layer.
        contact_cap: Leaves out units that had their share of messages.
        cool_down: Leaves out units that met another test lately.
        advertising: Whether the messages are advertising, which rules are stricter about.
        night_consent: Whether everybody in the audience agreed to advertising at night.
        time_zone_attribute: Which attribute names a customer's zone; the project's where absent.
        adaptive: How the shares follow the results; None: they stay.
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
    hash_attribute: str = UNIT_ATTRIBUTE
    audience: Audience = field(default_factory=Audience)
    layer: LayerSlots | None = None
    contact_cap: ContactCap | None = None
    cool_down: CoolDown | None = None
    advertising: bool = False
    night_consent: bool = False
    time_zone_attribute: str | None = None
    adaptive: Adaptive | None = None

    def __post_init__(self) -> None:
        check_key(self.key)
        self._check_texts()
        check_choice(self.anchor, ANCHORS, "anchor")
        check_choice(self.shape, SHAPES, "shape")
        check_choice(self.purpose, PURPOSES, "purpose")
        check_choice(self.element, ELEMENTS, "element")
        check_choice(self.allocation, ALLOCATIONS, "allocation")
        self._check_channels()
        check_share(self.coverage, "coverage")
        check_variants(self.variants)
        check_roles(self.goals)
        check_hash_attribute(self.hash_attribute)
        check_zone_attribute(self.time_zone_attribute)
        self._check_design()

    def _check_texts(self) -> None:
        check_text(self.name, "name", shortest=1, longest=LONGEST_NAME)
        check_text(self.hypothesis, "hypothesis")
        check_text(self.owner, "owner", shortest=1, longest=LONGEST_NAME)
        check_text(self.seed, "seed", shortest=1, longest=LONGEST_NAME)
        if len(self.tags) > MOST_TAGS:
            raise Invalid(field="tags", expected=f"at most {MOST_TAGS}", got=len(self.tags))
        for index, tag in enumerate(self.tags):
            check_text(tag, f"tags.{index}", shortest=1, longest=LONGEST_NAME)

    def _check_channels(self) -> None:
        for index, channel in enumerate(self.channels):
            check_choice(channel, CHANNELS, f"channels.{index}")
        if not self.channels or len(set(self.channels)) < len(self.channels):
            raise Invalid(
                field="channels",
                expected="at least one channel, each once",
                got=list(self.channels),
            )

    def _check_design(self) -> None:
        if self.shape == "one_blast" and self.plan.looks != 1:
            raise Invalid(
                field="plan.looks",
                expected="1, since the whole list of a one-blast test matures at once",
                got=self.plan.looks,
            )
        if self.anchor == "sent" and any(variant.no_message for variant in self.variants):
            raise Invalid(
                field="anchor",
                expected="assignment, trigger or planned_send, since an arm without message "
                "is never sent",
                got=self.anchor,
            )
        around = Around(self.shape, self.allocation, self.plan, self.schedule, self.variants)
        check_adaptive(self.adaptive, around)
        self.ranges()

    def ranges(self) -> tuple[BucketRange, ...]:
        """Each variant's buckets; none where another tool allocates.

        Raises:
            ShareTooSmall: If a variant would own no bucket; no draft comes about then.
        """
        if self.allocation == "external":
            return ()
        return allocate({each.key: each.weight for each in self.variants}, self.coverage)

    @property
    def control(self) -> Variant:
        """The variant that the others are compared with."""
        return next(variant for variant in self.variants if variant.control)

    @property
    def salt(self) -> str:
        """What the hash is salted with."""
        return self.seed or self.key


@dataclass(frozen=True)
class Phase:
    """A stretch of a test under one allocation.

    Attributes:
        number: From 1.
        seed: The hash's salt.
        ranges: Buckets of each variant; none where allocation is external.
        started_at: When it opened.
        ended_at: When the next phase, or the stop, closed it.
        weights: Planned share of each variant; None where allocation is external.
        coverage: Share of units that takes part.
        condition: Audience and saved segments as one rule, as they stood at the start.
        holdouts: Row ids of the holdouts that the test keeps to.
    """

    number: int
    seed: str
    ranges: tuple[BucketRange, ...]
    started_at: datetime
    ended_at: datetime | None = None
    weights: Mapping[str, Decimal] | None = None
    coverage: Decimal | None = None
    condition: Mapping[str, Any] | None = None
    holdouts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """An experiment of a project, as it stands.

    Attributes:
        id: Number in the database.
        draft: What was registered.
        state: Where in its life it is.
        revision: Grows with every change; the entity tag.
        kpi_versions: Version of each goal's KPI, fixed at the start; None before.
        phases: By number.
        decision: None until it is decided.
        created_by: Name of the actor.
        slots_released_at: When it gave the slots of its layer back, though not archived.
    """

    id: int
    draft: ExperimentDraft
    state: str
    revision: int
    kpi_versions: dict[str, int] | None
    phases: tuple[Phase, ...]
    decision: Decision | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    slots_released_at: datetime | None = None

    @property
    def key(self) -> str:
        """Its name in addresses and payloads."""
        return self.draft.key
