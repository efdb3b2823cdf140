"""A shop's own tables, written for an engine, and the same facts as ledger rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from experiments.kpis.document import Formula, KpiDocument, Quantity, Text
from tests.experiments.measurement.formula_logs import request_of
from tests.experiments.measurement.ledger import SENT_AT, Row, event, exposure

NAME = Text("지표", "A KPI")
KST = timedelta(hours=9)
# id, customer, campaign, arm, sent_at (Seoul, without a zone)
SENDS = [
    (f"s-{n}", f"고객-{n % 9}", ("spring", "spring", "autumn")[n % 3], "ab"[n % 2],
     SENT_AT + timedelta(minutes=n // 4))
    for n in range(24)
]  # fmt: skip
# order id, customer, paid_at (an instant), amount, currency, item
ORDERS = [
    (f"o-{n}", f"고객-{n % 11}", SENT_AT + timedelta(hours=n), amount, currency, item)
    for n, (amount, currency, item) in enumerate(
        [("1900", "KRW", "shoes"), ("12.34", "USD", "shoes"), ("5000.5", "KRW", "bag"),
         ("700", "KRW", "it's \\"), ("1e3", "KRW", None), ("0.1", None, "bag")] * 4
    )
]  # fmt: skip
# The same order, delivered twice.
AGAIN = [ORDERS[0], ORDERS[7]]


def local(at: datetime) -> str:
    return (at + KST).strftime("%Y-%m-%d %H:%M:%S")


def statements(text: str, instant: str, wall: str) -> list[str]:
    """What makes the tables, with an engine's names of types."""
    sends = ", ".join(
        f"('{id_}', '{who}', '{test}', '{arm}', CAST('{local(at)}' AS {wall}))"
        for id_, who, test, arm, at in SENDS
    )
    orders = ", ".join(
        f"('{id_}', '{who}', CAST('{at:%Y-%m-%d %H:%M:%S}+00:00' AS {instant}), "
        f"CAST({amount} AS DECIMAL(20, 4)), {_quoted(currency)}, {_quoted(item, text)})"
        for id_, who, at, amount, currency, item in [*ORDERS, *AGAIN]
    )
    return [
        f"CREATE TABLE sends AS SELECT * FROM (VALUES {sends}) "
        "AS t(send_id, customer, campaign, arm, sent_at)",
        f"CREATE TABLE orders AS SELECT * FROM (VALUES {orders}) "
        "AS t(order_id, customer, paid_at, amount, currency, item)",
    ]


def _quoted(text: str | None, engine: str = "") -> str:
    if text is None:
        return f"CAST(NULL AS {'STRING' if engine == 'STRING' else 'TEXT'})" if engine else "NULL"
    if engine == "STRING":
        text = text.replace("\\", "\\\\").replace("'", "\\'")
    else:
        text = text.replace("'", "''")
    return f"'{text}'"


def mapping(engine: str, address: str, **settings: str) -> str:
    """The file, as docs/warehouse.md shows it."""
    told = "\n".join(f'"{name}" = "{value}"' for name, value in settings.items())
    return f"""
engine = "{engine}"
address = "{address}"
project = "shop"

[settings]
{told}

[[exposures]]
table = "sends"
zone = "Asia/Seoul"
fixed = {{ type = "sent", channel = "email" }}
[exposures.columns]
id = "send_id"
unit = "customer"
experiment = "campaign"
variant = "arm"
at = "sent_at"

[[events]]
table = "orders"
fixed = {{ type = "purchase" }}
[events.columns]
id = "order_id"
unit = "customer"
at = "paid_at"
value = "amount"
currency = "currency"
[events.properties]
item = "item"
"""


def facts() -> list[Row]:
    """The same as the ledger would have it."""
    rows = [
        exposure(id_, who, arm, occurred_at=_us(at), received_at=_us(at), channel="email",
                 experiment_id={"spring": 1}.get(test, 2))
        for id_, who, test, arm, at in SENDS
    ]  # fmt: skip
    return rows + [
        event(
            id_, who, "purchase", occurred_at=_us(at), received_at=_us(at), currency=currency,
            value=_scaled(amount, currency), properties=None if item is None else {"item": item},
        )
        for id_, who, at, amount, currency, item in ORDERS
    ]  # fmt: skip


def _us(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) * 1_000_000


def _scaled(amount: str, currency: str | None) -> int | None:
    found = float(amount) * {"KRW": 1, "USD": 100, None: 1_000_000}[currency]
    return int(found) if found == int(found) else None


def requests() -> list[Any]:
    """Amounts, an item by its name, and money per order."""
    spent = Formula("purchase", "amount", 72)
    bought = Formula("purchase", "occurrence", 72, where={"item": "it's \\"})
    per_order = Formula("purchase", "amount", 72, denominator=Quantity("purchase", "count"))
    return [
        request_of(KpiDocument("spent", NAME, "mean", spent, "money", currency="KRW")),
        request_of(KpiDocument("bought", NAME, "proportion", bought, "rate")),
        request_of(KpiDocument("aov", NAME, "ratio", per_order, "money", currency="USD")),
    ]
