"""The report as values: numbers, states and facts, in no language yet.

Rates, means and differences are in the KPI's own unit (a rate is a fraction, money is in
whole units of its currency). What is not known is None, with its reason beside it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from experiments.registry.preflight import StartWarning
from experiments.reporting.adaptive.facts import AdaptiveFact
from experiments.reporting.goal_facts import Goal, Range
from experiments.reporting.group_facts import DimensionFact, SegmentRead
from experiments.reporting.health_facts import Health

if TYPE_CHECKING:
    import pandas as pd

# The order of a report.
ROLES = ("primary", "secondary", "guardrail")


class State(StrEnum):
    """The state of the evidence; each has its sentences."""

    WIN = "win"
    LOSS = "loss"
    NO_DIFFERENCE = "no_difference"
    TOO_SMALL = "too_small"
    TOO_EARLY = "too_early"
    SPLIT_BROKEN = "split_broken"
    OPENS_UNRELIABLE = "opens_unreliable"
    HARMFUL = "harmful"
    TRADE_OFF = "trade_off"
    CHOICE = "choice"
    NO_DATA = "no_data"
    NO_ANSWER = "no_answer"
    ONE_SEGMENT = "one_segment"


# In these states no winner may be named, and every lift carries the reason.
WITHHELD = frozenset({State.SPLIT_BROKEN, State.OPENS_UNRELIABLE})


@dataclass(frozen=True)
class Verdict:
    """What may be said.

    Attributes:
        state: Of the evidence.
        variant: The variant the sentence is about; None where it is about none.
        better: Variants shown to be better than the control, best first.
        guardrails: Key of the KPI and variant of each guardrail that stands in the way.
        look: Number of the planned look that showed it, before the planned end.
    """

    state: State
    variant: str | None = None
    better: tuple[str, ...] = ()
    guardrails: tuple[tuple[str, str], ...] = ()
    look: int | None = None


@dataclass(frozen=True)
class TimelinePoint:
    """A variant against the control, as it stood at the end of a day.

    Attributes:
        at: The end of the day, or the moment of the report.
        units: Customers counted until then, of both variants.
        difference: In the KPI's unit.
        always_valid: Range that holds however often one looks.
        gap: Why there is no difference.
    """

    at: datetime
    variant: str
    units: int
    difference: float | None
    always_valid: Range | None
    gap: str | None


@dataclass(frozen=True)
class LookFinding:
    """One variant at a planned look.

    Attributes:
        difference: In the KPI's unit, as it stood then.
        interval: Of the difference; holds at all looks together.
        shown: Whether a difference is shown at this look.
        better: Whether it is in the wanted direction.
        gap: Why there is none.
    """

    variant: str
    difference: float | None
    interval: Range | None
    shown: bool
    better: bool | None
    gap: str | None = None


@dataclass(frozen=True)
class Look:
    """A planned look.

    Attributes:
        number: From 1.
        share: Of the planned customers, when it is due.
        at: When so many had been counted; None before.
        seen: Share of the planned customers that were counted then.
        bound: How far from no difference a result has to be, in standard errors.
        spent: Of the error rate, up to and including this look, a fraction.
        findings: What it found, by variant in the order registered.
    """

    number: int
    share: float
    at: datetime | None
    seen: float | None = None
    bound: float | None = None
    spent: float | None = None
    findings: tuple[LookFinding, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """A KPI over time, and the planned looks.

    Attributes:
        points: None of them before anybody is counted.
        gap: Why there is neither.
    """

    kpi: str
    points: tuple[TimelinePoint, ...]
    looks: tuple[Look, ...]
    gap: str | None = None


@dataclass(frozen=True)
class Provenance:
    """What the numbers rest on: the same provenance gives the same bytes.

    Attributes:
        correction: Of several variants, in the primary KPI: ``dunnett``, ``holm`` or ``none``.
    """

    ledger_identity: str
    ledger_position: int
    experiment_revision: int
    kpi_versions: dict[str, int]
    code_version: str
    time_zone: str
    time_zone_data: str
    alpha: float
    correction: str


@dataclass(frozen=True)
class Report:
    """A test, analysed at one moment.

    Attributes:
        as_of: The moment; facts that happened later are not in it.
        final: Whether the planned end is reached; before it, no winner and no fixed
            interval are shown.
        control, variants: Name on screen by key; ``variants`` in the order registered.
        goals: The primary first, then secondary, then guardrails.
        warnings: What was amber at the start.
        timeline: Of the primary KPI; None where it cannot be told by day.
        segment: What the report was narrowed to; None: everybody.
        segments: The customers by what was known of them at the anchor, for one KPI.
        adaptive: Of a test whose shares follow its results: its batches; None: they stay.
    """

    experiment: str
    name: str
    hypothesis: str
    state: str
    shape: str
    purpose: str
    anchor: str
    channels: tuple[str, ...]
    control: str
    variants: dict[str, str]
    as_of: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    final: bool
    verdict: Verdict
    goals: tuple[Goal, ...]
    health: Health
    warnings: tuple[StartWarning, ...]
    provenance: Provenance
    timeline: Timeline | None = None
    segment: SegmentRead | None = None
    segments: tuple[DimensionFact, ...] = ()
    adaptive: AdaptiveFact | None = None

    @property
    def primary(self) -> Goal | None:
        """The goal that decides, if there is one."""
        return next((goal for goal in self.goals if goal.role == "primary"), None)

    @property
    def ended(self) -> bool:
        """Whether a verdict may be spoken of: at the end, or since a planned look showed it."""
        return self.final or self.verdict.look is not None

    @property
    def withheld(self) -> bool:
        """Whether no verdict may be given."""
        return self.verdict.state in WITHHELD

    def to_frame(self, language: str = "en") -> "pd.DataFrame":
        """Every figure as a row of a pandas data frame; names and reasons in that language."""
        from experiments.reporting.exports.frame import frame_of  # noqa: PLC0415 - loads pandas

        return frame_of(self, language)
