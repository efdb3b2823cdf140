"""What each kind of KPI takes of a unit's events, and which sample its values add up to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ibis.expr.types import NumericColumn, Table

from experiments.kpis.document import KpiDocument
from experiments.ledger.money import MINOR_UNIT_DECIMALS, NUMBER_DECIMALS
from stats.samples import BinomialSample, MeanSample

KpiSample = BinomialSample | MeanSample


@dataclass(frozen=True)
class Sums:
    """Exact sums over the units of one variant.

    Attributes:
        units: Units counted, those without events too.
        total: Sum of their values.
        squares: Sum of the squares.
    """

    units: int
    total: int
    squares: int


@dataclass(frozen=True)
class MeasuredKind:
    """How a kind of KPI is measured.

    Attributes:
        sample: The sample from the sums, and what a value is divided by.
    """

    sample: Callable[[Sums, int], KpiSample]


# A unit's value from its used events: `events` is how many (0 for none), `total` their sum.
UNIT_VALUES: dict[str, Callable[[Table], NumericColumn]] = {
    "occurrence": lambda unit: (unit.events > 0).cast("int64"),
    "count": lambda unit: unit.events,
    "amount": lambda unit: unit.total,
}

MEASURED = {
    "proportion": MeasuredKind(lambda sums, _scale: BinomialSample(sums.units, sums.total)),
    "mean": MeasuredKind(
        lambda sums, scale: MeanSample(sums.units, sums.total, sums.squares, scale)
    ),
}


def unit_value(unit: Table, kpi: KpiDocument) -> Any:
    """A unit's value as an exact integer, scaled by :func:`scale_of`."""
    return UNIT_VALUES[kpi.formula.value](unit).cast("decimal(38, 0)")


def scale_of(kpi: KpiDocument) -> int:
    """What the ledger multiplied the KPI's values with.

    Examples:
        >>> from experiments.kpis.document import Formula, Text
        >>> spent = Formula(event="purchase", value="amount", window_hours=24)
        >>> name = Text("매출", "Revenue")
        >>> scale_of(KpiDocument("spend", name, "mean", spent, "money", currency="USD"))
        100
    """
    if kpi.formula.value != "amount":
        return 1
    decimals = NUMBER_DECIMALS if kpi.currency is None else MINOR_UNIT_DECIMALS[kpi.currency]
    return int(10**decimals)
