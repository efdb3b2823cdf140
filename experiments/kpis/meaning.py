"""Whether two documents count the same: what of a formula makes it another KPI.

Windows in hours, conditions on properties and channels narrow a KPI down without making it
another one; a denominator, a further term or a requirement does.
"""

from experiments.kpis.document import KpiDocument
from experiments.kpis.terms import Quantity, Term

# Where it matters whether programs count: elsewhere there are hardly any.
OPENED_BY_MACHINES = ("open", "click")

MEANING = ("kind", "formula", "unit_of_measure", "currency", "direction", "credit")
"""Fields of a document that may not change while a test counts by it."""


def changed_meaning(before: KpiDocument, after: KpiDocument) -> tuple[str, ...]:
    """Those of ``MEANING`` in which two documents differ."""
    return tuple(name for name in MEANING if getattr(before, name) != getattr(after, name))


def differences(one: KpiDocument, other: KpiDocument) -> tuple[str, ...]:
    """Paths in which two documents count something else; nothing if it is the same KPI.

    Examples:
        >>> from dataclasses import replace
        >>> from experiments.kpis.document import Formula, Text
        >>> opens = KpiDocument(
        ...     "open", Text("오픈율", "Open rate"), "proportion",
        ...     Formula("open", "occurrence", 72), "rate",
        ... )
        >>> longer = replace(opens, formula=replace(opens.formula, window_hours=168))
        >>> with_machines = replace(opens, formula=replace(opens.formula, machine="include"))
        >>> differences(opens, longer), differences(opens, with_machines)
        ((), ('formula.machine',))
    """
    mine, theirs = _signature(one), _signature(other)
    return tuple(path for path in mine if mine[path] != theirs[path])


def _signature(document: KpiDocument) -> dict[str, object]:
    formula = document.formula
    below = formula.denominator
    return {
        "kind": document.kind,
        "formula.event": formula.event,
        "formula.value": (formula.value, formula.of),
        "formula.at_least": formula.at_least or 1,
        "formula.machine": formula.machine if formula.event in OPENED_BY_MACHINES else None,
        "formula.days": formula.days,
        "formula.plus": _further(formula),
        "formula.denominator": None if below is None else (_taken(below), _further(below)),
        "formula.requires": frozenset(
            (each.event, each.absent, each.at_least) for each in formula.requires
        ),
        "formula.quantile": formula.quantile,
        "formula.since": None if formula.since is None else formula.since.event,
        "formula.then": tuple(step.event for step in formula.then),
    }


def _taken(term: Term) -> tuple[object, ...]:
    return term.event, term.value, term.of, term.at_least or 1


def _further(quantity: Quantity) -> frozenset[tuple[object, ...]]:
    return frozenset((sign, *_taken(term)) for sign, term in quantity.terms[1:])
