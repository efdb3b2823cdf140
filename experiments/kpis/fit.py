"""Whether a formula fits its kind, its unit of measure and its currency."""

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice
from experiments.kpis.formula import Formula
from experiments.kpis.kinds import KINDS, PARTS, KpiKind
from experiments.kpis.terms import Quantity
from experiments.ledger.money import check_currency

# Money in itself; a count becomes money by its price, ``times``.
MONEY = ("amount", "message_cost", "series")
PRICED = ("occurrence", "count", "distinct", "days")


def check_fit(kind: KpiKind, formula: Formula, unit_of_measure: str, currency: str | None) -> None:
    """Refuse a formula that its kind, its unit or its currency cannot have.

    Raises:
        Invalid: Naming the path.
    """
    _check_parts(kind, formula)
    for path, term in formula.all_terms.items():
        allowed = kind.values if path == "formula" else KINDS["mean"].values
        check_choice(term.value, sorted(allowed), f"{path}.value")
    check_choice(unit_of_measure, sorted(kind.units_of_measure), "unit_of_measure")
    _check_currency(kind, formula, unit_of_measure, currency)
    for path, quantity in formula.quantities.items():
        below = path != "formula"
        if currency is None:
            _check_costs(quantity, path)
        elif below and unit_of_measure == "money":
            _check_no_money(quantity, path)
        else:
            _check_money(quantity, path)


def _check_parts(kind: KpiKind, formula: Formula) -> None:
    """Refuse parts that belong to other kinds, and miss those that this one needs."""
    given = {name for name in PARTS if getattr(formula, name)}
    for name in PARTS:
        if name in given - kind.needs - kind.takes:
            raise Invalid(field=f"formula.{name}", expected=f"none for a {kind.key}", got="one")
        if name in kind.needs - given:
            raise Invalid(
                field=f"formula.{name}", expected=f"one, since the kind is {kind.key}", got=None
            )
    if formula.times is not None and "cap" not in kind.takes:
        raise Invalid(
            field="formula.times", expected=f"none for a {kind.key}", got=str(formula.times)
        )
    if formula.at_least is not None and not kind.repeats:
        raise Invalid(
            field="formula.at_least", expected=f"none for a {kind.key}", got=formula.at_least
        )


def _check_currency(
    kind: KpiKind, formula: Formula, unit_of_measure: str, currency: str | None
) -> None:
    """Refuse money without a currency, a currency without money, and two currencies."""
    if unit_of_measure == "money" or (currency is not None and kind.of_money):
        check_currency(currency)
    elif currency is not None:
        raise Invalid(field="currency", expected="none, unless the unit is money", got=currency)
    for path, term in formula.all_terms.items():
        if term.currency not in {None, currency}:
            raise Invalid(
                field=f"{path}.currency",
                expected=f"{currency or 'none'}, since a KPI has one currency",
                got=term.currency,
            )


def _check_money(quantity: Quantity, path: str) -> None:
    for term_path, term in quantity.paths(path):
        if not (term.value in MONEY or (term.value in PRICED and term.times is not None)):
            raise Invalid(
                field=f"{term_path}.value",
                expected="amount, since money is summed, or a count with its price in times",
                got=term.value,
            )


def _check_no_money(quantity: Quantity, path: str) -> None:
    for term_path, term in quantity.paths(path):
        if term.value in {"amount", "message_cost"}:
            raise Invalid(
                field=f"{term_path}.value",
                expected="no money, since the KPI is money per something else",
                got=term.value,
            )


def _check_costs(quantity: Quantity, path: str) -> None:
    for term_path, term in quantity.paths(path):
        if term.value == "message_cost":
            raise Invalid(
                field="currency", expected=f"the currency of the costs at {term_path}", got=None
            )
