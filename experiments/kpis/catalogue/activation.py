"""Activation: do customers click, come, look around, and do the first things that matter."""

from functools import partial

from experiments.kpis.catalogue.entry import APP, BY_SEND, SENDING_TOOL, Entry, Synonyms
from experiments.kpis.document import (
    Events,
    Formula,
    Quantity,
    Requirement,
    Text,
    Tracking,
)

_entry = partial(Entry, stage="activation", timing="leading")
_by_send = partial(
    _entry,
    kind="proportion",
    unit_of_measure="rate",
    tier="operational",
    report_cycle="daily",
    source=SENDING_TOOL,
    aggregation_period="day",
    tracking=BY_SEND,
)
_after_sign_up = partial(
    _entry,
    kind="proportion",
    unit_of_measure="rate",
    tier="tactical",
    report_cycle="weekly",
    source=APP,
    tracking=Tracking(base=Events("sign_up")),
)

ENTRIES = (
    _by_send(
        key="click-rate",
        name=Text("클릭률", "Click rate"),
        short_name=Text("발송 대비 클릭률", "Clickers per sent"),
        definition=Text(
            "메시지를 보낸 고객 가운데 72시간 안에 링크를 누른 고객의 비율입니다.",
            "The share of customers sent to who clicked a link within 72 hours.",
        ),
        purpose=Text(
            "내용과 혜택이 고객을 움직이는지 봅니다.",
            "Shows whether content and offer move customers.",
        ),
        formula=Formula("click", "occurrence", 72),
        tier="tactical",
        parent="conversion",
        synonyms=Synonyms(
            ("클릭율", "CTR", "링크 클릭률", "순 클릭률"), ("CTR", "click-through rate")
        ),
        confused_with={
            "click-to-open": Text(
                "클릭 대비 오픈율(CTOR)은 분모가 연 고객입니다.",
                "Click-to-open (CTOR) divides by openers.",
            )
        },
    ),
    _by_send(
        key="click-to-open",
        name=Text("오픈 대비 클릭률(CTOR)", "Click-to-open rate (CTOR)"),
        short_name=Text("오픈 고객 대비 클릭률", "Clickers per opener"),
        definition=Text(
            "72시간 안에 메시지를 직접 연 고객 가운데 링크를 누른 고객의 비율입니다.",
            "The share of those who opened the message within 72 hours that clicked a link.",
        ),
        purpose=Text(
            "메시지를 연 고객에게 내용이 통했는지 설명할 때 씁니다. 판단에는 쓰지 않습니다.",
            "Describes how the content did with those who opened; no verdict rests on it.",
        ),
        kind="ratio",
        formula=Formula("click", "occurrence", 72, denominator=Quantity("open", "occurrence")),
        parent="click-rate",
        synonyms=Synonyms(("CTOR", "클릭 대비 오픈율", "반응률"), ("CTOR", "click to open")),
        confused_with={
            "click-rate": Text(
                "클릭률은 분모가 보낸 고객입니다.", "The click rate divides by customers sent to."
            )
        },
    ),
    _after_sign_up(
        key="activation",
        name=Text("활성화율", "Activation rate"),
        short_name=Text("대상 고객 대비 활성화율", "Activated per customer counted"),
        definition=Text(
            "가입한(테스트에서는 대상이 된) 고객 가운데 7일 안에 서비스의 핵심 행동(activation)을 "
            "처음 한 고객의 비율입니다.",
            "The share of customers who did the action that makes the service useful to them "
            "(activation) within 7 days of signing up, in a test of the anchor.",
        ),
        purpose=Text(
            "가입한 고객이 실제로 쓰기 시작하는지 봅니다.",
            "Shows whether those who sign up begin to use the service.",
        ),
        formula=Formula("activation", "occurrence", 168),
        parent="retention-d7",
        synonyms=Synonyms(("활성화", "온보딩 완료율", "액티베이션"), ("activation", "onboarding")),
        confused_with={
            "key-feature-completion": Text(
                "핵심 기능 완료율은 기능 하나를 끝까지 쓴 고객을 셉니다.",
                "Key-feature completion counts those who finished one feature.",
            )
        },
    ),
    _after_sign_up(
        key="key-feature-completion",
        name=Text("핵심 기능 완료율", "Key-feature completion"),
        short_name=Text("대상 고객 대비 핵심 기능 완료율", "Completed per customer counted"),
        definition=Text(
            "가입한(테스트에서는 대상이 된) 고객 가운데 14일 안에 핵심 기능을 끝까지 쓴 고객의 "
            "비율입니다.",
            "The share of customers who completed the key feature within 14 days of signing up, "
            "in a test of the anchor.",
        ),
        purpose=Text(
            "안내 메시지가 핵심 기능까지 이끄는지 봅니다.",
            "Shows whether messages lead to the feature that matters.",
        ),
        formula=Formula("key_feature_completed", "occurrence", 336),
        parent="activation",
        confused_with={
            "activation": Text(
                "활성화율은 핵심 행동을 처음 한 고객을 셉니다.",
                "Activation counts those who did the first action that matters.",
            )
        },
        synonyms=Synonyms(
            ("기능 완료율", "핵심 행동 완료율"), ("feature adoption", "task completion")
        ),
    ),
    _after_sign_up(
        key="first-login-rate",
        name=Text("첫 로그인율", "First-login rate"),
        short_name=Text(
            "로그인한 적 없는 고객 대비 첫 로그인율", "First logins per customer never seen"
        ),
        definition=Text(
            "로그인한 적이 없는 고객 가운데 72시간 안에 처음 로그인한 고객의 비율입니다.",
            "The share of customers who had never logged in that did so within 72 hours.",
        ),
        purpose=Text(
            "환영 메시지가 첫 방문을 이끄는지 봅니다.",
            "Shows whether the welcome message brings the first visit.",
        ),
        formula=Formula("login", "occurrence", 72, requires=(Requirement("login", absent=True),)),
        parent="activation",
        confused_with={
            "activation": Text(
                "활성화율은 로그인이 아니라 핵심 행동을 셉니다.",
                "Activation counts the action that matters, not the login.",
            )
        },
        synonyms=Synonyms(("최초 로그인율", "첫 접속률"), ("first login", "first sign-in")),
    ),
    _entry(
        key="sessions",
        name=Text("세션 수", "Sessions"),
        short_name=Text("고객당 세션 수", "Sessions per customer"),
        definition=Text(
            "고객 한 명이 7일 동안 연 세션(session_id)의 평균 개수입니다.",
            "The mean number of sessions (session_id) of a customer within 7 days.",
        ),
        purpose=Text("고객이 얼마나 자주 오는지 봅니다.", "Shows how often customers come."),
        kind="mean",
        formula=Formula("page_view", "distinct", 168, of="session_id"),
        unit_of_measure="count",
        tier="operational",
        report_cycle="weekly",
        source=APP,
        covariate_days=28,
        tracking=Tracking(by="period", base=Events("page_view")),
        parent="active-customers",
        synonyms=Synonyms(("방문 횟수", "세션", "방문 빈도"), ("visits", "visit frequency")),
        confused_with={
            "unique-visitors": Text(
                "순방문자 수는 여러 번 온 고객도 한 번만 셉니다.",
                "Unique visitors count a customer once.",
            )
        },
    ),
    _entry(
        key="pages-per-session",
        name=Text("세션당 페이지 수", "Pages per session"),
        short_name=Text("세션당 페이지 수", "Pages per session"),
        definition=Text(
            "7일 동안 본 페이지 수를 세션 수로 나눈 값입니다.",
            "Pages viewed within 7 days, divided by sessions.",
        ),
        purpose=Text(
            "온 고객이 얼마나 둘러보는지 설명할 때 씁니다.",
            "Describes how much those who come look around.",
        ),
        kind="ratio",
        formula=Formula(
            "page_view",
            "count",
            168,
            denominator=Quantity("page_view", "distinct", of="session_id"),
        ),
        unit_of_measure="count",
        tier="operational",
        report_cycle="weekly",
        source=APP,
        tracking=Tracking(by="period", base=Events("page_view")),
        parent="sessions",
        confused_with={
            "sessions": Text(
                "세션 수는 얼마나 자주 오는지 봅니다.",
                "Sessions are about how often customers come.",
            )
        },
        synonyms=Synonyms(("페이지뷰 깊이", "방문당 페이지뷰"), ("page depth", "pages per visit")),
    ),
)
