"""A file of aliases: who a customer is, a row each."""

from dataclasses import dataclass, field
from typing import ClassVar

from experiments.errors import Invalid
from experiments.ledger.identity.alias import check_kind
from experiments.ledger.imports.columns import Reading, check_columns


@dataclass(frozen=True)
class AliasMapping:
    """One row per alias.

    Attributes:
        value_column: The alias, such as an e-mail address; of the kind ``unit`` the id of a
            unit that became another one.
        unit_column: The customer.
        kind: Of every alias; None where a column says it.
        kind_column: The column that says it.
        valid_from_column: From when on it holds; None, or an empty cell: from the beginning.
        reading: Delimiter and times.
    """

    value_column: str
    unit_column: str
    kind: str | None = None
    kind_column: str | None = None
    valid_from_column: str | None = None
    reading: Reading = field(default_factory=Reading)

    # Whether tests are named by campaigns and links, which have names of their own.
    is_tagged: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_columns(
            {
                "value.column": self.value_column,
                "unit_id.column": self.unit_column,
                "kind.column": self.kind_column,
                "valid_from.column": self.valid_from_column,
            }
        )
        if (self.kind is None) == (self.kind_column is None):
            raise Invalid(field="kind", expected="a kind or a column", got=self.kind)
        if self.kind is not None:
            check_kind(self.kind, "kind")

    @property
    def columns(self) -> dict[str, str]:
        """Column names by the path of what names them."""
        named = {
            "value.column": self.value_column,
            "unit_id.column": self.unit_column,
            "kind.column": self.kind_column,
            "valid_from.column": self.valid_from_column,
        }
        return {path: name for path, name in named.items() if name is not None}
