"""Retention in numbers of customers: how many are active."""

from decimal import Decimal
from functools import partial

from experiments.kpis.catalogue.entry import APP, Entry, Synonyms
from experiments.kpis.document import Events, Formula, Quantity, Text, Tracking

_entry = partial(Entry, stage="retention", report_cycle="weekly")
_how_many = partial(
    _entry,
    kind="mean",
    unit_of_measure="count",
    source=APP,
    formula=Formula("visit", "occurrence", 720),
    timing="lagging",
)

ENTRIES = (
    _how_many(
        key="active-customers",
        name=Text("활성 고객 수", "Active customers"),
        short_name=Text("최근 30일에 방문한 고객 수", "Customers active in 30 days (total)"),
        definition=Text(
            "기간의 끝에서 돌아본 30일 동안 한 번이라도 방문한 고객의 수입니다.",
            "The number of customers who visited in the 30 days up to the period's end.",
        ),
        purpose=Text("쓰는 고객이 줄지 않는지 봅니다.", "Shows whether the base of users holds."),
        tier="strategic",
        tracking=Tracking(by="period", aggregate="total", rolling_days=30),
        parent="total-revenue",
        synonyms=Synonyms(("활성 사용자", "활동 고객", "액티브 유저"), ("active users",)),
        confused_with={
            "mau": Text("MAU는 달력의 한 달을 봅니다.", "MAU looks at the calendar month.")
        },
    ),
    _how_many(
        key="dau",
        name=Text("일간 활성 고객 수(DAU)", "Daily active customers (DAU)"),
        short_name=Text("하루에 방문한 고객 수 DAU", "Customers active on the day DAU (total)"),
        definition=Text(
            "그날 한 번이라도 방문한 고객의 수입니다.",
            "The number of customers who visited on the day.",
        ),
        purpose=Text("매일의 쓰임을 봅니다.", "Shows daily use."),
        formula=Formula("visit", "occurrence", 24),
        tier="tactical",
        report_cycle="daily",
        aggregation_period="day",
        tracking=Tracking(by="period", aggregate="total"),
        parent="mau",
        synonyms=Synonyms(("DAU", "일 활성 사용자", "하루 방문자"), ("daily active users", "DAU")),
        confused_with={"sessions": Text("세션 수는 방문을 셉니다.", "Sessions count visits.")},
    ),
    _how_many(
        key="mau",
        name=Text("월간 활성 고객 수(MAU)", "Monthly active customers (MAU)"),
        short_name=Text("한 달에 방문한 고객 수 MAU", "Customers active in the month MAU (total)"),
        definition=Text(
            "그달에 한 번이라도 방문한 고객의 수입니다.",
            "The number of customers who visited in the month.",
        ),
        purpose=Text("달마다의 쓰임을 봅니다.", "Shows monthly use."),
        tier="strategic",
        report_cycle="monthly",
        aggregation_period="month",
        tracking=Tracking(by="period", aggregate="total"),
        parent="total-revenue",
        synonyms=Synonyms(("MAU", "월 활성 사용자"), ("monthly active users", "MAU")),
        confused_with={
            "active-customers": Text(
                "활성 고객 수는 달력과 상관없이 최근 30일을 봅니다.",
                "Active customers looks at the last 30 days, whatever the calendar says.",
            )
        },
    ),
    _entry(
        key="stickiness",
        name=Text("고착도(DAU/MAU)", "Stickiness (DAU/MAU)"),
        short_name=Text(
            "활성 고객의 하루 방문 비율 DAU/MAU", "Days active per customer and day DAU/MAU"
        ),
        definition=Text(
            "30일 동안 방문한 고객이 그 가운데 며칠을 방문했는지의 비율이며, DAU의 평균을 MAU로 "
            "나눈 것과 같습니다.",
            "The share of 30 days on which customers active in them visited: mean DAU over MAU.",
        ),
        purpose=Text("습관이 되었는지 설명할 때 씁니다.", "Describes how much of a habit it is."),
        kind="ratio",
        formula=Formula(
            "visit", "days", 720, denominator=Quantity("visit", "occurrence", times=Decimal(30))
        ),
        unit_of_measure="rate",
        tier="tactical",
        timing="leading",
        source=APP,
        report_cycle="monthly",
        aggregation_period="month",
        tracking=Tracking(by="period", base=Events("visit"), rolling_days=30),
        parent="active-customers",
        synonyms=Synonyms(("DAU/MAU", "스티키니스", "방문 습관"), ("DAU/MAU", "stickiness ratio")),
        confused_with={
            "active-customers": Text(
                "활성 고객 수는 비율이 아니라 고객의 수입니다.",
                "Active customers is a number, not a share.",
            )
        },
    ),
)
