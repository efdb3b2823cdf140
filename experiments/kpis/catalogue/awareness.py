"""Awareness: was the message delivered, was it opened; who came, and what is said of us."""

from functools import partial

from experiments.kpis.catalogue.entry import (
    APP,
    BY_SEND,
    SENDING_TOOL,
    SOCIAL,
    Entry,
    Synonyms,
)
from experiments.kpis.document import Formula, Quantity, Text, Tracking

_entry = partial(Entry, stage="awareness")
_by_send = partial(
    _entry,
    kind="proportion",
    unit_of_measure="rate",
    tier="operational",
    timing="leading",
    report_cycle="daily",
    source=SENDING_TOOL,
    aggregation_period="day",
    tracking=BY_SEND,
)

ENTRIES = (
    _by_send(
        key="delivery-rate",
        name=Text("전달률", "Delivery rate"),
        short_name=Text("발송 대비 전달률", "Delivered per sent"),
        definition=Text(
            "메시지를 보낸 고객 가운데 72시간 안에 메시지가 전달된 고객의 비율입니다.",
            "The share of customers sent to whose message was delivered within 72 hours.",
        ),
        purpose=Text(
            "목록의 품질과 발신 평판이 나빠지지 않는지 봅니다.",
            "Shows whether the list and the sender's reputation hold.",
        ),
        formula=Formula("delivered", "occurrence", 72, machine="include"),
        parent="human-open-rate",
        synonyms=Synonyms(
            ("도달률", "수신율", "발송 성공률"), ("deliverability", "delivered rate", "inbox rate")
        ),
        confused_with={
            "bounce-rate": Text(
                "둘을 더해도 100%가 아닐 수 있습니다. 아직 소식이 없는 메시지가 있습니다.",
                "The two need not add up to 100 %: of some messages nothing is heard yet.",
            )
        },
    ),
    _by_send(
        key="bounce-rate",
        name=Text("반송률", "Bounce rate"),
        short_name=Text("발송 대비 반송률", "Bounced per sent"),
        definition=Text(
            "메시지를 보낸 고객 가운데 72시간 안에 메시지가 반송된 고객의 비율입니다.",
            "The share of customers sent to whose message bounced within 72 hours.",
        ),
        purpose=Text(
            "잘못된 주소와 차단을 찾아 목록을 정리합니다.",
            "Finds wrong addresses and blocks, to clean the list.",
        ),
        formula=Formula("bounced", "occurrence", 72, machine="include"),
        direction="down",
        parent="delivery-rate",
        synonyms=Synonyms(("바운스율", "발송 실패율", "반송"), ("hard bounce", "soft bounce")),
        confused_with={
            "delivery-rate": Text(
                "전달률은 전달이 확인된 고객을 셉니다. 둘을 더해도 100%가 아닐 수 있습니다.",
                "Delivery counts confirmed deliveries; the two need not add up to 100 %.",
            )
        },
    ),
    _by_send(
        key="open-rate",
        name=Text("전체 오픈율(자동 오픈 포함)", "Open rate with machine opens"),
        short_name=Text("발송 대비 전체 오픈율", "All openers per sent"),
        definition=Text(
            "메시지를 보낸 고객 가운데 72시간 안에 메시지가 한 번이라도 열린 고객의 비율이며, "
            "메일 앱이 대신 연 것도 셉니다.",
            "The share of customers sent to whose message was opened within 72 hours, by "
            "themselves or by their mail app.",
        ),
        purpose=Text(
            "자동 오픈이 얼마나 섞여 있는지 견주어 봅니다. 판단은 자동 오픈을 뺀 오픈율로 합니다.",
            "Shows how much mail apps add; decide by the rate without them.",
        ),
        formula=Formula("open", "occurrence", 72, machine="include"),
        parent="human-open-rate",
        synonyms=Synonyms(
            ("오픈율", "열람률", "개봉률", "총 오픈율"), ("open rate", "opens", "total open rate")
        ),
        confused_with={
            "human-open-rate": Text(
                "자동 오픈을 뺀 오픈율은 고객이 직접 연 것만 셉니다.",
                "The rate without machine opens counts only what customers opened themselves.",
            )
        },
    ),
    _by_send(
        key="human-open-rate",
        name=Text("오픈율(자동 오픈 제외)", "Human open rate"),
        short_name=Text("발송 대비 오픈율", "Human openers per sent"),
        definition=Text(
            "메시지를 보낸 고객 가운데 72시간 안에 메시지를 직접 연 고객의 비율입니다.",
            "The share of customers sent to who opened the message themselves within 72 hours.",
        ),
        purpose=Text(
            "제목과 발송 시각이 눈길을 끄는지 봅니다.",
            "Shows whether subject line and send time catch the eye.",
        ),
        formula=Formula("open", "occurrence", 72),
        parent="click-rate",
        synonyms=Synonyms(
            ("오픈율", "열람률", "순 오픈율", "푸시 오픈율"),
            ("open rate", "unique open rate", "real opens", "push open rate"),
        ),
        confused_with={
            "open-rate": Text(
                "전체 오픈율은 메일 앱이 대신 연 것도 셉니다.",
                "The rate with machine opens counts those of mail apps too.",
            ),
            "click-to-open": Text(
                "클릭 대비 오픈율은 연 고객 가운데 클릭한 고객의 비율입니다.",
                "Click-to-open is the share of openers who clicked.",
            ),
        },
    ),
    _entry(
        key="unique-visitors",
        name=Text("순방문자 수(UV)", "Unique visitors"),
        short_name=Text("기간에 방문한 고객 수 UV", "Customers who visited (total)"),
        definition=Text(
            "기간 안에 한 번이라도 방문한 고객의 수입니다.",
            "The number of customers who visited at least once in the period.",
        ),
        purpose=Text("얼마나 많은 고객이 오는지 봅니다.", "Shows how many customers come."),
        kind="mean",
        formula=Formula("visit", "occurrence", 168),
        unit_of_measure="count",
        tier="tactical",
        timing="leading",
        report_cycle="daily",
        source=APP,
        aggregation_period="day",
        tracking=Tracking(by="period", aggregate="total"),
        parent="new-customers",
        synonyms=Synonyms(("UV", "방문자 수", "유니크 방문자"), ("UV", "visitors", "unique users")),
        confused_with={
            "sessions": Text(
                "세션 수는 한 고객이 여러 번 오면 여러 번 셉니다.",
                "Sessions count a customer once for each visit.",
            )
        },
    ),
    _entry(
        key="social-mentions",
        name=Text("소셜 언급량", "Social mentions"),
        short_name=Text("기간의 소셜 언급 수", "Mentions in the period (total)"),
        definition=Text(
            "기간 안에 소셜 채널에서 브랜드가 언급된 횟수입니다.",
            "How often the brand was mentioned on social channels in the period.",
        ),
        purpose=Text(
            "캠페인이 입소문을 내는지 봅니다.", "Shows whether a campaign is talked about."
        ),
        kind="mean",
        formula=Formula("social_mentions", "series"),
        unit_of_measure="count",
        tier="operational",
        timing="leading",
        report_cycle="weekly",
        source=SOCIAL,
        tracking=Tracking(by="period", aggregate="total"),
        parent="unique-visitors",
        confused_with={
            "social-sentiment": Text(
                "긍정 비율은 얼마나 좋게 말하는지 봅니다.",
                "Sentiment is about how well they speak of us.",
            )
        },
        synonyms=Synonyms(
            ("버즈량", "언급 수", "SNS 언급"), ("buzz", "mentions", "share of voice")
        ),
    ),
    _entry(
        key="social-sentiment",
        name=Text("소셜 긍정 비율", "Social sentiment"),
        short_name=Text("소셜 언급 대비 긍정 비율", "Positive mentions per mention"),
        definition=Text(
            "기간 안의 소셜 언급 가운데 긍정으로 분류된 언급의 비율입니다.",
            "The share of the period's social mentions that were classified as positive.",
        ),
        purpose=Text(
            "브랜드에 대한 반응이 좋아지는지 봅니다.", "Shows whether what is said gets better."
        ),
        kind="ratio",
        formula=Formula(
            "social_positive", "series", denominator=Quantity("social_mentions", "series")
        ),
        unit_of_measure="rate",
        tier="operational",
        timing="leading",
        report_cycle="weekly",
        source=SOCIAL,
        tracking=Tracking(by="period"),
        parent="social-mentions",
        confused_with={
            "nps": Text(
                "NPS는 고객에게 직접 물은 점수입니다.", "NPS is what customers answer when asked."
            )
        },
        synonyms=Synonyms(("감성 지수", "긍정률", "긍부정"), ("sentiment", "positive share")),
    ),
)
