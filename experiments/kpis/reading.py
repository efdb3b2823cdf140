"""How a KPI is read: what an analysis needs of its document, and no more."""

from dataclasses import dataclass
from decimal import Decimal

from experiments.kpis.document import KpiDocument, Text
from experiments.kpis.target import KpiTarget


@dataclass(frozen=True)
class KpiReading:
    """A KPI without its formula: of a document, or of figures that a caller brings.

    Attributes:
        kind: Of KPI; it decides how samples are compared.
        short_name: Name on a chart.
        direction: Whether ``up`` or ``down`` is better.
        baseline, target: As in the document.
    """

    key: str
    name: Text
    short_name: Text
    kind: str
    unit_of_measure: str
    currency: str | None
    direction: str
    baseline: Decimal | None = None
    target: KpiTarget | None = None

    @classmethod
    def of(cls, document: KpiDocument) -> "KpiReading":
        """Read a document."""
        return cls(
            key=document.key,
            name=document.name,
            short_name=document.short_name or document.name,
            kind=document.kind,
            unit_of_measure=document.unit_of_measure,
            currency=document.currency,
            direction=document.direction,
            baseline=document.baseline,
            target=document.target,
        )
