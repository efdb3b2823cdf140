"""What every form of list has in common: batches of rows, options, refusals by line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from experiments.errors import Invalid, TrueliftError
from experiments.units import check_unit_id

FORMS = ("csv", "ndjson", "parquet")
# So many rows are decided together: enough for NumPy, few enough for memory.
BATCH_ROWS = 50_000


class ColumnMissing(Invalid):
    """The list has no such column."""

    template = "the list has no column {column!r}; it has {columns}"


class ColumnTaken(Invalid):
    """A column to be added is there already."""

    template = "the list has a column {column!r} already: name the new one differently"


class RaggedRow(Invalid):
    """A row has more or fewer cells than the header."""

    template = "{count} cells, expected {expected}"


class BrokenText(Invalid):
    """Bytes that are no text in the list's encoding."""

    template = "not {encoding} text"


class CannotBeWritten(Invalid):
    """A text has letters that the output's encoding lacks."""

    template = "{text!r} cannot be written in {encoding}: choose UTF-8"


class NotAnObject(Invalid):
    """A line of NDJSON is not an object."""

    template = "not a JSON object"


@dataclass(frozen=True)
class ListOptions:
    """How a list is read and answered.

    Attributes:
        unit_column: Name of the column with the unit ids.
        variant_column: Name of the column that is added.
        send_at_column: Name of the column with the instant to send at, where the test has one.
        send_on: Local date on which the list is sent; the next time of day where absent.
        payload: Whether the payload's fields are added too.
        numbers: Columns whose text is read as a number where the audience asks for it.
        delimiter: Of CSV; found in the header where absent.
        encoding: Of text; UTF-8 if all of it is that, else CP949, where absent.
    """

    unit_column: str
    variant_column: str = "variant"
    send_at_column: str = "send_at"
    send_on: date | None = None
    payload: bool = False
    numbers: tuple[str, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        for name in ("unit_column", "variant_column", "send_at_column"):
            if not 0 < len(getattr(self, name)) <= 200:
                raise Invalid(field=name, expected="1 to 200 characters", got=getattr(self, name))
        if self.delimiter is not None and self.delimiter not in DELIMITERS:
            raise Invalid(field="delimiter", expected="one of , ; tab |", got=self.delimiter)
        if self.encoding is not None and self.encoding not in ENCODINGS:
            raise Invalid(field="encoding", expected=" or ".join(ENCODINGS), got=self.encoding)

    def place(self, columns: Sequence[str], added: Sequence[str]) -> int:
        """Where the unit column stands.

        Raises:
            ColumnMissing: If the list has no such column, or several of that name.
            ColumnTaken: If a column to be added is there already.
        """
        if columns.count(self.unit_column) != 1:
            raise ColumnMissing(
                field="unit_column", column=self.unit_column, columns=", ".join(columns)[:500]
            )
        for name in added:
            if name in columns:
                raise ColumnTaken(field="variant_column", column=name)
        return columns.index(self.unit_column)


@dataclass(frozen=True)
class RejectedRow:
    """A row that cannot be answered; it is not in the output."""

    line: int
    refusal: TrueliftError


@dataclass
class Batch:
    """Rows that are decided together.

    Attributes:
        rows: As the form keeps them.
        unit_ids: Of each row, checked.
        attributes: Of each row; None where nobody asks for any.
        check: Refuses a row by its attributes; None where nothing can be wrong with them.
        rejected: Rows met on the way that cannot be answered.
    """

    rows: list[Any] = field(default_factory=list)
    unit_ids: list[str] = field(default_factory=list)
    attributes: list[Mapping[str, object] | None] | None = None
    check: Callable[[Mapping[str, object] | None], object] | None = None
    rejected: list[RejectedRow] = field(default_factory=list)

    def keep(self, row: Any, unit_id: str, attributes: Mapping[str, object] | None) -> None:
        """Put a row in.

        Raises:
            Invalid: If its attributes are refused; it is not put in then.
        """
        if self.check is not None:
            self.check(attributes)
        if self.attributes is not None:
            self.attributes.append(attributes)
        self.rows.append(row)
        self.unit_ids.append(unit_id)

    def reject(self, line: int, refusal: TrueliftError) -> None:
        """Keep a row out."""
        self.rejected.append(RejectedRow(line, refusal))


def checked_unit_id(value: object, options: ListOptions) -> str:
    """The unit id of a row.

    Raises:
        Invalid: Naming the column.
    """
    return check_unit_id(value, options.unit_column)


def encoded(text: str, encoding: str) -> bytes:
    """The text's bytes.

    Raises:
        CannotBeWritten: If the encoding lacks a letter; none is ever replaced.
    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        near = text[max(error.start - 10, 0) : error.end]
        raise CannotBeWritten(field="encoding", text=near, encoding=encoding) from error


def attributes_of(cells: Mapping[str, str], numbers: Sequence[str]) -> dict[str, object]:
    """Cells as attributes: text, but for the columns of numbers; an empty cell is absent.

    Examples:
        >>> attributes_of({"country": "KR", "age": "41", "grade": ""}, ("age",))
        {'country': 'KR', 'age': 41.0}
    """
    return {
        name: _number(text) if name in numbers else text for name, text in cells.items() if text
    }


def _number(text: str) -> object:
    try:
        value = float(text)
    except ValueError:
        return text
    return value if value - value == 0 else text


DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "cp949")
