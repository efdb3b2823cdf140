"""The report as values: numbers, states and facts, in no language yet.

Rates, means and differences are in the KPI's own unit (a rate is a fraction, money is in
whole units of its currency). What is not known is None, with its reason beside it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from experiments.kpis.document import Text
from experiments.registry.preflight import StartWarning
from experiments.reporting.quality import Quality

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


# In these states no winner may be named, and every lift carries the reason.
WITHHELD = frozenset({State.SPLIT_BROKEN, State.OPENS_UNRELIABLE})


@dataclass(frozen=True)
class Range:
    """An interval; a side that is None has no limit."""

    lower: float | None
    upper: float | None


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

    @property
    def control(self) -> Arm:
        """The arm the others are compared with."""
        return next(arm for arm in self.arms if arm.control)


@dataclass(frozen=True)
class Split:
    """The planned split against the one met, at one stage up to the anchor.

    Attributes:
        stage: assigned, planned or sent.
        counts: Customers per variant.
        expected: Share planned per variant, a fraction.
        p_value: Chance of a split at least this far off; None if it cannot be checked.
        one_in: About once in this many tests, if nothing were wrong.
        broken: Whether verdicts are withheld for it.
        bias: The largest error of a rate that the missing customers could cause, absolute.
        gap: Why it could not be checked.
    """

    stage: str
    counts: dict[str, int]
    expected: dict[str, float]
    p_value: float | None
    one_in: int | None
    broken: bool
    bias: float | None
    gap: str | None


@dataclass(frozen=True)
class OpensFact:
    """Opens counted three ways, for one variant against the control.

    Attributes:
        all_difference, human_difference: Per sent, fractions.
        machine_share: Machine-opening customers per sent, by variant.
        machine_p_value: Of no difference in that share.
        bounds: Of the human difference, worst case; for sensitivity only.
        faults: Why no verdict may rest on opens; empty if one may.
    """

    variant: str
    all_difference: float
    human_difference: float
    machine_share: dict[str, float]
    machine_p_value: float
    bounds: Range
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Health:
    """Whether the numbers can be trusted.

    Attributes:
        splits: One for each stage that has records, up to the anchor.
        opens: None unless the primary KPI counts opens.
        two_variants: Customers met in two variants, by the variant that counts.
        other_variant: Customers whose reported variant is not the one we assign; left out.
        suppressed: Customers without a message, by reason.
        duplicates: Facts of this project that were sent again; each counts once.
        last_received_at: When the last fact of this test arrived.
        mature_share: Share of anchored customers whose window has closed, a fraction.
        matures_at: When the last of them will have; None if all have.
        quality: Further facts about the data; None where there are numbers only.
    """

    splits: tuple[Split, ...]
    opens: tuple[OpensFact, ...] | None
    two_variants: dict[str, int]
    other_variant: int
    suppressed: dict[str, int]
    duplicates: int
    last_received_at: datetime | None
    mature_share: float | None
    matures_at: datetime | None
    quality: Quality | None = None


@dataclass(frozen=True)
class Verdict:
    """What may be said.

    Attributes:
        state: Of the evidence.
        variant: The variant the sentence is about; None where it is about none.
        better: Variants shown to be better than the control, best first.
        guardrails: Key of the KPI and variant of each guardrail that stands in the way.
    """

    state: State
    variant: str | None = None
    better: tuple[str, ...] = ()
    guardrails: tuple[tuple[str, str], ...] = ()


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
class Look:
    """A planned look: its number from 1, its share of the customers, and when it was due."""

    number: int
    share: float
    at: datetime | None


@dataclass(frozen=True)
class Timeline:
    """A KPI over time, and the planned looks."""

    kpi: str
    points: tuple[TimelinePoint, ...]
    looks: tuple[Look, ...]


@dataclass(frozen=True)
class Provenance:
    """What the numbers rest on: the same provenance gives the same bytes."""

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

    @property
    def primary(self) -> Goal | None:
        """The goal that decides, if there is one."""
        return next((goal for goal in self.goals if goal.role == "primary"), None)

    @property
    def withheld(self) -> bool:
        """Whether no verdict may be given."""
        return self.verdict.state in WITHHELD

    def to_frame(self, language: str = "en") -> "pd.DataFrame":
        """Every figure as a row of a pandas data frame; names and reasons in that language."""
        from experiments.reporting.exports.frame import frame_of  # noqa: PLC0415 - loads pandas

        return frame_of(self, language)
