"""What of the formula language tests cannot measure: it is refused, never left out."""

from experiments.errors import Invalid
from experiments.kpis.document import KpiDocument


class NotMeasuredYet(Invalid):
    """A test would count by a formula that knows no customers."""

    template = "this version cannot measure the KPI {kpi!r} in a test yet: {part}"


def unmeasured_part(document: KpiDocument) -> str | None:
    """Path of the first part of a document that tests cannot measure; None if they can.

    Figures that arrive added up know no customers, so no test can tell whose they are.

    Examples:
        >>> from experiments.kpis.document import Formula
        >>> from experiments.kpis.text import Text
        >>> mentions = Formula("social_mentions", "series")
        >>> unmeasured_part(KpiDocument("k", Text("k", "k"), "mean", mentions, "count"))
        'formula.value'
    """
    terms = document.formula.all_terms.items()
    return next((f"{path}.value" for path, term in terms if term.is_series), None)


def check_measured(document: KpiDocument, field: str) -> None:
    """Refuse to count by what cannot be measured.

    Raises:
        NotMeasuredYet: Naming ``field``.
    """
    part = unmeasured_part(document)
    if part is not None:
        raise NotMeasuredYet(field=field, kpi=document.key, part=part)
