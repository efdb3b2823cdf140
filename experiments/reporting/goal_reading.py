"""A goal as it is read, and what was measured for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.kpis.reading import KpiReading
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.goals import KpiGoal
from experiments.reporting.families import Family, Sample, family_of
from experiments.reporting.goal_facts import Accounting
from experiments.reporting.prior import Prior
from experiments.reporting.setting import Setting
from stats.samples import CovariateSample


@dataclass(frozen=True)
class Beside:
    """What is measured besides a KPI's samples, each by variant key; None where there is none.

    Attributes:
        covariates: With each unit's own value before.
        uncapped: Without the KPI's cap.
        cap: In the KPI's unit.
        phases: Of each phase of a changed allocation.
        steps: Units that took each step of a funnel.
        events: Types of the events of these steps.
        by_credit: By every rule of credit.
        credit: The KPI's own rule.
        looks: Shares of the plan at the looks before the end.
    """

    covariates: Mapping[str, CovariateSample] | None = None
    uncapped: Mapping[str, Sample] | None = None
    cap: float | None = None
    phases: tuple[Mapping[str, Sample], ...] = ()
    steps: Mapping[str, tuple[int, ...]] | None = None
    events: tuple[str, ...] = ()
    by_credit: Mapping[str, Mapping[str, Sample]] | None = None
    credit: str = "any"
    looks: tuple[float, ...] = ()


ALONE = Beside()


@dataclass(frozen=True)
class Measured:
    """A KPI as measured.

    Attributes:
        samples: By variant key; every variant of the test has one.
        immature: Customers whose window has not closed, by variant key.
        sql: What measured it.
        beside: What is measured besides.
        least_units: With fewer customers of a variant nothing is compared.
        family: Methods in place of those of the KPI's kind, for samples that those do not take.
    """

    samples: Mapping[str, Sample]
    accounting: Accounting
    immature: Mapping[str, int]
    sql: str
    beside: Beside = ALONE
    least_units: int = 0
    family: Family | None = None

    @property
    def of_segment(self) -> bool:
        """Whether only some of the customers were measured: targets are set for everybody."""
        return self.least_units > 0


@dataclass(frozen=True)
class GoalReading:
    """A goal beside its KPI, as of the document version it was fixed to.

    Attributes:
        prior: What lifts of the KPI's kind usually are.
    """

    goal: KpiGoal
    kpi: KpiReading
    version: int
    window_hours: int
    prior: Prior | None = None


def setting_of(draft: ExperimentDraft, reading: GoalReading, measured: Measured) -> Setting:
    """What is fixed for every comparison of the KPI."""
    kpi, beside = reading.kpi, measured.beside
    immature = {variant.key: measured.immature.get(variant.key, 0) for variant in draft.variants}
    return Setting(
        draft=draft,
        family=measured.family or family_of(kpi.kind),
        direction=kpi.direction,
        samples=measured.samples,
        planned_units=draft.plan.units_planned or _met(kpi.kind, measured.samples, immature),
        kind=kpi.kind,
        role=reading.goal.role,
        covariates=beside.covariates,
        phases=beside.phases,
        looks=beside.looks,
        prior=reading.prior,
    )


def _met(kind: str, samples: Mapping[str, Sample], immature: Mapping[str, int]) -> int:
    """Customers counted and still to be counted; times to an event count both already."""
    counted = sum(sample.units for sample in samples.values())
    return counted if kind == "time_to_event" else counted + sum(immature.values())
