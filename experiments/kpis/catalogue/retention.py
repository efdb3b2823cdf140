"""Retention: who comes back, who buys again, and how often."""

from functools import partial

from experiments.kpis.catalogue.entry import APP, BY_SEND, SHOP, Entry, Synonyms
from experiments.kpis.document import (
    DayWindow,
    Events,
    Formula,
    Quantity,
    Requirement,
    Text,
    Tracking,
)

_entry = partial(Entry, stage="retention", report_cycle="weekly")
_bought_again = partial(
    _entry,
    kind="proportion",
    unit_of_measure="rate",
    tier="strategic",
    timing="lagging",
    source=SHOP,
    aggregation_period="month",
    tracking=Tracking(base=Events("purchase")),
)
BEFORE_THE_DAY = Text(
    "이 지표는 그날 하루만 봅니다. 1일차와 3일차 사이에 왔어도 그날 오지 않았으면 세지 않습니다.",
    "It looks at that one day: who came on the days between, but not on it, is not counted.",
)


def _came_back(day: int, parent: str, timing: str, *synonyms: str) -> Entry:
    """Customers who came back on the local day so many days after the anchor's."""
    other = 7 if day != 7 else 1
    return _entry(
        key=f"retention-d{day}",
        name=Text(f"D+{day} 재방문율(리텐션)", f"D+{day} retention"),
        short_name=Text(
            f"대상 고객 대비 D+{day} 재방문율", f"Back on D+{day} per customer counted"
        ),
        definition=Text(
            f"가입한(테스트에서는 대상이 된) 날로부터 {day}일 뒤 하루 동안 다시 방문한 고객의 "
            "비율이며, 날짜는 프로젝트의 시간대로 셉니다.",
            f"The share of customers who visited on the local day {day} after the one on which "
            "they signed up, in a test after the anchor's.",
        ),
        purpose=Text("고객이 돌아오는지 봅니다.", "Shows whether customers come back."),
        kind="proportion",
        formula=Formula("visit", "occurrence", days=DayWindow(day, day)),
        unit_of_measure="rate",
        tier="tactical",
        timing=timing,
        source=APP,
        aggregation_period="day",
        tracking=Tracking(base=Events("sign_up")),
        parent=parent,
        synonyms=Synonyms(
            (f"{day}일차 리텐션", f"D{day} 재방문율", "재방문율", "잔존율", "리텐션", *synonyms),
            (f"day {day} retention", f"D{day}", "return rate", "retention"),
        ),
        confused_with={f"retention-d{other}": BEFORE_THE_DAY},
    )


