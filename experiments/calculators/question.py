"""A question to the analysis: one KPI, the figures of each variant, and how to judge them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from experiments.calculators.figures import KINDS, Sample, samples_of
from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_NAME, check_choice, check_positive, check_text
from experiments.kpis.document import DIRECTIONS, UNITS_OF_MEASURE, Text
from experiments.kpis.reading import KpiReading
from experiments.ledger.money import check_currency
from experiments.registry.experiment import ExperimentDraft, GoalTarget, KpiGoal, Plan, Variant

# What the report calls a test of which only the figures are known.
KEY = "analysis"
MARGIN_GOAL = "guardrail"
_KEPT_BY_UNIT = {
    "proportion": ("rate",),
    "mean": ("count", "money", "days", "score"),
    "ratio": ("rate", "count", "money"),
    "score": ("score",),
}


@dataclass(frozen=True)
class AnalysisQuestion:
    """A test of which nothing is known but its figures.

    Attributes:
        kind: One of ``figures.KINDS``.
        variants: In the order of the figures; exactly one control.
        figures: Of each variant, as ``figures.samples_of`` reads them.
        name: Of the KPI.
        unit_of_measure: As in a KPI document; the kind's usual one where absent.
        direction: ``up`` or ``down`` is better.
        purpose: ``learn`` or ``choose``.
        plan: Alpha, power, correction; ``units_planned`` for a test that still runs.
        finished: Whether the planned end is reached; before it only the range that holds
            however often one looks is given.
        minimum_effect: The smallest difference worth knowing of, in the KPI's unit.
        target: What a variant should reach.
        margin: Makes the KPI a guardrail: the largest harm that is still harmless.
        check_split: Whether the variants' units should be in proportion to their weights.
        second_lens: Whether posterior chances are wanted beside the verdict.
    """

    kind: str
    variants: tuple[Variant, ...]
    figures: tuple[Mapping[str, Any], ...]
    name: Text = field(default_factory=lambda: Text("지표", "the KPI"))
    unit_of_measure: str | None = None
    currency: str | None = None
    direction: str = "up"
    purpose: str = "learn"
    plan: Plan = field(default_factory=Plan)
    finished: bool = True
    minimum_effect: Decimal | None = None
    target: GoalTarget | None = None
    margin: Decimal | None = None
    check_split: bool = True
    second_lens: bool = False

    def __post_init__(self) -> None:
        check_choice(self.kind, tuple(KINDS), "kind")
        check_choice(self.direction, DIRECTIONS, "direction")
        check_choice(self.unit_of_measure, UNITS_OF_MEASURE, "unit_of_measure")
        check_choice(self.unit, _KEPT_BY_UNIT[self.kind], "unit_of_measure")
        if self.unit == "money":
            check_currency(self.currency)
        elif self.currency is not None:
            raise Invalid(
                field="currency", expected="none, unless the unit is money", got=self.currency
            )
        for text, name in ((self.name.ko, "name.ko"), (self.name.en, "name.en")):
            check_text(text, name, shortest=1, longest=LONGEST_NAME)
        check_positive(self.minimum_effect, "minimum_effect")
        check_positive(self.margin, "margin")
        self.draft()

    @property
    def unit(self) -> str:
        """The unit of measure, stated or usual."""
        return self.unit_of_measure or KINDS[self.kind].unit_of_measure

    def draft(self) -> ExperimentDraft:
        """The test as it would have been registered.

        Raises:
            Invalid: If the variants make no test.
        """
        return ExperimentDraft(
            key=KEY,
            name=self.name.en,
            anchor="assignment",
            shape="one_blast",
            channels=("offline",),
            variants=self.variants,
            purpose=self.purpose,
            allocation="external",
            plan=self.plan,
        )

    def goal(self) -> KpiGoal:
        """The KPI in its role: a guardrail where a margin is set, else the primary."""
        role = "primary" if self.margin is None else MARGIN_GOAL
        return KpiGoal(KEY, role, self.minimum_effect, self.target, self.margin)

    def reading(self) -> KpiReading:
        """How the KPI is read."""
        return KpiReading(
            KEY,
            self.name,
            self.name,
            self.kind,
            self.unit,
            self.currency,
            self.direction,
        )

    def samples(self) -> dict[str, Sample]:
        """Each variant's sample, by key.

        Raises:
            Invalid: Naming the figure that is missing or impossible.
        """
        made = samples_of(self.kind, self.figures)
        return {variant.key: sample for variant, sample in zip(self.variants, made, strict=True)}
