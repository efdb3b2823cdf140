"""What is said of shares that followed the results, in Korean and English."""

from collections import Counter
from collections.abc import Iterator

from experiments.reporting.adaptive.facts import AdaptiveFact
from experiments.reporting.report import Report
from experiments.reporting.wording.names import listed, spoken
from experiments.reporting.wording.numbers import count, share

_SAID: dict[str, tuple[str, str]] = {
    "followed": (
        "자동 배분 테스트입니다. 더 나아 보이는 안에 새 고객을 더 많이 배정했습니다.",
        "The shares of this test followed its results: the variant that looked better got more of "
        "the customers to come.",
    ),
    "moved": (
        "차수 {batches}개를 거치며 {variant}의 배정 비율이 {first}에서 {last}로 바뀌었습니다.",
        "Over {batches} batches the share of {variant} went from {first} to {last}.",
    ),
    "unmoved": (
        "지금까지 차수는 {batches}개이고 배정 비율은 아직 처음 그대로입니다.",
        "Batches so far: {batches}. The shares are still as they were at first.",
    ),
    "within": (
        "안마다 많이 보낸 날이 달라 차수 안에서만 비교했습니다. 그래서 표의 값은 해당 고객 수를 "
        "고객 수로 나눈 값과 다릅니다.",
        "Variants were sent in different numbers on different days, so they are compared within "
        "each batch only: a value in the tables is not the customers who did, divided by the "
        "customers.",
    ),
    "stayed": (
        "차수 {batches}개는 비율을 그대로 두었습니다: {reason}.",
        "In {batches} of the batches the shares stayed: {reason}.",
    ),
    "early": (
        "정해 둔 끝보다 먼저 멈췄습니다. 결과를 보고 멈췄다면 우연한 차이가 진짜처럼 보일 수 "
        "있습니다.",
        "It was stopped before the end that was fixed: if because of its results, a difference "
        "of mere chance may look like a real one.",
    ),
    "not_told": (
        "이런 테스트에서는 맞게 잴 수 없어 보여 드리지 않는 것: {parts}.",
        "Not shown, since it cannot be measured rightly in such a test: {parts}.",
    ),
    "added_up": (
        "자동 클릭, 연락 횟수, 두 안을 받은 고객 점검은 차수를 나누지 않고 본 것이라 "
        "참고만 하세요.",
        "The checks of machine clicks, contact pressure and customers in two variants do not tell "
        "batches apart, and are for reference only.",
    ),
}
_STAYED: dict[str, tuple[str, str]] = {
    "no_closed_windows": (
        "집계가 끝난 고객이 아직 없었습니다", "nobody's window had closed yet",
    ),
    "not_enough_data": (
        "어느 안이 나은지 계산하기에 기록이 모자랐습니다",
        "there was too little to compute which variant is better",
    ),
    "split_broken": (
        "배정 비율에 이상이 있었습니다", "customers were missing in a variant",
    ),
}  # fmt: skip
_PARTS: dict[str, tuple[str, str]] = {
    "before_end": ("종료 전의 오차 범위", "ranges before the planned end"),
    "timeline": ("날짜별 차이와 중간 점검", "the difference day by day, with planned checks"),
    "segments": ("채널·고객군 비교", "channels and segments against each other"),
    "days": ("받은 뒤 며칠째의 효과", "the effect by days since the customer was met"),
    "covariate": ("사전 값을 고려한 비교", "the adjustment by values before"),
    "uncapped": ("상한을 두지 않은 값", "the KPI without its cap"),
    "credit": ("다른 기여 규칙", "other rules of credit"),
    "steps": ("퍼널 단계별 비율", "the steps of a funnel"),
    "size": ("더 필요한 고객 수", "how many more customers would settle it"),
    "delivery": ("도달률 비교", "delivery rates compared"),
}


def say_adaptive(report: Report, language: str) -> tuple[str, ...]:
    """What everybody is told of the batches; nothing of a test whose shares stay."""
    fact = report.adaptive
    return () if fact is None else tuple(_sentences(report, fact, language))


def say_not_told(report: Report, language: str) -> tuple[str, ...]:
    """What the report leaves out, and what it does not tell apart."""
    fact = report.adaptive
    if fact is None:
        return ()
    parts = [_of(_PARTS[code], language) for code in fact.not_told if code in _PARTS]
    said = [_told("not_told", language, parts=listed(parts, language))] if parts else []
    if "added_up" in fact.not_told:
        said.append(_told("added_up", language))
    return tuple(said)


def say_stayed(code: str, language: str) -> str:
    """Why the shares of a batch stayed."""
    return _of(_STAYED[code], language)


def _sentences(report: Report, fact: AdaptiveFact, language: str) -> Iterator[str]:
    yield _told("followed", language)
    batches = count(len(fact.batches))
    if fact.changed:
        first, last = fact.batches[0].shares, fact.batches[-1].shares
        key = max(last, key=lambda each: last[each] - first[each])
        name = spoken(report.variants.get(key, key), language)
        yield _told("moved", language, batches=batches, variant=name,
                    first=share(first[key]), last=share(last[key]))  # fmt: skip
    elif fact.batches:
        yield _told("unmoved", language, batches=batches)
    yield _told("within", language)
    for code, times in Counter(each.stayed for each in fact.batches if each.stayed).items():
        yield _told("stayed", language, batches=count(times), reason=say_stayed(code, language))
    if fact.ended_early:
        yield _told("early", language)


def _told(key: str, language: str, **values: str) -> str:
    return _of(_SAID[key], language).format(**values)


def _of(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == "ko" else pair[1]
