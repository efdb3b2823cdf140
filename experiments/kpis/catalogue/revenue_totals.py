"""Revenue: totals, profit, lifetime value, more from the same customer, and what media return."""

from decimal import Decimal
from functools import partial

from experiments.kpis.catalogue.entry import BY_SEND, MEDIA, PRICE_LIST, SHOP, Entry, Synonyms
from experiments.kpis.document import Events, Formula, Quantity, Requirement, Term, Text, Tracking

_entry = partial(Entry, stage="revenue", timing="lagging", source=SHOP, report_cycle="monthly")
_money = partial(
    _entry, kind="mean", unit_of_measure="money", is_money=True, tier="strategic",
    aggregation_period="month",
)  # fmt: skip
_return = partial(
    _entry, kind="ratio", unit_of_measure="rate", is_money=True, tier="strategic", source=MEDIA,
    aggregation_period="month", tracking=Tracking(by="period"),
)  # fmt: skip
_more = partial(
    _entry, kind="proportion", unit_of_measure="rate", tier="tactical", aggregation_period="month",
    tracking=Tracking(base=Events("purchase")),
)  # fmt: skip
REFUND = Term("refund", "amount")
BOUGHT = (Requirement("purchase", within_days=180),)
MEDIA_COST = Quantity("media_cost", "series")

