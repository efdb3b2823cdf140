"""What to measure, and on whom."""

from dataclasses import dataclass, field

from experiments.kpis.document import KpiDocument
from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import Population
from experiments.measurement.formula.days import DAY, Stretch
from experiments.measurement.formula.plan import Plan, plan_of
from experiments.measurement.formula.windows import HOUR, HoursWindow, LocalDaysWindow, Window
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
        met_since: When the first customer was met, where local days ask for it
            (microseconds); what happened long before is read with the offset of then.
    """

    kpi: KpiDocument
    window_hours: int
    pace: Pace = USUAL_PACE
    zone: str = field(default="UTC", kw_only=True)
    costs: tuple[MessageCost, ...] = field(default=(), kw_only=True)
    met_since: int | None = field(default=None, kw_only=True)

    @property
    def plan(self) -> Plan:
        """How the KPI is measured."""
        return plan_of(self.kpi, self.costs)

    @property
    def place(self) -> Stretch:
        """The zone, over the time in which days can count."""
        as_of = microseconds(self.as_of)
        met = as_of if self.met_since is None else self.met_since
        before = (self.kpi.covariate_days or 0) * DAY
        after = max(self.window_hours, self.kpi.formula.longest_hours) * HOUR
        return Stretch(self.zone, min(met, as_of) - before, as_of + after)

    @property
    def window(self) -> Window:
        """When events count."""
        days = self.kpi.formula.days
        if days is None:
            return HoursWindow(self.window_hours)
        return LocalDaysWindow(days.first, days.last, self.place)
