"""What came of making a report again, in Korean and English."""

from collections.abc import Iterator

from experiments.reporting.stored.differences import Difference
from experiments.reporting.stored.verify import Changed, Verification
from experiments.reporting.wording.numbers import count

MOST_SHOWN = 20
LONGEST_VALUE = 60
_OUTCOMES = {
    "ko": {
        "equal": "다시 계산한 보고서가 보관한 보고서와 완전히 같습니다.",
        "different": "다시 계산한 보고서가 보관한 보고서와 다릅니다.",
        "not_comparable": "보관한 보고서와 비교할 수 없습니다.",
    },
    "en": {
        "equal": "Made again, the report is the one that was kept, byte for byte.",
        "different": "Made again, the report is not the one that was kept.",
        "not_comparable": "The report cannot be compared with the one that was kept.",
    },
}
_CHANGED = {
    "ko": {
        "content_damaged": "보관한 내용이 손상되었습니다. 백업에서 되살리세요.",
        "another_ledger": "이 보고서를 만든 원장이 아닙니다. 보고서를 만든 서버에서 확인하세요.",
        "position_gone": (
            "보고서는 원장 {was}번까지를 보았지만 지금 원장은 {now}번에서 끝납니다. "
            "더 최근의 백업을 되살리세요."
        ),
        "erased": "보고서를 만든 뒤 고객 {count}명의 기록을 지웠습니다.",
        "dropped": "보고서를 만든 뒤 보관 기간이 지난 기록 {count}건을 삭제했습니다.",
        "withdrawn": "보고서를 만든 뒤 가져온 파일 {count}개를 철회했습니다.",
        "other_code": "보고서는 버전 {was}에서 만들었고 지금은 버전 {now}입니다.",
    },
    "en": {
        "content_damaged": "What was kept is damaged. Restore it from a back-up.",
        "another_ledger": (
            "This is not the ledger that the report was made from. "
            "Verify it where the report was made."
        ),
        "position_gone": (
            "The report looked at the ledger up to position {was}, and it now ends at {now}. "
            "Restore a newer back-up."
        ),
        "erased": "Customers erased since the report was made: {count}.",
        "dropped": "Facts dropped since the report was made, being too old: {count}.",
        "withdrawn": "Imports withdrawn since the report was made: {count}.",
        "other_code": "The report was made by version {was}, and this is version {now}.",
    },
}


def say_verification(found: Verification, language: str) -> tuple[str, ...]:
    """The outcome, then what has changed since, a sentence each.

    Args:
        found: What came out.
        language: ``ko``, or anything else for English.
    """
    spoken = language if language == "ko" else "en"
    changed = (_say(each, spoken) for each in found.changed)
    return (_OUTCOMES[spoken][found.outcome], *changed)


def show_verification(found: Verification, language: str) -> str:
    """The same with the fields that differ, in lines for a terminal."""
    return "\n".join([*say_verification(found, language), *_shown(found.differences, language)])


def _say(changed: Changed, language: str) -> str:
    number = None if changed.count is None else count(changed.count)
    return _CHANGED[language][changed.code].format(count=number, was=changed.was, now=changed.now)


def _shown(differences: tuple[Difference, ...], language: str) -> Iterator[str]:
    for each in differences[:MOST_SHOWN]:
        yield f"  {each.field}: {_cut(each.stored)} → {_cut(each.now)}"
    left = len(differences) - MOST_SHOWN
    if left > 0:
        yield f"  … 외 {left}개" if language == "ko" else f"  … and {left} more"


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
