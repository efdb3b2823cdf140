"""Columns that become properties of a row's facts: segment, grade, order category."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.fields import check_one_of
from experiments.ledger.imports.cells import read_amount, read_flag
from experiments.ledger.imports.columns import check_column
from experiments.ledger.properties import LONGEST_NAME, UnfitProperty
from experiments.units import is_storable

MOST_PROPERTIES = 50
TEXT, NUMBER, FLAG = READS = ("text", "number", "flag")


class OwnProperty(Invalid):
    """The mapping names a property that rows of this form have by themselves."""

    template = "rows of this form say this themselves; expected another name"


class AddressKept(Invalid):
    """The column of an alias was named as a property."""

    template = "addresses stand in this column, and are not kept as they are; leave it out"


@dataclass(frozen=True)
class PropertyColumn:
    """A column whose cells become a property.

    Attributes:
        column: Name in the file's first line.
        reads: ``text``, ``number`` or ``flag`` (yes or no); an empty cell is no property.
    """

    column: str
    reads: str = TEXT

    def __post_init__(self) -> None:
        check_column(self.column, "column")
        check_one_of(self.reads, READS, "reads")


Properties = Mapping[str, PropertyColumn]


def check_property_columns(
    properties: Properties, *, own: Collection[str] = (), address: str | None = None
) -> None:
    """Refuse what cannot be properties of a row.

    Args:
        properties: Columns by the property's name.
        own: Names that rows of the form give themselves.
        address: Column of an alias, if the customer is known by one.

    Raises:
        Invalid: Naming the path.
    """
    if len(properties) > MOST_PROPERTIES:
        raise Invalid(
            field="properties", expected=f"at most {MOST_PROPERTIES}", got=len(properties)
        )
    for name, each in properties.items():
        if not 0 < len(name) <= LONGEST_NAME or not is_storable(name):
            expected = f"named with 1 to {LONGEST_NAME} characters"
            raise UnfitProperty(field="properties", expected=expected)
        if name in own:
            raise OwnProperty(field=f"properties.{name}")
        if address is not None and each.column.strip() == address.strip():
            raise AddressKept(field=f"properties.{name}")


def named_columns(properties: Properties) -> dict[str, str]:
    """Column names by the path of what names them."""
    return {f"properties.{name}": each.column for name, each in properties.items()}


class PropertyCells:
    """Reads the properties of a row.

    Args:
        properties: Columns by the property's name.
        at: Where they are, by their paths in the mapping.
    """

    def __init__(self, properties: Properties, at: Mapping[str, int]) -> None:
        self._places = [
            (name, at[f"properties.{name}"], _READ[each.reads]) for name, each in properties.items()
        ]

    def __call__(self, cells: Sequence[str]) -> dict[str, Any]:
        """The properties; empty cells are none.

        Raises:
            Invalid: Naming the property, if a cell cannot be read.
        """
        found = {}
        for name, place, read in self._places:
            cell = cells[place].strip()
            if cell:
                found[name] = read(cell, f"properties.{name}")
        return found


def _read_text(cell: str, field: str) -> str:  # noqa: ARG001 - as the other readers are called
    return cell


_READ: dict[str, Callable[[str, str], Any]] = {
    TEXT: _read_text,
    NUMBER: read_amount,
    FLAG: read_flag,
}
