"""What a report says of shares that followed the results."""

from dataclasses import dataclass
from datetime import datetime

# What has no method where shares follow results, in the order in which it is said.
NOT_TOLD = (
    "before_end", "timeline", "segments", "days", "covariate", "uncapped", "credit", "steps",
    "size", "delivery", "added_up",
)  # fmt: skip


@dataclass(frozen=True)
class BatchFact:
    """One batch.

    Attributes:
        number: From 1; of the phase that it is.
        opened_at: When its first customer could be met.
        shares: Chance of a customer to get each variant, fractions that sum to 1.
        best: Chance of each variant to be the best, as it stood when the batch opened; None
            where the shares were registered, or stayed.
        rests_on: Customers of each variant that these chances rest on.
        stayed: Why the shares stayed as they were; None where they did not.
        units: Customers first met in it, by variant, whose window has closed.
        split_p: How likely a split as far from its shares is by chance; None where it has too
            few customers to say.
        as_of: Up to when facts were read for its shares.
        ledger_position: And up to where in the ledger.
    """

    number: int
    opened_at: datetime
    shares: dict[str, float]
    best: dict[str, float] | None
    rests_on: dict[str, int]
    stayed: str | None
    units: dict[str, int]
    split_p: float | None
    as_of: datetime | None
    ledger_position: int | None


@dataclass(frozen=True)
class AdaptiveFact:
    """The run of a test whose shares follow its results.

    Attributes:
        method: ``thompson``.
        floor: Least share of a variant.
        batch: How long shares stay: ``day`` or ``week``.
        kpi: Key of the KPI that the shares follow.
        batches: In order, those opened up to the moment of the report.
        correction: Of several comparisons: ``holm``, or ``none``.
        ended_early: Whether the test was stopped before the end that was fixed.
        not_told: What the report leaves out since it would be wrong; codes of ``NOT_TOLD``.
    """

    method: str
    floor: float
    batch: str
    kpi: str | None
    batches: tuple[BatchFact, ...]
    correction: str
    ended_early: bool
    not_told: tuple[str, ...] = NOT_TOLD

    @property
    def changed(self) -> bool:
        """Whether the shares have changed at all."""
        return any(each.shares != self.batches[0].shares for each in self.batches[1:])
