"""Names in a sentence: of variants, of KPIs, and lists of them."""

import re
from collections.abc import Sequence

from experiments.reporting.goal_facts import Goal
from experiments.reporting.wording.phrases import phrase

# Names that read as a variant without help: A안, 기준안, 미발송 대조군, 신규 고객 그룹.
_READS_AS_VARIANT = re.compile(r"(?:안|군|그룹)\Z")
_LETTER_OR_NUMBER = re.compile(r"[A-Za-z]|\d{1,3}")
_ONE_WORD = re.compile(r"[^\W_][\w.-]*")


def spoken(name: str, language: str) -> str:
    """A variant's name as a part of a sentence.

    Examples:
        >>> spoken("A안", "ko"), spoken("A", "ko"), spoken("내일 끝나요", "ko")
        ('A안', 'A안', '‘내일 끝나요’ 안')
        >>> spoken("A", "en"), spoken("VIP 10%", "en")
        ('A', '“VIP 10%”')
    """
    text = " ".join(name.split())
    if not text:
        return phrase(language, "unnamed")
    if language != "ko":
        return text if _ONE_WORD.fullmatch(text) else f"“{text}”"
    if _READS_AS_VARIANT.search(text):
        return text
    return f"{text}안" if _LETTER_OR_NUMBER.fullmatch(text) else f"‘{text}’ 안"


def kpi_name(goal: Goal, language: str) -> str:
    """The KPI's name on one line."""
    return " ".join(goal.name.in_language(language).split()) or goal.kpi


def listed(items: Sequence[str], language: str) -> str:
    """Several things in a row.

    Examples:
        >>> listed(["A", "B", "C"], "en"), listed(["A안", "B안"], "ko")
        ('A, B and C', 'A안, B안')
    """
    if language == "ko" or len(items) < 2:
        return ", ".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
