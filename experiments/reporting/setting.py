"""What is fixed for every comparison of one KPI."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.reporting.families import Family, Sample
from experiments.reporting.prior import Prior
from stats.samples import CovariateSample


@dataclass(frozen=True)
class Setting:
    """What is fixed for every comparison of one KPI.

    Attributes:
        draft: The test as registered.
        family: Methods of the KPI's kind.
        direction: ``up`` or ``down`` is better.
        samples: By variant key.
        planned_units: Of all variants together, at the planned end.
        kind: Of the KPI.
        role: Of the KPI in the test.
        covariates: The samples with each unit's own value before, by variant key.
        phases: The samples of each phase of the allocation, where it changed.
        looks: Shares of the plan at the looks that came before the end, rising, below 1.
        prior: What lifts of the KPI's kind usually are; None: no past test was looked for.
    """

    draft: ExperimentDraft
    family: Family
    direction: str
    samples: Mapping[str, Sample]
    planned_units: int
    kind: str = ""
    role: str = "primary"
    covariates: Mapping[str, CovariateSample] | None = None
    phases: tuple[Mapping[str, Sample], ...] = ()
    looks: tuple[float, ...] = ()
    prior: Prior | None = None

    @property
    def confidence(self) -> float:
        """Of every interval, from the plan's alpha."""
        return 1 - float(self.draft.plan.alpha)

    @property
    def shared_confidence(self) -> float:
        """Of ranges that hold at any time, for all variants together (Bonferroni)."""
        if self.draft.plan.correction == "none":
            return self.confidence
        return 1 - float(self.draft.plan.alpha) / max(1, len(self.treatments))

    @property
    def control(self) -> Sample:
        """The control's sample."""
        return self.samples[self.draft.control.key]

    def planned_of_pair(self, variant: Variant) -> int:
        """Planned units of the control and one variant, by their weights."""
        pair = self.draft.control.weight + variant.weight
        whole = sum(each.weight for each in self.draft.variants)
        return round(self.planned_units * pair / whole)

    @property
    def treatments(self) -> tuple[Variant, ...]:
        """The variants that are not the control."""
        return tuple(variant for variant in self.draft.variants if not variant.control)
