"""The batches in the plain-text report."""

from experiments.reporting.adaptive.wording import say_adaptive, say_not_told, say_stayed
from experiments.reporting.columns import width, wrapped
from experiments.reporting.report import Report
from experiments.reporting.wording.moments import dated_moment
from experiments.reporting.wording.numbers import count, share

_TITLES = {"ko": "결과를 따라가는 배정 비율", "en": "Shares that follow the results"}


def batches(report: Report, language: str) -> list[str]:
    """What is said of them, and a line for each; nothing of a test whose shares stay."""
    if report.adaptive is None:
        return []
    title = _TITLES["ko" if language == "ko" else "en"]
    lines = [f"{title}\n{'-' * width(title)}"]
    for sentence in say_adaptive(report, language):
        lines += wrapped(sentence, 2)
    for batch in report.adaptive.batches:
        at = dated_moment(batch.opened_at, report.provenance.time_zone, language)
        shares = ", ".join(
            f"{report.variants.get(key, key)} {share(part)} ({count(batch.units[key])})"
            for key, part in batch.shares.items()
        )
        why = f" - {say_stayed(batch.stayed, language)}" if batch.stayed else ""
        lines += wrapped(f"{batch.number}. {at}: {shares}{why}", 4)
    for sentence in say_not_told(report, language):
        lines += wrapped(sentence, 2)
    return lines
