"""Referral: would customers recommend us, do they, and do they write reviews."""

from functools import partial

from experiments.kpis.catalogue.entry import APP, SHOP, SURVEY, Entry, Synonyms
from experiments.kpis.document import Bands, Events, Formula, Quantity, Text, Tracking

_entry = partial(Entry, stage="referral", aggregation_period="month", report_cycle="monthly")

ENTRIES = (
    _entry(
        key="nps",
        name=Text("순추천지수(NPS)", "Net promoter score (NPS)"),
        short_name=Text("응답 고객의 NPS", "NPS of those who answered"),
        definition=Text(
            "0~10점 추천 의향에 답한 고객 가운데 9~10점의 비율에서 0~6점의 비율을 뺀 점수입니다.",
            "Of those who said from 0 to 10 how likely they are to recommend us: the share of 9 "
            "and 10 less that of 0 to 6.",
        ),
        purpose=Text(
            "고객의 마음을 설명할 때 씁니다. 답한 고객만 보므로 판단에는 쓰지 않습니다.",
            "Describes how customers feel; it knows only those who answered, so no verdict rests "
            "on it.",
        ),
        kind="score",
        formula=Formula("nps_answer", "number", 720, of="score", bands=Bands()),
        unit_of_measure="score",
        tier="strategic",
        timing="leading",
        source=SURVEY,
        tracking=Tracking(by="period", base=Events("nps_answer")),
        parent="active-customers",
        synonyms=Synonyms(("추천 지수", "추천 의향", "고객 만족도"), ("recommendation score",)),
        confused_with={
            "social-sentiment": Text(
                "소셜 긍정 비율은 묻지 않고 올라온 글을 셉니다.",
                "Sentiment counts what people write unasked.",
            )
        },
    ),
    _entry(
        key="review-rate",
        name=Text("후기 작성률", "Review rate"),
        short_name=Text("구매 고객 대비 후기 작성률", "Reviews written per buyer"),
        definition=Text(
            "구매한(테스트에서는 대상이 된) 고객 가운데 14일 안에 후기를 쓴 고객의 비율입니다.",
            "The share of buyers (in a test, of the customers counted) who wrote a review within "
            "14 days.",
        ),
        purpose=Text("후기 요청이 통하는지 봅니다.", "Shows whether asking for reviews works."),
        kind="proportion",
        formula=Formula("review", "occurrence", 336),
        unit_of_measure="rate",
        tier="tactical",
        timing="leading",
        source=SHOP,
        tracking=Tracking(base=Events("purchase")),
        parent="referral-share",
        confused_with={
            "nps": Text(
                "NPS는 후기가 아니라 추천할 마음을 묻습니다.",
                "NPS asks for the will to recommend, not for a review.",
            )
        },
        synonyms=Synonyms(
            ("리뷰 작성률", "상품평 작성률", "리뷰율"), ("review written", "ratings")
        ),
    ),
    _entry(
        key="referral-share",
        name=Text("추천 유입 비중", "Referral share"),
        short_name=Text("가입 고객 대비 추천 가입 비중", "Referred per sign-up"),
        definition=Text(
            "30일 안에 가입한 고객 가운데 추천(source=referral)으로 가입한 고객의 비율입니다.",
            "The share of those who signed up within 30 days that came by a referral "
            "(source=referral).",
        ),
        purpose=Text(
            "고객이 고객을 데려오는지 봅니다.", "Shows whether customers bring customers."
        ),
        kind="ratio",
        formula=Formula(
            "sign_up",
            "occurrence",
            720,
            where={"source": "referral"},
            denominator=Quantity("sign_up", "occurrence"),
        ),
        unit_of_measure="rate",
        tier="strategic",
        timing="lagging",
        source=APP,
        tracking=Tracking(by="period", base=Events("sign_up")),
        parent="new-customers",
        synonyms=Synonyms(("추천율", "친구 초대 비중", "바이럴"), ("viral share", "invited share")),
        confused_with={
            "nps": Text("NPS는 추천할 마음을 묻습니다.", "NPS asks whether one would."),
        },
    ),
)
