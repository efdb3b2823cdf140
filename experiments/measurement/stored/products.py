"""What is added up of units: products of their columns, by the names that a KPI gives them."""

from dataclasses import dataclass
from typing import Any

from experiments.measurement.kinds import MEASURED
from experiments.measurement.request import MeasureRequest
from experiments.measurement.stored.layout import Layout
from experiments.measurement.stored.sheet import free_columns, is_plain, reasons_of
from experiments.measurement.stored.values import FREE, prefix_of

# Of columns of their own: these are true or false.
_FLAGS = ("by_machine", "missing")


@dataclass(frozen=True)
class Product:
    """Columns of a unit, multiplied; what is added up."""

    names: tuple[str, ...]

    def __mul__(self, other: "Product") -> "Product":
        return Product((*self.names, *other.names))

    def sum(self) -> "Product":
        """Itself."""
        return self

    def wide(self, layout: Layout) -> tuple[str, ...]:
        """Those that units who are alike do not have in common."""
        return tuple(sorted(name for name in self.names if name not in layout.bits))

    def bits(self, layout: Layout) -> int:
        """Of the others, all 1 or 0, where they stand in ``alike``: 0 if any of them is 0."""
        found = {1 << layout.bits[name][0] for name in self.names if name in layout.bits}
        return sum(found)


class Factors:
    """The columns of one KPI, by their own names, to be multiplied and added up."""

    def __init__(self, layout: Layout, prefix: str) -> None:
        self._layout = layout
        self._prefix = prefix

    def under(self, prefix: str) -> "Factors":
        """Those of them whose names begin with a prefix."""
        return Factors(self._layout, self._prefix + prefix)

    def __getattr__(self, name: str) -> Product:
        return self[name]

    def __getitem__(self, name: str) -> Product:
        return Product((self._layout.held(self._prefix + name),))


def products_of(request: MeasureRequest, place: int, layout: Layout) -> dict[str, Product]:
    """What is added up of the KPI at a place of a sheet, by its own names."""
    own, plan = Factors(layout, prefix_of(place)), request.plan
    kind = MEASURED[request.kpi.kind]
    found = {**kind.sums(_as_table(own), plan), "by_machines": own.by_machine.sum()}
    found |= {name: own[name].sum() for name in count_columns(request)}
    if free_columns(plan):
        freely = kind.sums(_as_table(own.under(FREE)), plan)
        found |= {FREE + name: value for name, value in freely.items()}
    if request.kpi.covariate_days is not None:
        found |= _past_sums(own, request)
    return found


def sum_of(names: tuple[str, ...]) -> str:
    """The sum of a product of columns, or the number of units, as SQL."""
    factors = (
        f'CAST("{name}" AS BIGINT)' if name.endswith(_FLAGS) else f'"{name}"' for name in names
    )
    return f"sum({' * '.join(factors)})" if names else "count(*)"


def _as_table(own: Factors) -> Any:
    """For those that ask a table for nothing but its columns."""
    return own


def count_columns(request: MeasureRequest) -> list[str]:
    """Names of the columns that count a unit's events, where it has such."""
    if is_plain(request):
        return []
    return [*(f"n_{reason}" for reason in reasons_of(request)), "late"]


def _past_sums(own: Factors, request: MeasureRequest) -> dict[str, Product]:
    """As :func:`experiments.measurement.formula.covariates.covariate_sums` adds them up."""
    past, missing = own.past, own.missing
    found = {
        "past": past.sum(),
        "past_squares": (past * past).sum(),
        "past_value": (past * own.value).sum(),
        "missing": missing.sum(),
        "missing_value": (missing * own.value).sum(),
    }
    if request.plan.below is not None:
        found["past_below"] = (past * own.below).sum()
        found["missing_below"] = (missing * own.below).sum()
    return found
