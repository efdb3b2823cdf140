"""KPI documents to vary one thing of."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from experiments.kpis.document import Formula, KpiDocument, KpiTarget, Text


def open_rate(**changes: Any) -> KpiDocument:
    """Human opens within 72 hours: a SMART document, once its parent is there."""
    document = KpiDocument(
        key="open",
        name=Text("오픈율", "Open rate"),
        kind="proportion",
        formula=Formula("open", "occurrence", 72),
        unit_of_measure="rate",
        purpose="more readers",
        source="sendgrid",
        stage="activation",
        tier="strategic",
        owner="minji",
        report_cycle="weekly",
        baseline=Decimal("0.177"),
        target=KpiTarget(Decimal("0.197"), basis="trend", due_on=date(2025, 6, 30)),
    )
    return replace(document, **changes)


def unsubscribe_rate(**changes: Any) -> KpiDocument:
    document = KpiDocument(
        key="unsubscribe",
        name=Text("수신거부율", "Unsubscribe rate"),
        kind="proportion",
        formula=Formula("unsubscribe", "occurrence", 72),
        unit_of_measure="rate",
        direction="down",
        source="sendgrid",
    )
    return replace(document, **changes)


def revenue(**changes: Any) -> KpiDocument:
    document = KpiDocument(
        key="revenue",
        name=Text("매출", "Revenue"),
        short_name=Text("수신자당 매출", "Revenue per recipient"),
        kind="mean",
        formula=Formula("purchase", "amount", 168, where={"store": "online"}),
        unit_of_measure="money",
        currency="KRW",
        source="shop",
    )
    return replace(document, **changes)
