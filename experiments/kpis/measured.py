"""What of the formula language tests can measure so far: the rest is refused, never left out.

The engine (``experiments.measurement``) widens these sets as it learns more.
"""

from dataclasses import fields

from experiments.errors import Invalid
from experiments.kpis.document import KpiDocument
from experiments.kpis.formula import Formula

MEASURED_KINDS = frozenset({"proportion", "mean"})
MEASURED_VALUES = frozenset({"occurrence", "count", "amount"})
MEASURED_FIELDS = frozenset({"event", "value", "window_hours", "machine", "where", "currency"})


class NotMeasuredYet(Invalid):
    """A test would count by a formula that this version cannot measure."""

    template = "this version cannot measure the KPI {kpi!r} in a test yet: {part}"


def unmeasured_part(document: KpiDocument) -> str | None:
    """Path of the first part of a document that tests cannot measure; None if they can.

    Examples:
        >>> from experiments.kpis.text import Text
        >>> twice = Formula("purchase", "occurrence", 72, at_least=2)
        >>> unmeasured_part(KpiDocument("k", Text("k", "k"), "proportion", twice, "rate"))
        'formula.at_least'
    """
    formula = document.formula
    if document.kind not in MEASURED_KINDS:
        return "kind"
    if formula.value not in MEASURED_VALUES:
        return "formula.value"
    for each in fields(Formula):
        if each.name not in MEASURED_FIELDS and getattr(formula, each.name):
            return f"formula.{each.name}"
    return None if document.credit == "any" else "credit"


def check_measured(document: KpiDocument, field: str) -> None:
    """Refuse to count by what cannot be measured yet.

    Raises:
        NotMeasuredYet: Naming ``field``.
    """
    part = unmeasured_part(document)
    if part is not None:
        raise NotMeasuredYet(field=field, kpi=document.key, part=part)
