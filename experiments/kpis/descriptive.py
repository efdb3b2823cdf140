"""Which KPIs only describe: no verdict may rest on what is picked out after the assignment.

Customers who buy, open or answer are picked by what the variants did to them; a comparison
among them is none of equals (Rosenbaum 1984, "The consequences of adjustment for a
concomitant variable that has been affected by the treatment", JRSS A 147, 656-666).
"""

from experiments.kpis.formula import Formula

# What everybody in the denominator got, whatever they did then.
GIVEN = ("sent",)

REASONS = (
    "series",  # figures that arrive added up know no customers
    "answers",  # only those who answered
    "denominator",  # divided by something that the variants may change
    "with_value",  # only those with an event
    "since",  # only those with the first event
    "marked",  # its document says so
)


def descriptive_reason(kind: str, formula: Formula, marked: bool | None = None) -> str | None:
    """Why a KPI only describes, one of ``REASONS``; None if a verdict may rest on it.

    Examples:
        >>> from experiments.kpis.terms import Quantity
        >>> opened = Quantity("open", "occurrence")
        >>> click = Formula("click", "occurrence", 72, denominator=opened)
        >>> descriptive_reason("ratio", click)
        'denominator'
        >>> descriptive_reason("proportion", Formula("click", "occurrence", 72)) is None
        True
    """
    applies = {
        "series": bool(formula.series),
        "answers": kind == "score",
        "denominator": _divides_by_an_outcome(formula),
        "with_value": formula.over == "with_value",
        "since": formula.since is not None,
        "marked": marked is True,
    }
    return next((reason for reason in REASONS if applies[reason]), None)


def _divides_by_an_outcome(formula: Formula) -> bool:
    below = formula.denominator
    return below is not None and any(term.event not in GIVEN for _, term in below.terms)
