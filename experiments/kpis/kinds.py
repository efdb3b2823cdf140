"""The kinds of KPI that Truelift measures, and what each may be used for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KpiKind:
    """What a kind of KPI means.

    Attributes:
        key: Name in documents.
        values: What a formula of this kind may take from each event.
        units_of_measure: What a number of this kind can be read in.
        can_be_primary: Whether a verdict may rest on it.
    """

    key: str
    values: frozenset[str]
    units_of_measure: frozenset[str]
    can_be_primary: bool


KINDS = {
    kind.key: kind
    for kind in (
        KpiKind("proportion", frozenset({"occurrence"}), frozenset({"rate"}), can_be_primary=True),
        KpiKind(
            "mean",
            frozenset({"count", "amount"}),
            frozenset({"count", "money", "days", "score"}),
            can_be_primary=True,
        ),
    )
}
