"""What to measure, and on whom."""

from dataclasses import dataclass, field

from experiments.kpis.document import KpiDocument
from experiments.measurement.anchors import Population
from experiments.measurement.formula.plan import Plan, plan_of
from experiments.measurement.formula.windows import HoursWindow, LocalDaysWindow, Window
from experiments.measurement.scanners import USUAL_PACE, Pace
from experiments.registry.message_costs import MessageCost


@dataclass(frozen=True)
class MeasureRequest(Population):
    """What to measure, on whom.

    Attributes:
        kpi: The document version; without series, which know no customers.
        window_hours: From the anchor, the end not included; may differ from the document's.
            A document that counts local days keeps them.
        pace: Of clicks that no person makes.
        zone: IANA time zone of local days.
        costs: Of messages, for KPIs of what they cost.
    """

    kpi: KpiDocument
    window_hours: int
    pace: Pace = USUAL_PACE
    zone: str = field(default="UTC", kw_only=True)
    costs: tuple[MessageCost, ...] = field(default=(), kw_only=True)

    @property
    def plan(self) -> Plan:
        """How the KPI is measured."""
        return plan_of(self.kpi, self.costs)

    @property
    def window(self) -> Window:
        """When events count."""
        days = self.kpi.formula.days
        if days is None:
            return HoursWindow(self.window_hours)
        return LocalDaysWindow(days.first, days.last, self.zone, self.as_of.year)
