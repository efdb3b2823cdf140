"""Revenue: who buys, how much, and what is left of it."""

from functools import partial

from experiments.kpis.catalogue.entry import BY_SEND, SHOP, Entry, Synonyms
from experiments.kpis.document import Events, Formula, Quantity, Requirement, Term, Text, Tracking

_entry = partial(Entry, stage="revenue", timing="lagging", source=SHOP, report_cycle="weekly")
_rate = partial(_entry, kind="proportion", unit_of_measure="rate", tier="tactical")
_money = partial(
    _entry, kind="mean", unit_of_measure="money", is_money=True, tier="strategic", covariate_days=90
)
REFUNDS = (Term("refund", "amount"),)
VISITORS = Tracking(base=Events("visit"))
BY_PERIOD = Tracking(by="period")

ENTRIES = (
    _rate(
        key="conversion",
        name=Text("구매 전환율(발송 대비)", "Conversion (per sent)"),
        short_name=Text("발송 대비 구매 전환율", "Buyers per sent"),
        definition=Text(
            "메시지를 보낸 고객 가운데 7일 안에 구매한 고객의 비율입니다.",
            "The share of customers sent to who bought within 7 days.",
        ),
        purpose=Text(
            "메시지가 구매로 이어지는지 봅니다.", "Shows whether messages lead to purchases."
        ),
        formula=Formula("purchase", "occurrence", 168),
        tracking=BY_SEND,
        parent="revenue-per-recipient",
        synonyms=Synonyms(
            ("전환율", "구매 전환율", "CVR", "구매율"), ("conversion rate", "CVR", "purchase rate")
        ),
        confused_with={
            "purchase-conversion": Text(
                "활성 고객 대비 구매 전환율은 분모가 최근 30일에 방문한 고객입니다.",
                "The one of active customers divides by those who visited in the last 30 days.",
            )
        },
    ),
    _rate(
        key="purchase-conversion",
        name=Text("구매 전환율(활성 고객)", "Purchase conversion (of active customers)"),
        short_name=Text("활성 고객 대비 구매 전환율", "Buyers per active customer"),
        definition=Text(
            "최근 30일에 방문한 고객 가운데 7일 안에 구매한 고객의 비율입니다.",
            "The share of customers who visited in the 30 days before that bought within 7 days.",
        ),
        purpose=Text("찾아오는 고객이 사는지 봅니다.", "Shows whether those who come buy."),
        formula=Formula(
            "purchase", "occurrence", 168, requires=(Requirement("visit", within_days=30),)
        ),
        tracking=VISITORS,
        parent="total-revenue",
        synonyms=Synonyms(
            ("구매 전환율", "활성 고객 구매율", "전환율"), ("purchase rate", "buyer conversion")
        ),
        confused_with={
            "conversion": Text(
                "발송 대비 구매 전환율은 분모가 보낸 고객입니다.",
                "The one per sent divides by customers sent to.",
            )
        },
    ),
    _entry(
        key="aov",
        name=Text("평균 주문 금액(AOV)", "Average order value (AOV)"),
        short_name=Text("주문당 금액 AOV", "Amount per order AOV"),
        definition=Text(
            "7일 동안의 주문 금액을 주문 건수로 나눈 금액이며, 환불은 빼지 않습니다.",
            "The amount ordered within 7 days divided by the number of orders, before refunds.",
        ),
        purpose=Text(
            "주문의 크기를 설명할 때 씁니다. 판단에는 쓰지 않습니다.",
            "Describes the size of orders; no verdict rests on it.",
        ),
        kind="ratio",
        formula=Formula("purchase", "amount", 168, denominator=Quantity("purchase", "count")),
        unit_of_measure="money",
        is_money=True,
        tier="tactical",
        tracking=BY_PERIOD,
        parent="revenue-per-recipient",
        synonyms=Synonyms(("객단가", "주문 단가", "건단가"), ("basket size", "order value")),
        confused_with={
            "arppu": Text(
                "ARPPU는 구매한 고객 한 명의 매출입니다. 둘 다 객단가라고 부르는 팀이 있습니다.",
                "ARPPU is the revenue of one buyer; some teams call both by one name.",
            )
        },
    ),
    _entry(
        key="arppu",
        name=Text("구매자당 매출(ARPPU)", "Revenue per buyer (ARPPU)"),
        short_name=Text("구매자당 매출 ARPPU", "Revenue per buyer ARPPU"),
        definition=Text(
            "30일 동안의 순매출(환불 차감)을 그동안 구매한 고객 수로 나눈 금액입니다.",
            "Net revenue of 30 days divided by the customers who bought in them.",
        ),
        purpose=Text(
            "구매한 고객의 씀씀이를 설명할 때 씁니다. 판단에는 쓰지 않습니다.",
            "Describes what buyers spend; no verdict rests on it.",
        ),
        kind="ratio",
        formula=Formula(
            "purchase",
            "amount",
            720,
            plus=REFUNDS,
            denominator=Quantity("purchase", "occurrence"),
        ),
        unit_of_measure="money",
        is_money=True,
        tier="tactical",
        aggregation_period="month",
        tracking=BY_PERIOD,
        parent="arpu",
        synonyms=Synonyms(("객단가", "결제 고객당 매출", "1인당 구매액"), ("spend per buyer",)),
        confused_with={
            "aov": Text("AOV는 주문 한 건의 금액입니다.", "AOV is the amount of one order."),
            "arpu": Text(
                "ARPU는 사지 않은 고객까지 분모로 씁니다.",
                "ARPU divides by those who did not buy too.",
            ),
        },
    ),
    _money(
        key="arpu",
        name=Text("고객당 매출(ARPU)", "Revenue per customer (ARPU)"),
        short_name=Text("활성 고객당 매출 ARPU", "Revenue per active customer ARPU"),
        definition=Text(
            "최근 30일에 방문한 고객 한 명의 30일 순매출(환불 차감)이며, 사지 않은 고객은 0입니다.",
            "Net revenue of 30 days per customer who visited in the 30 days before; 0 for those "
            "who did not buy.",
        ),
        purpose=Text("고객 한 명의 가치를 견줍니다.", "Compares what a customer is worth."),
        formula=Formula(
            "purchase",
            "amount",
            720,
            plus=REFUNDS,
            requires=(Requirement("visit", within_days=30),),
        ),
        aggregation_period="month",
        report_cycle="monthly",
        tracking=VISITORS,
        parent="total-revenue",
        synonyms=Synonyms(("1인당 매출", "인당 매출"), ("average revenue per user",)),
        confused_with={
            "arppu": Text("ARPPU는 구매한 고객만 분모로 씁니다.", "ARPPU divides by buyers only."),
            "revenue-per-recipient": Text(
                "발송 고객당 매출은 메시지를 보낸 고객이 분모입니다.",
                "Revenue per recipient divides by customers sent to.",
            ),
        },
    ),
    _money(
        key="revenue-per-recipient",
        name=Text("발송 고객당 매출", "Revenue per recipient"),
        short_name=Text("발송 고객당 매출 RPR", "Revenue per customer sent to RPR"),
        definition=Text(
            "메시지를 보낸 고객 한 명의 7일 순매출(환불 차감)이며, 사지 않은 고객은 0입니다.",
            "Net revenue of 7 days per customer sent to; 0 for those who did not buy.",
        ),
        purpose=Text("캠페인이 돈을 버는지 봅니다.", "Shows whether a campaign earns money."),
        formula=Formula("purchase", "amount", 168, plus=REFUNDS),
        tracking=BY_SEND,
        parent="profit",
        synonyms=Synonyms(("수신자당 매출", "RPR", "발송당 매출"), ("RPR", "revenue per email")),
        confused_with={
            "arpu": Text("ARPU는 활성 고객이 분모입니다.", "ARPU divides by active customers.")
        },
    ),
)
