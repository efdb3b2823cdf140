"""A row that an import did not take, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.imports.rows import LONGEST_SHOWN
from experiments.storage.codec import to_document


@dataclass(frozen=True)
class Reject:
    """A row that was not taken.

    Attributes:
        line: Of the file, from 1, where the row begins.
        field: What is to blame, if one thing is.
        code: A stable name of the reason; ``conflict`` where the row's id belongs to
            another fact, which stands.
        template: The reason's sentence, in English.
        params: Values of its placeholders.
        row: As it stands in the file, its end cut off where it is long.
    """

    line: int
    field: str | None
    code: str
    template: str
    params: Mapping[str, Any]
    row: str = ""

    @classmethod
    def of(cls, line: int, error: Invalid, row: str) -> "Reject":
        """The row that ``error`` was raised for."""
        return cls(
            line, error.field, error.code, error.template, to_document(error.params), trimmed(row)
        )

    @property
    def message(self) -> str:
        """The reason in English."""
        return self.template.format(**self.params)

    def document(self, *, with_row: bool = True) -> dict[str, Any]:
        """As JSON."""
        found = {
            "line": self.line, "field": self.field, "code": self.code,
            "template": self.template, "params": self.params,
        }  # fmt: skip
        return found | {"row": self.row} if with_row else found


def trimmed(row: str) -> str:
    """A row as it is shown: not beyond a bound, and without the end of its line."""
    return row.rstrip("\r\n").replace("\0", "")[:LONGEST_SHOWN]
