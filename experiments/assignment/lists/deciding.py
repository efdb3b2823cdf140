"""The answers for the batches of a list, and what is counted on the way."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from experiments.assignment.bulk import assign_many
from experiments.assignment.evaluation import UNIT, AssignableExperiment
from experiments.assignment.lists.added import added_columns, added_values, variant_columns
from experiments.assignment.lists.digest import ListDigest
from experiments.assignment.lists.rows import Batch, ListOptions, RejectedRow
from experiments.assignment.lists.sends import ListSends

MOST_REJECTS_TOLD = 1_000


@dataclass(frozen=True)
class BatchAnswers:
    """What is added to each row of a batch.

    Attributes:
        codes: Of each row, the place of its texts in ``values``.
        values: Texts under the added columns: of each variant (where customers' zones differ, of
            each variant and zone), and last of none.
    """

    codes: Sequence[int]
    values: Sequence[tuple[str, ...]]


@dataclass
class Decider:
    """Answers batch after batch.

    Attributes:
        experiment: As configured.
        options: How the list is read.
        digest: Of the configuration and all rows so far.
        counts: Rows by variant.
        reasons: Rows by reason.
        listener: Told of every batch and its answers.
        since: The instant or the local date from which the next send counts: see ``ListSends``.
        sends: When the rows are sent; None where the test does not say.
        rejected: How many rows were rejected; the first of them are in ``rejects``.
    """

    experiment: AssignableExperiment
    options: ListOptions
    digest: ListDigest
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    listener: Callable[[Batch, BatchAnswers], None] | None = None
    since: datetime | date | None = None
    sends: ListSends | None = field(init=False, default=None)
    rejected: int = 0
    rejects: list[RejectedRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.experiment.sends is not None:
            self.sends = ListSends(self.experiment.sends, self.since)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are added."""
        return added_columns(self.experiment, self.options)

    @property
    def needs_attributes(self) -> bool:
        """Whether other columns than the unit's decide."""
        zones = self.sends is not None and self.sends.plan.attribute is not None
        by_rule = self.experiment.condition is not None
        return by_rule or zones or self.experiment.hash_attribute != UNIT

    @property
    def zone_column(self) -> str | None:
        """The one other column that decides, where it is the customers' zone and no more."""
        by_rule = self.experiment.condition is not None
        if self.sends is None or by_rule or self.experiment.hash_attribute != UNIT:
            return None
        return self.sends.plan.attribute

    def batch(self) -> Batch:
        """An empty batch, for rows to be put in."""
        check = None if self.sends is None else self.sends.check
        return Batch(attributes=[] if self.needs_attributes else None, check=check)

    def decide(self, batch: Batch) -> BatchAnswers:
        """Answer a batch, count it and take it into the digest."""
        found = assign_many(self.experiment, batch.unit_ids, batch.attributes)
        self.counts.update(found.counts())
        self.reasons.update(found.reason_counts())
        self.rejected += len(batch.rejected)
        self.rejects += batch.rejected[: MOST_REJECTS_TOLD - len(self.rejects)]
        codes = found.variants.tolist()
        names = [*found.keys, None]
        self.digest.add(batch.unit_ids, [names[code] or "" for code in codes])
        columns = variant_columns(self.experiment, self.options)
        values = [added_values(self.experiment, name, columns) for name in names]
        # Code -1 is the last of them: no variant.
        if self.sends is not None:
            rows = batch.attributes if self.sends.plan.attribute is not None else None
            codes, values = self.sends.add(codes, values, names, rows)
        answers = BatchAnswers(codes, values)
        if self.listener is not None:
            self.listener(batch, answers)
        return answers