ENTRIES = (
    _came_back(1, "retention-d7", "leading", "다음 날 재방문율"),
    _came_back(3, "retention-d7", "leading"),
    _came_back(7, "retention-d30", "leading", "주간 재방문율"),
    _came_back(30, "active-customers", "lagging", "월간 재방문율"),
    _bought_again(
        key="repeat-purchase",
        name=Text("재구매율(대상 고객)", "Repeat purchase (of assigned)"),
        short_name=Text("대상 고객 대비 재구매율", "Repeat buyers per customer assigned"),
        definition=Text(
            "대상이 된 고객 모두 가운데 30일 안에 두 번 이상 구매한 고객의 비율입니다.",
            "The share of all customers assigned who bought twice or more within 30 days.",
        ),
        purpose=Text(
            "안을 견주어 판단할 수 있는 재구매율입니다.",
            "The repeat rate on which variants can be judged.",
        ),
        formula=Formula("purchase", "occurrence", 720, at_least=2),
        tracking=BY_SEND,
        parent="ltv-90",
        synonyms=Synonyms(
            ("재구매율", "반복 구매율", "재주문율"), ("repeat rate", "repurchase rate")
        ),
        confused_with={
            "repeat-purchase-of-buyers": Text(
                "구매자 대비 재구매율은 산 고객만 분모로 써서, 안을 견주는 데 쓸 수 없습니다.",
                "The one of buyers divides by buyers only, and cannot compare variants.",
            ),
            "repeat-purchase-of-new": Text(
                "신규 고객 재구매율은 얼마 전 처음 산 고객의 두 번째 구매입니다.",
                "The one of new customers is the second purchase of recent first-time buyers.",
            ),
        },
    ),
    _bought_again(
        key="repeat-purchase-of-buyers",
        name=Text("재구매율(구매자)", "Repeat purchase (of buyers)"),
        short_name=Text("구매자 대비 재구매율", "Repeat buyers per buyer"),
        definition=Text(
            "30일 안에 구매한 고객 가운데 두 번 이상 구매한 고객의 비율입니다.",
            "The share of those who bought within 30 days that bought twice or more.",
        ),
        purpose=Text(
            "구매자의 충성도를 설명할 때 씁니다. 판단에는 쓰지 않습니다.",
            "Describes how loyal buyers are; no verdict rests on it.",
        ),
        kind="ratio",
        formula=Formula(
            "purchase",
            "occurrence",
            720,
            at_least=2,
            denominator=Quantity("purchase", "occurrence"),
        ),
        tracking=Tracking(by="period", base=Events("purchase")),
        parent="repeat-purchase",
        synonyms=Synonyms(("재구매율", "재구매 비율"), ("repeat rate", "repeat customer rate")),
        confused_with={
            "repeat-purchase": Text(
                "대상 고객 대비 재구매율은 사지 않은 고객까지 분모로 씁니다.",
                "The one of assigned divides by those who did not buy too.",
            )
        },
    ),
    _bought_again(
        key="repeat-purchase-of-new",
        name=Text("재구매율(신규 고객)", "Repeat purchase (of new customers)"),
        short_name=Text("신규 구매 고객 대비 재구매율", "Second purchases per new buyer"),
        definition=Text(
            "최근 30일에 처음 구매한 고객 가운데 그 뒤 90일 안에 다시 구매한 고객의 비율입니다.",
            "The share of first-time buyers of the last 30 days who bought again within 90 days.",
        ),
        purpose=Text(
            "첫 구매가 두 번째 구매로 이어지는지 봅니다.",
            "Shows whether a first purchase leads to a second.",
        ),
        formula=Formula(
            "purchase",
            "occurrence",
            2160,
            requires=(
                Requirement("purchase", within_days=30),
                Requirement("purchase", at_least=2, absent=True),
            ),
        ),
        parent="ltv-90",
        synonyms=Synonyms(("재구매율", "2회 구매율", "첫 재구매율"), ("second purchase rate",)),
        confused_with={
            "repeat-purchase": Text(
                "대상 고객 대비 재구매율은 기간 안의 구매 두 번을 셉니다.",
                "The one of assigned counts two purchases within the window.",
            )
        },
    ),
    _entry(
        key="purchase-cycle",
        name=Text("구매 주기", "Purchase cycle"),
        short_name=Text("구매자의 다음 구매까지 날수", "Days to the next purchase, buyers"),
        definition=Text(
            "구매한 고객이 다음에 다시 구매하기까지 걸린 날수이며, 180일까지 봅니다.",
            "The days from a purchase to the next, watched for 180 days.",
        ),
        purpose=Text("다시 권할 때를 정합니다.", "Says when to write again."),
        kind="time_to_event",
        formula=Formula("purchase", "occurrence", 4320, since=Events("purchase"), step="day"),
        unit_of_measure="days",
        tier="tactical",
        timing="lagging",
        direction="down",
        source=SHOP,
        aggregation_period="month",
        tracking=Tracking(base=Events("purchase")),
        parent="repeat-purchase",
        synonyms=Synonyms(
            ("재구매 주기", "구매 간격"), ("repurchase interval", "time between orders")
        ),
        confused_with={
            "days-to-first-purchase": Text(
                "첫 구매까지 걸린 날은 산 적이 없는 고객을 봅니다.",
                "Days to first purchase looks at those who have never bought.",
            )
        },
    ),
)
