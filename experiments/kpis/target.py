"""Where a KPI should be, by when, and on the way there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_NAME, check_choice, check_number, check_text

BASES = ("trend", "benchmark", "realistic", "bold")
MOST_MILESTONES = 24


@dataclass(frozen=True)
class Milestone:
    """A stop on the way: the level to have reached by a day, in the target's own terms."""

    due_on: date
    value: Decimal


@dataclass(frozen=True)
class KpiTarget:
    """Where the KPI should be, and by when.

    Attributes:
        value: In the KPI's unit (a rate as a fraction), or, if ``relative``, the growth over
            the baseline (0.1 is ten per cent more, -0.1 ten per cent less).
        relative: Whether ``value`` is relative to the baseline.
        basis: What the number rests on: trend, benchmark, realistic or bold.
        basis_source: Where a benchmark was read.
        bold: The second level, beyond ``value``, in the same terms.
        milestones: By day, all before ``due_on``.
        due_on: The day by which it should be reached.
    """

    value: Decimal
    relative: bool = False
    basis: str | None = None
    bold: Decimal | None = None
    due_on: date | None = None
    basis_source: str | None = None
    milestones: tuple[Milestone, ...] = ()

    def __post_init__(self) -> None:
        check_choice(self.basis, BASES, "target.basis")
        check_text(self.basis_source, "target.basis_source", shortest=1, longest=LONGEST_NAME)
        for name, level in self.levels():
            check_number(level, name)
        self._check_milestones()

    def levels(self) -> list[tuple[str, Decimal | None]]:
        """Every level with its path in the document."""
        return [
            ("target.value", self.value),
            ("target.bold", self.bold),
            *(
                (f"target.milestones.{index}.value", milestone.value)
                for index, milestone in enumerate(self.milestones)
            ),
        ]

    def check_direction(self, direction: str) -> None:
        """Refuse a bold level that asks for less than the realistic one.

        Raises:
            Invalid: Naming ``target.bold``.
        """
        if self.bold is None:
            return
        beyond = self.bold > self.value if direction == "up" else self.bold < self.value
        if not beyond:
            raise Invalid(
                field="target.bold",
                expected=f"a level beyond the value {self.value}, since {direction} is better",
                got=str(self.bold),
            )

    def check_side(self, baseline: Decimal | None, direction: str) -> None:
        """Refuse a target that is worse than the baseline, or growth over nothing.

        Raises:
            Invalid: Naming ``target.value`` or ``target.relative``.
        """
        if self.relative and baseline is not None and baseline <= 0:
            raise Invalid(
                field="target.relative",
                expected=f"false, since growth over the baseline {baseline} means nothing",
                got="true",
            )
        level = Decimal(0) if self.relative else baseline
        if level is None:
            return
        worse = self.value < level if direction == "up" else self.value > level
        if worse:
            side = "at least" if direction == "up" else "at most"
            raise Invalid(
                field="target.value",
                expected=f"{side} {'0' if self.relative else f'the baseline {baseline}'}, "
                f"since {direction} is better",
                got=str(self.value),
            )

    def _check_milestones(self) -> None:
        if len(self.milestones) > MOST_MILESTONES:
            raise Invalid(
                field="target.milestones",
                expected=f"at most {MOST_MILESTONES}",
                got=len(self.milestones),
            )
        days = [milestone.due_on for milestone in self.milestones]
        if self.due_on is not None:
            days.append(self.due_on)
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise Invalid(
                field="target.milestones",
                expected="days in order, all before due_on",
                got=[day.isoformat() for day in days],
            )