ENTRIES = (
    _money(
        key="total-revenue",
        name=Text("총매출", "Total revenue"),
        short_name=Text("기간의 순매출 합계", "Net revenue (total)"),
        definition=Text(
            "기간의 주문 금액에서 환불을 뺀 합계이며, 테스트에서는 고객당 30일 매출로 봅니다.",
            "All orders of the period less refunds; in a test, revenue of 30 days per customer.",
        ),
        purpose=Text("사업의 크기를 봅니다.", "Shows the size of the business."),
        formula=Formula("purchase", "amount", 720, plus=(REFUND,)),
        report_cycle="weekly",
        covariate_days=90,
        tracking=Tracking(by="period", aggregate="total"),
        synonyms=Synonyms(("매출", "매출액", "거래액", "GMV"), ("sales", "turnover", "GMV")),
        confused_with={
            "profit": Text(
                "이익은 쿠폰과 메시지 비용을 뺀 금액입니다.",
                "Profit is after coupons and messages.",
            )
        },
    ),
    _money(
        key="profit",
        name=Text("쿠폰·메시지 비용을 뺀 매출", "Profit after coupon and message cost"),
        short_name=Text("고객당 비용 차감 매출", "Profit per customer"),
        definition=Text(
            "고객 한 명의 30일 순매출(환불 차감)에서 쓴 쿠폰 금액과 메시지 비용을 뺀 금액입니다.",
            "Net revenue of 30 days per customer less the coupons used and the messages sent.",
        ),
        purpose=Text(
            "할인과 발송이 남는 장사인지 봅니다.", "Shows whether discounts and messages pay."
        ),
        formula=Formula(
            "purchase",
            "amount",
            720,
            plus=(REFUND,),
            minus=(Term("coupon_used", "amount"), Term("sent", "message_cost")),
        ),
        covariate_days=90,
        tracking=BY_SEND,
        parent="total-revenue",
        synonyms=Synonyms(
            ("이익", "공헌이익", "쿠폰 비용 차감 매출", "순이익"),
            ("profit", "contribution", "revenue after costs"),
        ),
        confused_with={
            "total-revenue": Text(
                "총매출은 비용을 빼지 않습니다.", "Total revenue is before costs."
            )
        },
    ),
    _money(
        key="ltv-90",
        name=Text("고객 생애 가치(90일)", "Lifetime value to 90 days (LTV)"),
        short_name=Text("고객당 90일 누적 매출 LTV", "Revenue of 90 days per customer LTV"),
        definition=Text(
            "가입부터(테스트에서는 집계 시작부터) 90일 동안의 고객당 순매출(환불 차감)입니다.",
            "Net revenue per customer over 90 days from signing up, in a test from the anchor.",
        ),
        purpose=Text(
            "얻은 고객이 비용을 넘는 가치를 내는지 봅니다.",
            "Shows whether customers gained are worth their cost.",
        ),
        formula=Formula("purchase", "amount", 2160, plus=(REFUND,)),
        tracking=Tracking(base=Events("sign_up")),
        parent="total-revenue",
        synonyms=Synonyms(
            ("LTV", "CLV", "생애가치", "고객 생애 매출"), ("LTV", "CLV", "lifetime value")
        ),
        confused_with={"arpu": Text("ARPU는 30일만 봅니다.", "ARPU looks at 30 days only.")},
    ),
    _entry(
        key="median-spend",
        name=Text("구매 금액 중앙값", "Median spend"),
        short_name=Text("구매자의 구매 금액 중앙값", "Median spend of buyers"),
        definition=Text(
            "30일 동안 구매한 고객의 구매 금액을 줄 세웠을 때 한가운데 값입니다.",
            "The middle of what customers who bought within 30 days spent.",
        ),
        purpose=Text(
            "몇몇 큰손에 흔들리지 않는 씀씀이를 설명할 때 씁니다.",
            "Describes what buyers spend without being swayed by a few large ones.",
        ),
        kind="quantile",
        formula=Formula("purchase", "amount", 720, quantile=Decimal("0.5"), over="with_value"),
        unit_of_measure="money",
        is_money=True,
        tier="operational",
        tracking=Tracking(by="period", base=Events("purchase")),
        parent="arppu",
        synonyms=Synonyms(("중위 구매액", "구매액 중앙값"), ("median order spend",)),
        confused_with={"arppu": Text("ARPPU는 평균입니다.", "ARPPU is a mean.")},
    ),
    _more(
        key="upsell",
        name=Text("상향 구매율(업셀)", "Upsell rate"),
        short_name=Text("구매 고객 대비 상향 구매율", "Upgrades per earlier buyer"),
        definition=Text(
            "최근 180일에 구매한 고객 가운데 30일 안에 상위 상품으로 올린 고객의 비율입니다.",
            "The share of buyers of the last 180 days who moved to a higher plan or product "
            "within 30 days.",
        ),
        purpose=Text(
            "더 좋은 상품을 권하는 일이 통하는지 봅니다.", "Shows whether offers of more work."
        ),
        formula=Formula("upgrade", "occurrence", 720, requires=BOUGHT),
        parent="arpu",
        synonyms=Synonyms(("업셀링", "업그레이드율"), ("upsell", "upgrade rate")),
        confused_with={
            "cross-sell": Text(
                "교차 구매는 다른 종류의 상품을 더 사는 것입니다.",
                "Cross-sell is buying something of another kind besides.",
            )
        },
    ),
    _more(
        key="cross-sell",
        name=Text("교차 구매율(크로스셀)", "Cross-sell rate"),
        short_name=Text("구매 고객 대비 교차 구매율", "Cross-buyers per earlier buyer"),
        definition=Text(
            "최근 180일에 구매한 고객 가운데 30일 안에 다른 분류의 상품(cross_sell)을 산 고객의 "
            "비율입니다.",
            "The share of buyers of the last 180 days who bought something of another kind "
            "(cross_sell) within 30 days.",
        ),
        purpose=Text(
            "추천이 새 분류의 구매를 여는지 봅니다.", "Shows whether offers open new categories."
        ),
        formula=Formula(
            "purchase", "occurrence", 720, where={"cross_sell": "true"}, requires=BOUGHT
        ),
        parent="arpu",
        synonyms=Synonyms(("크로스셀링", "연관 구매율"), ("cross-selling",)),
        confused_with={
            "upsell": Text(
                "상향 구매는 같은 종류의 더 높은 상품으로 올리는 것입니다.",
                "Upsell is moving up within the same kind.",
            )
        },
    ),
    _return(
        key="roas",
        name=Text("광고비 대비 매출(ROAS)", "Return on ad spend (ROAS)"),
        short_name=Text("광고비 1원당 매출 ROAS", "Revenue per media cost ROAS"),
        definition=Text(
            "기간의 순매출을 그 기간의 광고비로 나눈 비율이며, 3.2는 320%입니다.",
            "The period's net revenue divided by its media cost; 3.2 is 320 %.",
        ),
        purpose=Text("광고비를 어디에 더 쓸지 정합니다.", "Says where media money goes further."),
        formula=Formula("purchase", "amount", plus=(REFUND,), denominator=MEDIA_COST),
        parent="roi",
        synonyms=Synonyms(("광고 수익률", "로아스"), ("ad return", "return on ad spend")),
        confused_with={
            "roi": Text("ROI는 매출에서 광고비를 뺀 뒤 나눕니다.", "ROI takes the cost off first.")
        },
    ),
    _return(
        key="roi",
        name=Text("투자 수익률(ROI)", "Return on investment (ROI)"),
        short_name=Text("광고비 대비 순수익 ROI", "Gain per media cost ROI"),
        definition=Text(
            "기간의 순매출에서 광고비를 뺀 금액을 광고비로 나눈 비율이며, 0이면 본전입니다.",
            "The period's net revenue less media cost, divided by media cost; 0 breaks even.",
        ),
        purpose=Text("쓴 돈보다 더 벌었는지 봅니다.", "Shows whether more came in than went out."),
        formula=Formula(
            "purchase",
            "amount",
            plus=(REFUND,),
            minus=(Term("media_cost", "series"),),
            denominator=MEDIA_COST,
        ),
        parent="profit",
        synonyms=Synonyms(("수익률", "투자 대비 수익"), ("return on investment",)),
        confused_with={
            "roas": Text("ROAS는 매출을 그대로 나눕니다.", "ROAS divides the whole revenue.")
        },
    ),
    _money(
        key="message-cost",
        name=Text("메시지 비용", "Message cost"),
        short_name=Text("고객당 메시지 비용", "Message cost per customer"),
        definition=Text(
            "고객 한 명에게 30일 동안 보낸 메시지의 비용입니다.",
            "What the messages of 30 days to a customer cost.",
        ),
        purpose=Text(
            "채널 구성이 비싸지지 않는지 봅니다.", "Shows whether the mix of channels gets dearer."
        ),
        formula=Formula("sent", "message_cost", 720),
        tier="operational",
        timing="leading",
        direction="down",
        source=PRICE_LIST,
        tracking=Tracking(by="period", base=Events("sent")),
        parent="profit",
        synonyms=Synonyms(
            ("발송 비용", "발송 단가", "문자 비용"), ("sending cost", "cost per message")
        ),
        confused_with={
            "contacts-per-customer": Text(
                "접촉 횟수는 금액이 아니라 횟수입니다.", "Contacts are a number, not money."
            )
        },
    ),
)
