"""Acquisition: who signs up and buys for the first time, and what that costs."""

from functools import partial

from experiments.kpis.catalogue.entry import APP, MEDIA, SHOP, Entry, Synonyms
from experiments.kpis.document import Events, Formula, Quantity, Requirement, Text, Tracking

_entry = partial(Entry, stage="acquisition", report_cycle="weekly")
_cost = partial(
    _entry,
    kind="ratio",
    unit_of_measure="money",
    is_money=True,
    tier="strategic",
    timing="lagging",
    direction="down",
    aggregation_period="month",
    tracking=Tracking(by="period"),
    source=MEDIA,
)
NEVER_BOUGHT = (Requirement("purchase", absent=True),)

ENTRIES = (
    _entry(
        key="sign-up-conversion",
        name=Text("회원가입 전환율", "Sign-up conversion"),
        short_name=Text("비회원 방문자 대비 가입 전환율", "Sign-ups per visitor"),
        definition=Text(
            "가입한 적이 없는 방문자 가운데 7일 안에 회원으로 가입한 고객의 비율입니다.",
            "The share of visitors not signed up that did so within 7 days.",
        ),
        purpose=Text("방문이 가입으로 이어지는지 봅니다.", "Shows whether visits become sign-ups."),
        kind="proportion",
        formula=Formula(
            "sign_up", "occurrence", 168, requires=(Requirement("sign_up", absent=True),)
        ),
        unit_of_measure="rate",
        tier="tactical",
        timing="leading",
        source=APP,
        tracking=Tracking(base=Events("visit")),
        parent="new-customers",
        synonyms=Synonyms(
            ("가입률", "회원 전환율", "가입 전환"), ("registration rate", "signup rate")
        ),
        confused_with={
            "activation": Text(
                "활성화율은 가입한 뒤 핵심 행동을 한 고객의 비율입니다.",
                "Activation is what those do who have signed up.",
            )
        },
    ),
    _entry(
        key="new-customers",
        name=Text("신규 구매 고객 수", "New customers"),
        short_name=Text("기간에 처음 구매한 고객 수", "First-time buyers (total)"),
        definition=Text(
            "기간 안에 처음으로 구매한 고객의 수입니다.",
            "The number of customers who bought for the first time in the period.",
        ),
        purpose=Text("고객층이 넓어지는지 봅니다.", "Shows whether the customer base grows."),
        kind="mean",
        formula=Formula("purchase", "occurrence", 720, requires=NEVER_BOUGHT),
        unit_of_measure="count",
        tier="strategic",
        timing="lagging",
        source=SHOP,
        aggregation_period="month",
        tracking=Tracking(by="period", aggregate="total"),
        parent="total-revenue",
        synonyms=Synonyms(("신규 고객", "첫 구매 고객 수", "신규 유입"), ("first-time buyers",)),
        confused_with={
            "sign-up-conversion": Text(
                "가입은 아직 구매가 아닙니다.", "A sign-up is not a purchase yet."
            )
        },
    ),
    _entry(
        key="first-purchase-conversion",
        name=Text("첫 구매 전환율", "First purchase conversion"),
        short_name=Text("미구매 고객 대비 첫 구매 전환율", "First-time buyers per non-buyer"),
        definition=Text(
            "구매한 적이 없는 고객 가운데 7일 안에 처음 구매한 고객의 비율입니다.",
            "The share of customers who had never bought that did so within 7 days.",
        ),
        purpose=Text(
            "첫 구매 혜택과 안내가 통하는지 봅니다.",
            "Shows whether offers for the first purchase work.",
        ),
        kind="proportion",
        formula=Formula("purchase", "occurrence", 168, requires=NEVER_BOUGHT),
        unit_of_measure="rate",
        tier="tactical",
        timing="lagging",
        source=SHOP,
        tracking=Tracking(base=Events("sign_up")),
        parent="new-customers",
        synonyms=Synonyms(("첫구매율", "신규 구매율", "최초 구매 전환율"), ("first order rate",)),
        confused_with={
            "purchase-conversion": Text(
                "구매 전환율은 이미 산 적이 있는 고객도 셉니다.",
                "Purchase conversion counts those who have bought before too.",
            )
        },
    ),
    _entry(
        key="days-to-first-purchase",
        name=Text("첫 구매까지 걸린 날", "Days to first purchase"),
        short_name=Text("미구매 고객의 첫 구매까지 날수", "Days to first purchase, non-buyers"),
        definition=Text(
            "구매한 적이 없는 고객이 처음 구매하기까지 걸린 날수이며, 90일까지 봅니다.",
            "The days until customers who had never bought did so, watched for 90 days.",
        ),
        purpose=Text(
            "첫 구매를 앞당기는지 봅니다.", "Shows whether the first purchase comes sooner."
        ),
        kind="time_to_event",
        formula=Formula("purchase", "occurrence", 2160, requires=NEVER_BOUGHT, step="day"),
        unit_of_measure="days",
        tier="tactical",
        timing="leading",
        direction="down",
        source=SHOP,
        aggregation_period="month",
        tracking=Tracking(base=Events("sign_up")),
        parent="first-purchase-conversion",
        synonyms=Synonyms(("첫 구매 소요일", "첫구매까지 기간"), ("time to first purchase",)),
        confused_with={
            "purchase-cycle": Text(
                "구매 주기는 구매와 다음 구매 사이의 날수입니다.",
                "The purchase cycle is the time from one purchase to the next.",
            )
        },
    ),
    _cost(
        key="cac",
        name=Text("고객 획득 비용(CAC)", "Customer acquisition cost (CAC)"),
        short_name=Text("신규 구매 고객당 획득 비용 CAC", "Media cost per new customer CAC"),
        definition=Text(
            "기간의 광고비를 그 기간에 처음 구매한 고객 수로 나눈 금액입니다.",
            "The period's media cost divided by the customers who first bought in it.",
        ),
        purpose=Text(
            "새 고객을 얻는 데 드는 돈이 감당할 만한지 봅니다.",
            "Shows whether new customers are worth what they cost.",
        ),
        formula=Formula(
            "media_cost",
            "series",
            requires=NEVER_BOUGHT,
            denominator=Quantity("purchase", "occurrence"),
        ),
        parent="ltv-90",
        synonyms=Synonyms(("획득비용", "신규 고객 획득 단가"), ("acquisition cost",)),
        confused_with={
            "cpa": Text(
                "CPA는 신규가 아닌 고객의 전환까지 모두 분모로 씁니다.",
                "CPA divides by every conversion, whoever made it.",
            )
        },
    ),
    _cost(
        key="cpa",
        name=Text("전환당 비용(CPA)", "Cost per action (CPA)"),
        short_name=Text("주문 1건당 광고비 CPA", "Media cost per order CPA"),
        definition=Text(
            "기간의 광고비를 그 기간의 주문 건수로 나눈 금액입니다.",
            "The period's media cost divided by the period's orders.",
        ),
        purpose=Text("매체별 효율을 견줍니다.", "Compares what media achieve."),
        formula=Formula("media_cost", "series", denominator=Quantity("purchase", "count")),
        parent="roas",
        synonyms=Synonyms(("전환 단가", "액션당 비용"), ("cost per acquisition", "cost per order")),
        confused_with={
            "cac": Text(
                "CAC는 처음 구매한 고객만 분모로 씁니다.", "CAC divides by first-time buyers only."
            )
        },
    ),
    _cost(
        key="cpc",
        name=Text("클릭당 비용(CPC)", "Cost per click (CPC)"),
        short_name=Text("광고 클릭 1회당 비용 CPC", "Media cost per ad click CPC"),
        definition=Text(
            "기간의 광고비를 그 기간의 광고 클릭 수로 나눈 금액입니다.",
            "The period's media cost divided by the period's clicks on advertisements.",
        ),
        purpose=Text("매체와 소재의 단가를 견줍니다.", "Compares media and creatives by price."),
        formula=Formula("media_cost", "series", denominator=Quantity("media_clicks", "series")),
        tier="operational",
        timing="leading",
        aggregation_period="week",
        parent="cpa",
        confused_with={
            "cpa": Text(
                "CPA는 클릭이 아니라 주문을 분모로 씁니다.", "CPA divides by orders, not by clicks."
            )
        },
        synonyms=Synonyms(("클릭 단가",), ("cost per click",)),
    ),
)
