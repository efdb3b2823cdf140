"""Retention, the other side: who leaves, stays subscribed, opts out, or hears from us too often."""

from functools import partial

from experiments.kpis.catalogue.entry import APP, BY_SEND, SENDING_TOOL, SHOP, Entry, Synonyms
from experiments.kpis.document import Events, Formula, Requirement, Text, Tracking

_entry = partial(Entry, stage="retention")
_rate = partial(
    _entry,
    kind="proportion",
    unit_of_measure="rate",
    aggregation_period="month",
    report_cycle="monthly",
    tier="strategic",
    timing="lagging",
)
_opt_out = partial(
    _entry, kind="proportion", unit_of_measure="rate", direction="down", tier="tactical",
    timing="leading", report_cycle="daily", aggregation_period="day", tracking=BY_SEND,
    source=SENDING_TOOL, parent="active-customers",
)  # fmt: skip

ENTRIES = (
    _rate(
        key="churn",
        name=Text("이탈률", "Churn rate"),
        short_name=Text("최근 구매 고객 대비 이탈률", "Lapsed per recent buyer"),
        definition=Text(
            "최근 180일에 구매한 고객 가운데 그 뒤 90일 동안 구매하지 않은 고객의 비율입니다.",
            "The share of buyers of the last 180 days who did not buy in the 90 days after.",
        ),
        purpose=Text(
            "잠든 고객이 늘지 않는지 봅니다.", "Shows whether more customers fall asleep."
        ),
        formula=Formula(
            "purchase", "absence", 2160, requires=(Requirement("purchase", within_days=180),)
        ),
        direction="down",
        source=SHOP,
        tracking=Tracking(base=Events("purchase")),
        parent="active-customers",
        synonyms=Synonyms(
            ("이탈", "휴면 전환율", "고객 이탈률"), ("attrition", "lapse rate", "churn")
        ),
        confused_with={
            "cancellation": Text(
                "해지율은 고객이 해지했다고 알린 것만 셉니다.",
                "Cancellation counts only those who said that they leave.",
            )
        },
    ),
    _rate(
        key="cancellation",
        name=Text("해지율", "Cancellation rate"),
        short_name=Text("구독 고객 대비 해지율", "Cancelled per subscriber"),
        definition=Text(
            "구독 중인 고객 가운데 30일 안에 해지한 고객의 비율이며, 사유(reason)별로 봅니다.",
            "The share of subscribers who cancelled within 30 days, split by the reason given.",
        ),
        purpose=Text(
            "떠나는 이유를 알고 막을 수 있는 것을 찾습니다.",
            "Finds why customers leave, and what could keep them.",
        ),
        formula=Formula(
            "cancel",
            "occurrence",
            720,
            requires=(Requirement("subscribe"), Requirement("cancel", absent=True)),
        ),
        direction="down",
        source=SHOP,
        tracking=Tracking(by="period", split_by=("reason",)),
        parent="active-customers",
        synonyms=Synonyms(
            ("구독 취소율", "탈퇴율", "해지 사유"), ("cancel rate", "subscription churn", "reasons")
        ),
        confused_with={
            "churn": Text(
                "이탈률은 말없이 사지 않게 된 고객까지 셉니다.",
                "Churn counts those who just stopped buying too.",
            ),
            "unsubscribe-rate": Text(
                "수신거부는 메시지만 그만 받는 것입니다.",
                "To unsubscribe is to stop messages only.",
            ),
        },
    ),
    _rate(
        key="renewal",
        name=Text("갱신율", "Renewal rate"),
        short_name=Text("만료 예정 고객 대비 갱신율", "Renewed per subscription due"),
        definition=Text(
            "구독 만료를 앞둔(subscription_due) 고객 가운데 14일 안에 갱신한 고객의 비율입니다.",
            "The share of customers whose subscription fell due that renewed within 14 days.",
        ),
        purpose=Text("만료 안내가 통하는지 봅니다.", "Shows whether reminders of the end work."),
        formula=Formula(
            "renewal",
            "occurrence",
            336,
            requires=(Requirement("subscription_due", within_days=30),),
        ),
        source=SHOP,
        tracking=Tracking(base=Events("subscription_due")),
        parent="total-revenue",
        synonyms=Synonyms(("재계약률", "구독 연장률", "유지율"), ("subscription renewal",)),
        confused_with={
            "repeat-purchase": Text(
                "재구매율은 구독이 아닌 주문을 셉니다.", "Repeat purchase counts orders."
            )
        },
    ),
    _opt_out(
        key="unsubscribe-rate",
        name=Text("수신거부율", "Unsubscribe rate"),
        short_name=Text("발송 대비 수신거부율", "Unsubscribed per sent"),
        definition=Text(
            "메시지를 보낸 고객 가운데 72시간 안에 수신을 거부한 고객의 비율입니다.",
            "The share of customers sent to who unsubscribed within 72 hours.",
        ),
        purpose=Text(
            "메시지가 고객을 떠나게 하지 않는지 지키는 안전 지표입니다.",
            "A guardrail: shows that messages do not drive customers away.",
        ),
        formula=Formula("unsubscribe", "occurrence", 72),
        synonyms=Synonyms(
            ("수신 거부", "구독 취소율", "옵트아웃"), ("opt-out rate", "unsubscribes")
        ),
        confused_with={
            "push-opt-out": Text(
                "푸시 거부율은 앱 알림을 끈 고객을 셉니다.",
                "Push opt-out counts those who switch notifications off.",
            ),
            "complaint-rate": Text(
                "스팸 신고는 메일 서비스에 신고한 것입니다.",
                "A complaint goes to the mail service.",
            ),
        },
    ),
    _opt_out(
        key="complaint-rate",
        name=Text("스팸 신고율", "Complaint rate"),
        short_name=Text("발송 대비 스팸 신고율", "Complaints per sent"),
        definition=Text(
            "메시지를 보낸 고객 가운데 72시간 안에 스팸으로 신고한 고객의 비율입니다.",
            "The share of customers sent to who reported the message as spam within 72 hours.",
        ),
        purpose=Text(
            "발신 평판을 지키는 안전 지표입니다.", "A guardrail of the sender's reputation."
        ),
        formula=Formula("complaint", "occurrence", 72),
        parent="delivery-rate",
        synonyms=Synonyms(("신고율", "스팸율", "불만 신고율"), ("spam rate", "spam reports")),
        confused_with={
            "unsubscribe-rate": Text(
                "수신거부는 우리에게 그만 보내라고 알린 것입니다.",
                "To unsubscribe is to tell us to stop.",
            )
        },
    ),
    _opt_out(
        key="push-opt-out",
        name=Text("푸시 거부율", "Push opt-out rate"),
        short_name=Text("발송 대비 푸시 거부율", "Push opt-outs per sent"),
        definition=Text(
            "푸시를 보낸 고객 가운데 72시간 안에 알림을 끈 고객의 비율입니다.",
            "The share of customers sent a push who switched notifications off within 72 hours.",
        ),
        purpose=Text(
            "푸시가 지나치지 않은지 지키는 안전 지표입니다.",
            "A guardrail: shows that pushes are not too many.",
        ),
        formula=Formula("push_opt_out", "occurrence", 72),
        source=APP,
        only_channels=("app_push", "web_push"),
        synonyms=Synonyms(("알림 해제율", "푸시 수신거부", "알림 끄기"), ("notification opt-out",)),
        confused_with={
            "unsubscribe-rate": Text(
                "수신거부율은 메일과 문자의 수신거부를 셉니다.",
                "Unsubscribes are those of mail and text messages.",
            )
        },
    ),
    _entry(
        key="contacts-per-customer",
        name=Text("고객당 접촉 횟수", "Contacts per customer"),
        short_name=Text("고객당 7일 발송 횟수", "Messages per customer in 7 days"),
        definition=Text(
            "고객 한 명에게 7일 동안 보낸 메시지의 평균 횟수이며, 채널별로 나누어 볼 수 있습니다.",
            "The mean number of messages sent to a customer within 7 days.",
        ),
        purpose=Text(
            "고객에게 너무 자주 보내지 않는지 지킵니다.",
            "Shows that customers are not written to too often.",
        ),
        kind="mean",
        formula=Formula("sent", "count", 168, machine="include"),
        unit_of_measure="count",
        direction="down",
        tier="operational",
        timing="leading",
        report_cycle="weekly",
        source=SENDING_TOOL,
        tracking=Tracking(by="period", base=Events("sent")),
        parent="unsubscribe-rate",
        synonyms=Synonyms(
            ("발송 빈도", "접촉 빈도", "피로도", "메시지 피로도"), ("contact pressure", "frequency")
        ),
        confused_with={
            "message-cost": Text(
                "메시지 비용은 횟수가 아니라 금액입니다.", "Message cost is money, not a number."
            )
        },
    ),
)
