"""What is said of each light, in Korean and English: the fact, then what to do."""

from datetime import timedelta

from experiments.reporting.preflight.lights import KpiLight, VariantLight
from experiments.reporting.wording.moments import duration
from experiments.reporting.wording.numbers import count, share

_KPIS = {
    "ko": {
        "fine": (
            "지난 7일 동안 ‘{event}’ 이벤트 {received}건이 들어왔습니다. 절반은 {delay} 안에 "
            "도착합니다."
        ),
        "imported": "지난 7일 동안 ‘{event}’ 이벤트 {received}건을 파일로 가져왔습니다.",
        "never_seen": (
            "‘{event}’ 이벤트가 한 번도 들어오지 않았습니다. → 발송 도구의 웹훅을 연결하거나 "
            "파일을 가져오세요."
        ),
        "not_lately": (
            "지난 7일 동안 ‘{event}’ 이벤트가 들어오지 않았습니다. → 연결이 끊기지 않았는지 "
            "확인하세요."
        ),
        "few_joined": (
            "‘{event}’ 이벤트 가운데 고객을 알 수 있는 것이 {joined}뿐입니다. → 고객 번호를 "
            "함께 보내거나 별칭을 등록하세요."
        ),
        "some_joined": (
            "‘{event}’ 이벤트의 {joined}만 고객을 알 수 있습니다. → 나머지가 왜 빠지는지 "
            "확인하세요."
        ),
        "none_in_test": (
            "‘{event}’ 이벤트가 들어오지만 이 테스트의 안을 받은 고객의 것은 없습니다. → 발송 "
            "기록과 이벤트의 고객 번호가 같은지 확인하세요."
        ),
        "late": (
            "‘{event}’ 이벤트가 집계 기간보다 늦게 도착하기도 합니다(100건 중 99건이 {late} "
            "안에 도착). → 결과를 볼 때를 늦추세요."
        ),
    },
    "en": {
        "fine": (
            "In the last 7 days, {received} ‘{event}’ events arrived. Every second one takes "
            "less than {delay}."
        ),
        "imported": "In the last 7 days, {received} ‘{event}’ events came with imports.",
        "never_seen": (
            "No ‘{event}’ event has ever arrived. → Connect the webhook of the sending tool, "
            "or import a file."
        ),
        "not_lately": (
            "No ‘{event}’ event arrived in the last 7 days. → See whether the connection still "
            "stands."
        ),
        "few_joined": (
            "Of the ‘{event}’ events, only {joined} are of a known customer. → Send the "
            "customer's id with them, or register aliases."
        ),
        "some_joined": (
            "Of the ‘{event}’ events, {joined} are of a known customer. → Find out why the "
            "others are not."
        ),
        "none_in_test": (
            "‘{event}’ events arrive, but none of a customer who met this test. → See whether "
            "sends and events name customers by the same id."
        ),
        "late": (
            "Some ‘{event}’ events arrive after the window has closed (99 in 100 within "
            "{late}). → Look at the result later."
        ),
    },
}
_VARIANTS = {
    "ko": {
        "fine": "시험 고객이 발송과 이벤트로 돌아왔습니다.",
        "no_test_unit": (
            "시험 고객이 없습니다. → 이 안을 받을 고객 번호를 하나 등록하고 보내 보세요."
        ),
        "not_exposed": (
            "시험 고객의 발송 기록이 들어오지 않았습니다. → 그 고객에게 보내고, 발송 기록이 "
            "전달되는지 확인하세요."
        ),
        "other_variant": (
            "시험 고객이 다른 안을 받았습니다. → 발송 도구가 정해 준 안을 쓰는지 확인하세요."
        ),
        "no_event": (
            "시험 고객의 발송은 들어왔지만 이벤트가 없습니다. → 메시지를 열거나 눌러 보고 다시 "
            "확인하세요."
        ),
    },
    "en": {
        "fine": "A test unit came back as exposure and event.",
        "no_test_unit": (
            "There is no test unit. → Register a customer's id for this variant, and send to it."
        ),
        "not_exposed": (
            "No exposure of the test unit has arrived. → Send to it, and see whether sends are "
            "reported."
        ),
        "other_variant": (
            "The test unit met another variant. → See whether the sending tool uses the "
            "variant it is given."
        ),
        "no_event": (
            "The test unit's exposure arrived, and no event of it. → Open or click the "
            "message, and look again."
        ),
    },
}
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def say_kpi(found: KpiLight, language: str) -> str:
    """The sentence of a KPI's light."""
    spoken, seen = language if language == "ko" else "en", found.seen
    return _KPIS[spoken][found.code].format(
        event=seen.event,
        received=count(seen.received),
        joined="" if seen.with_unit is None else share(seen.with_unit),
        delay=_delay(seen.usual_delay, spoken),
        late=_delay(seen.late_delay, spoken),
    )


def say_variant(found: VariantLight, language: str) -> str:
    """The sentence of a variant's light."""
    return _VARIANTS[language if language == "ko" else "en"][found.code]


def _delay(delay: timedelta | None, language: str) -> str:
    """Whole minutes, or hours and days, rounded up."""
    if delay is None:
        return ""
    if delay <= _HOUR:
        minutes = max(1, -(-delay // _MINUTE))
        return f"{minutes}분" if language == "ko" else f"{minutes} min"
    return duration(-(-delay // _HOUR), language)
