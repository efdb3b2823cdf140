"""Activation on the way to a purchase: carts, coupons, and the steps between."""

from functools import partial

from experiments.kpis.catalogue.entry import APP, SHOP, Entry, Synonyms
from experiments.kpis.document import Events, Formula, Requirement, Text, Tracking

_entry = partial(
    Entry, stage="activation", unit_of_measure="rate", tier="tactical", report_cycle="weekly"
)

ENTRIES = (
    _entry(
        key="cart-to-purchase",
        name=Text("장바구니 구매 전환율", "Cart to purchase"),
        short_name=Text("장바구니에 담은 고객 대비 구매 전환율", "Buyers per customer with a cart"),
        definition=Text(
            "최근 7일에 장바구니에 담은(cart_add) 고객 가운데 7일 안에 구매한 고객의 비율입니다.",
            "The share of customers who put something in the cart (cart_add) in the 7 days before "
            "that bought within 7 days.",
        ),
        purpose=Text(
            "장바구니 알림이 구매로 이어지는지 봅니다.",
            "Shows whether cart reminders lead to purchases.",
        ),
        kind="proportion",
        formula=Formula(
            "purchase", "occurrence", 168, requires=(Requirement("cart_add", within_days=7),)
        ),
        timing="leading",
        source=SHOP,
        tracking=Tracking(base=Events("cart_add")),
        parent="conversion",
        synonyms=Synonyms(
            ("장바구니 전환율", "카트 전환율", "결제 완료율"), ("cart conversion", "checkout rate")
        ),
        confused_with={
            "purchase-funnel": Text(
                "구매 퍼널은 방문부터 순서대로 단계마다 셉니다.",
                "The purchase funnel counts every step from the visit on.",
            )
        },
    ),
    _entry(
        key="purchase-funnel",
        name=Text("구매 퍼널", "Purchase funnel"),
        short_name=Text("대상 고객 대비 퍼널 완료율", "Through the funnel per customer counted"),
        definition=Text(
            "7일 안에 방문, 장바구니 담기, 구매를 차례로 모두 한 고객의 비율이며, 단계마다 남은 "
            "고객도 함께 봅니다.",
            "The share of customers who visited, filled a cart and bought within 7 days, in this "
            "order; shown with those left at every step.",
        ),
        purpose=Text(
            "고객이 어느 단계에서 떠나는지 찾습니다.", "Finds the step at which customers leave."
        ),
        kind="funnel",
        formula=Formula("visit", "occurrence", 168, then=(Events("cart_add"), Events("purchase"))),
        timing="leading",
        source=APP,
        tracking=Tracking(base=Events("visit")),
        parent="conversion",
        synonyms=Synonyms(("퍼널", "깔때기", "단계별 전환율"), ("funnel", "step conversion")),
        confused_with={
            "cart-to-purchase": Text(
                "장바구니 구매 전환율은 담은 고객에서 시작합니다.",
                "Cart to purchase begins with those who have a cart.",
            )
        },
    ),
    _entry(
        key="coupon-redemption",
        name=Text("쿠폰 사용률", "Coupon redemption rate"),
        short_name=Text("쿠폰을 받은 고객 대비 사용률", "Used per customer given a coupon"),
        definition=Text(
            "쿠폰을 받은(테스트에서는 대상이 된) 고객 가운데 30일 안에 쓴 고객의 비율입니다.",
            "The share of customers given a coupon (in a test, of the customers counted) who used "
            "one within 30 days.",
        ),
        purpose=Text("혜택이 쓸 만한지 봅니다.", "Shows whether the offer is worth using."),
        kind="proportion",
        formula=Formula("coupon_used", "occurrence", 720),
        timing="leading",
        source=SHOP,
        aggregation_period="month",
        tracking=Tracking(base=Events("coupon_issued")),
        parent="conversion",
        synonyms=Synonyms(
            ("쿠폰 회수율", "쿠폰 소진율", "혜택 사용률"), ("redemption", "coupon use")
        ),
        confused_with={
            "conversion": Text(
                "구매 전환율은 쿠폰 없이 산 고객도 셉니다.",
                "Conversion counts those who buy without the coupon too.",
            )
        },
    ),
)
