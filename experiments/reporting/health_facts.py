"""What a report says of the data: splits, opens by machines, and what was left out."""

from dataclasses import dataclass, field
from datetime import datetime

from experiments.reporting.goal_facts import Range
from experiments.reporting.quality import Quality


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
        lost: The least share of each variant's customers that losses alone must have taken, by
            variant key; of a broken split only.
    """

    stage: str
    counts: dict[str, int]
    expected: dict[str, float]
    p_value: float | None
    one_in: int | None
    broken: bool
    bias: float | None
    gap: str | None
    lost: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SplitCause:
    """Where a broken split comes from: the customers of one group at one stage.

    Attributes:
        stage: assigned, trigger, planned_send or sent.
        dimension: channel, property (with its name), or day.
        group: Of the dimension.
        counts: Customers per variant.
        expected: Share planned per variant, a fraction.
        p_value: Chance of a split at least this far off; None if it cannot be checked.
        broken: Whether this group alone is off.
    """

    stage: str
    dimension: str
    group: str
    counts: dict[str, int]
    expected: dict[str, float]
    p_value: float | None
    broken: bool


@dataclass(frozen=True)
class DeliveryFact:
    """Delivery rates given sent, of one variant beside the control's.

    Attributes:
        rates: By variant key, these two, fractions.
        p_value: Of no difference.
        differs: Whether one is shown; rates per delivered are not comparable then.
        most_bias: How far a rate per delivered can be off at the most, a fraction.
    """

    variant: str
    rates: dict[str, float]
    p_value: float
    differs: bool
    most_bias: float


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
        causes: Of a broken split, by stage and group, the clearest first.
        delivery: Where deliveries are reported.
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
    causes: tuple[SplitCause, ...] = ()
    delivery: tuple[DeliveryFact, ...] = ()
