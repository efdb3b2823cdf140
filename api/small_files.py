"""Small CSV files that are read within the request: at most 10,000 rows."""

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from experiments.errors import Invalid
from experiments.ledger.batch import MOST_ITEMS, BatchTooLong
from experiments.ledger.fields import Missing, UnknownField

LARGEST_BYTES = 16 * 1024 * 1024
ENCODINGS = {"utf-8": "utf-8-sig", "cp949": "cp949"}
FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "encoding": {"type": "string", "enum": list(ENCODINGS)},
                },
            }
        }
    },
}


class UnfitTable(Invalid):
    """A file that is no CSV file with the columns asked for."""

    template = "the file cannot be read: {reason}"


def rows_of_upload(
    columns: Sequence[str], *also: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows of the file in the request's form, and the other fields of the form.

    Args:
        columns: Those that a row may have; their names stand in the first line.
        also: Fields of the form beside ``file`` and ``encoding``.

    Raises:
        UnsupportedMediaType: If the request is no form.
        UnfitTable: If the file is not in the encoding, or has columns of other names.
        Invalid: Naming the field of the form that does not fit.
    """
    request.max_content_length = LARGEST_BYTES
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("expected Content-Type: multipart/form-data")
    known = ("file", "encoding", *also)
    for name in (*request.form, *request.files):
        if name not in (*known, "csrf_token"):
            raise UnknownField(field=name[:60], known=", ".join(known))
    if "file" not in request.files:
        raise Missing(field="file")
    given = request.form.to_dict()
    encoding = given.get("encoding") or "utf-8"
    if encoding not in ENCODINGS:
        raise Invalid(
            field="encoding", expected="one of " + ", ".join(ENCODINGS), got=encoding[:60]
        )
    return table_of(request.files["file"].read(), encoding, columns), given


def table_of(body: bytes, encoding: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    r"""The rows of a CSV file by the names of its columns; empty cells are left out.

    Raises:
        UnfitTable: If it is not in the encoding, or has other columns.
        BatchTooLong: If it has more than 10,000 rows.

    Examples:
        >>> table_of(b"day,value\n2025-03-10,12\n", "utf-8", ("day", "value"))
        [{'day': '2025-03-10', 'value': '12'}]
    """
    try:
        text = body.decode(ENCODINGS[encoding])
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnfitTable(field="file", reason=str(error)[:200]) from error
    header, *rest = rows or [[]]
    wrong = [name for name in header if name not in columns]
    if wrong or not header or len(set(header)) < len(header):
        reason = (
            f"its first line names {', '.join(header)[:100]!r}, expected of {', '.join(columns)}"
        )
        raise UnfitTable(field="file", reason=reason)
    if len(rest) > MOST_ITEMS:
        raise BatchTooLong(got=len(rest), most=MOST_ITEMS)
    return [_item(header, cells) for cells in rest if cells]


def number_of(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The row with one cell read as a number, where it is one; else it stays a text.

    Examples:
        >>> number_of({"value": "1.50"}, "value"), number_of({"value": "1,5"}, "value")
        ({'value': Decimal('1.50')}, {'value': '1,5'})
    """
    text = item.get(name)
    plain = isinstance(text, str) and text.isascii()
    if not plain or not str(text).removeprefix("-").replace(".", "", 1).isdecimal():
        return dict(item)
    return {**item, name: Decimal(str(text))}


def _item(header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    if len(cells) > len(header):
        return {"": "more cells than columns"}
    return {name: cell for name, cell in zip(header, cells, strict=False) if cell}
