"""KPI documents in the form that the samples share."""

from typing import Any

SOURCE = "메시지 발송 도구와 쇼핑몰의 이벤트 파일(events.csv)"
OWNER = "CRM 팀"


def kpi_document(
    key: str,
    name: tuple[str, str],
    short: tuple[str, str],
    formula: dict[str, Any],
    *,
    levels: tuple[str, str],
    due_on: str,
    **rest: Any,
) -> dict[str, Any]:
    """A KPI: a rate unless the rest says otherwise.

    Args:
        key: Of the document.
        name: In Korean and English.
        short: The same with the denominator in it.
        formula: As the API takes it.
        levels: Baseline and target.
        due_on: By when.
        rest: Further fields.
    """
    baseline, target = levels
    document = {
        "key": key,
        "name": both(*name),
        "short_name": both(*short),
        "kind": "proportion",
        "formula": formula,
        "unit_of_measure": "rate",
        "source": SOURCE,
        "owner": OWNER,
        "report_cycle": "weekly",
        "baseline": baseline,
        "target": {"value": target, "basis": "realistic", "due_on": due_on},
        "status": "official",
        "tier": "tactical",
        "timing": "lagging",
    }
    return document | rest


def occurrence(event: str, hours: int, **rest: Any) -> dict[str, Any]:
    """Whether it happened within so many hours."""
    return {"event": event, "value": "occurrence", "window_hours": hours} | rest


def amount(event: str, hours: int, **rest: Any) -> dict[str, Any]:
    """What it added up to within so many hours."""
    return {"event": event, "value": "amount", "window_hours": hours} | rest


def won(kind: str, stage: str = "revenue") -> dict[str, str]:
    """What every KPI in won says of itself."""
    return {"kind": kind, "unit_of_measure": "money", "currency": "KRW", "stage": stage}


def both(korean: str, english: str) -> dict[str, str]:
    """A text in both languages."""
    return {"ko": korean, "en": english}
