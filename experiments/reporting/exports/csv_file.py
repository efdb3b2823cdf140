"""A report as CSV: tidy rows that every spreadsheet opens, and no spreadsheet computes."""

import csv
import io
import re
from collections.abc import Iterable

from experiments.reporting.exports.rows import COLUMNS, Row

# What spreadsheets take for a formula, or skip to find one; quotes before it stay countable.
_LEAD = re.compile(r"'*[=+\-@\t\r\n\0]")
BYTE_ORDER_MARK = "\ufeff"


def csv_file(rows: Iterable[Row]) -> str:
    """The rows with a heading, with a byte order mark, since Excel needs one to read UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(_cell(getattr(row, name)) for name in COLUMNS)
    return BYTE_ORDER_MARK + text.getvalue()


def _cell(found: str | float | bool | None) -> str:
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, str):
        return guarded(found)
    return "" if found is None else repr(found)


def guarded(text: str) -> str:
    """The text, with a quote before it where a spreadsheet would compute it.

    Examples:
        >>> guarded("=1+1"), guarded("A안"), guarded("'=1")
        ("'=1+1", 'A안', "''=1")
    """
    return f"'{text}" if _LEAD.match(text) else text


def unguarded(cell: str) -> str:
    """What :func:`guarded` was given.

    Examples:
        >>> unguarded("'=1+1"), unguarded("'A안'")
        ('=1+1', "'A안'")
    """
    return cell[1:] if cell.startswith("'") and _LEAD.match(cell) else cell
