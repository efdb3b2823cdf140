"""What is amber about a test's sends: days, hours, advertising; Korean beside English."""

from collections.abc import Mapping

from experiments.korean.particles import Word
from experiments.reporting.wording.labels import label

_WEEKDAYS = {
    "monday": "월요일", "tuesday": "화요일", "wednesday": "수요일", "thursday": "목요일",
    "friday": "금요일", "saturday": "토요일", "sunday": "일요일", "any day": "아무 날",
}  # fmt: skip
# Where a rule comes from, and when that was read.
_KO, _EN = "{source}({as_of} 기준), {channels}:", "({source}, as of {as_of})"

SENDING_WARNINGS: dict[str, tuple[str, str]] = {
    "days_differ": (
        "안마다 보내는 날이 다릅니다({days}). 그 날들 사이의 차이가 안의 차이처럼 보입니다.",
        "The variants go out on different days ({days}): what differs between those days counts "
        "as if it came from the variants.",
    ),
    "send_time_missing": (
        "다른 안에는 발송 시각이 있는데 ‘{variant}’에는 없습니다. 이 안의 고객은 비교할 수 있는 "
        "시점부터 세지 못합니다.",
        "Variant “{variant}” has no send time, and others have one: its customers are not "
        "counted from a comparable moment.",
    ),
    "send_times_equal": (
        "발송 시각을 테스트하는데 모든 안이 같은 시각에 나갑니다.",
        "The send time is under test, and all variants go out at the same time.",
    ),
    "sent_late": (
        "‘{variant}’{variant_is} 고객을 세기 시작한 뒤 {wait}시간까지 늦게 나갈 수 있는데, "
        "{window}시간 동안만 셉니다.",
        "Variant “{variant}” goes out up to {wait} hours after its customers begin to count, "
        "which they do for {window} hours.",
    ),
    "follow_up_cut": (
        "테스트가 끝날 때 첫 고객도 집계 기간 {window}시간 중 {hours}시간만 채웁니다.",
        "When the test ends, its first customers have had {hours} of their {window} hours.",
    ),
    "not_whole_weeks": (
        "테스트 기간이 {days}일입니다. 요일마다 똑같이 세려면 한 주 단위로 운영해야 합니다.",
        "The test is open for {days} days: only in whole weeks does every weekday count alike.",
    ),
    "quiet_hours": (
        f"{_KO} ‘{{variant}}’{{variant_is}} {{local_time}}에 나가는데, {{start}}부터 {{end}}까지는 "
        "보낼 수 없습니다.",
        "Variant “{variant}” goes out at {local_time}: {channels} must not be sent from {start} to "
        f"{{end}} {_EN}.",
    ),
    "night_consent_missing": (
        f"{_KO} ‘{{variant}}’{{variant_is}} {{local_time}}에 나가는데, {{start}}부터 {{end}}까지 "
        "광고를 보내려면 별도 동의가 필요합니다. 동의를 받았다고 적혀 있지 않습니다.",
        "Variant “{variant}” goes out at {local_time}: advertising by {channels} from {start} to "
        f"{{end}} needs a separate consent, which nobody has stated {_EN}.",
    ),
    "night_consent": (
        f"{_KO} ‘{{variant}}’{{variant_is}} {{local_time}}에 나갑니다. 받는 고객 모두가 "
        "{start}부터 {end}까지의 광고에 따로 동의했어야 합니다.",
        "Variant “{variant}” goes out at {local_time}: everybody who gets it must have agreed to "
        f"advertising by {{channels}} from {{start}} to {{end}} {_EN}.",
    ),
    "quiet_hours_unseen": (
        f"{_KO} 발송 시각이 적혀 있지 않습니다. 광고가 {{start}}부터 {{end}} 사이에 나가지 않도록 "
        "발송 도구에서 막아야 합니다.",
        "No send time is stated: the sending tool must keep advertising by {channels} out of the "
        f"hours from {{start}} to {{end}} {_EN}.",
    ),
    "advertising_not_carried": (
        f"{_KO} 광고를 보낼 수 없는 채널입니다.",
        f"No advertising may be sent by {{channels}} {_EN}.",
    ),
    "label_missing": (
        f"{_KO} ‘{{variant}}’의 문구는 광고이므로 ‘{{text}}’로 시작해야 합니다.",
        "The text of variant “{variant}” must begin with “{text}”, since it is advertising by "
        f"{{channels}} {_EN}.",
    ),
    "opt_out_missing": (
        f"{_KO} ‘{{variant}}’의 문구는 광고인데 ‘{{text}}’처럼 수신을 거부하는 방법이 없습니다.",
        "The text of variant “{variant}” does not say how to opt out, such as “{text}”; it is "
        f"advertising by {{channels}} {_EN}.",
    ),
    "text_too_long": (
        f"{_KO} ‘{{variant}}’의 문구는 광고 표시와 수신거부 안내까지 {{length}}바이트인데, "
        "{limit}바이트까지 보낼 수 있습니다.",
        "The text of variant “{variant}” has {length} bytes with label and opt-out; {limit} fit "
        f"into {{channels}} {_EN}.",
    ),
    "consent_again": (
        f"{_KO} 광고 수신 동의는 {{months}}개월마다 다시 확인해야 합니다. 동의한 지 더 오래된 "
        "고객은 빼야 합니다.",
        "Consent to advertising by {channels} is confirmed again every {months} months: leave out "
        f"customers whose consent is older {_EN}.",
    ),
}


def sending_values(values: Mapping[str, str], language: str) -> dict[str, str]:
    """Those of a sentence's values that are said differently: channels, days, particles.

    Examples:
        >>> sending_values({"channels": "sms, lms"}, "ko")
        {'channels': '문자(SMS), 장문 문자(LMS)'}
        >>> sending_values({"days": "a: monday, b: any day"}, "ko")
        {'days': 'a: 월요일, b: 아무 날'}
    """
    told = {}
    if "channels" in values:
        names = values["channels"].split(", ")
        told["channels"] = ", ".join(label("channel", name, language) for name in names)
    if "days" in values and language == "ko":
        days = values["days"]
        for english, korean in _WEEKDAYS.items():
            days = days.replace(english, korean)
        told["days"] = days
    if "variant" in values:
        name = values["variant"]
        told["variant_is"] = f"{Word(name):은/는}".removeprefix(name)
    return told
