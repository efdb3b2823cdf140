"""What a report says of groups of customers: the interaction first, the groups after it."""

from dataclasses import dataclass

from experiments.kpis.text import Text
from experiments.reporting.ranges import Range


@dataclass(frozen=True)
class GroupFact:
    """One variant against the control among the customers of one group.

    Attributes:
        key: Of the group within its dimension.
        units: Customers counted, by variant key, of all variants.
        values: The KPI's value by variant key; None where it cannot be said.
        difference: Variant minus control, in the KPI's unit; only at the planned end.
        interval: Of the difference, read alone.
        p_value: Of no difference, adjusted for the groups of the dimension (Benjamini and
            Hochberg).
        shown: Whether a difference in this group may be claimed.
        gap: Why the group takes no part in the test of interaction.
    """

    key: str
    name: Text
    units: dict[str, int]
    values: dict[str, float | None]
    difference: float | None = None
    interval: Range | None = None
    p_value: float | None = None
    shown: bool = False
    gap: str | None = None


@dataclass(frozen=True)
class DimensionFact:
    """Customers by one thing known of them at the anchor, and whether it makes a difference.

    Attributes:
        key: ``channel``, ``property:`` and its name, ``saved:`` or ``history:`` and the segment's
            key.
        kind: channel, property, saved or history.
        variant: Compared with the control.
        groups: In the order of their names; those too small among them.
        interaction: P-value of equal effects in all groups, read alone; None if ``gap`` says why.
        p_value: The same, adjusted for the number of dimensions (Holm).
        supported: Whether effects are shown to differ: only then a group may be spoken of.
        explained_by_baselines: Whether one relative lift would do for all groups.
        gap: Why there is no test; also before the planned end.
    """

    kpi: str
    key: str
    kind: str
    name: Text
    variant: str
    variant_name: str
    groups: tuple[GroupFact, ...]
    interaction: float | None = None
    p_value: float | None = None
    supported: bool = False
    explained_by_baselines: bool = False
    gap: str | None = None


@dataclass(frozen=True)
class SegmentRead:
    """The segment that a report was narrowed to.

    Attributes:
        units: Customers in it that are counted, all variants together.
    """

    key: str
    name: Text
    units: int
