"""Reading a workbook without a library: its texts, numbers and formulas."""

import io
import re
import zipfile
from xml.etree import ElementTree as ET

NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def sheets(content: bytes) -> list[list[list[str | float | None]]]:
    """The cells of every sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        texts = [_text(each) for each in _xml(book, "xl/sharedStrings.xml")]
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [_rows(_xml(book, name), texts) for name in names]


def formulas(content: bytes) -> list[str]:
    """Everything in the file that a spreadsheet would compute or follow."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    found = re.compile(r"<(?:f|hyperlinks?)[ >/]")
    return [f"{name}: {met[0]}" for name, part in parts.items() for met in found.finditer(part)]


def _xml(book: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(book.read(name))


def _text(item: ET.Element) -> str:
    raw = "".join(each.text or "" for each in item.iter(f"{NAMESPACE}t"))
    return ESCAPED.sub(lambda met: chr(int(met[1], 16)), raw)


def _rows(sheet: ET.Element, texts: list[str]) -> list[list[str | float | None]]:
    return [_row(row, texts) for row in sheet.iter(f"{NAMESPACE}row")]


def _row(row: ET.Element, texts: list[str]) -> list[str | float | None]:
    """The cells at their places; those that were not written are None."""
    found = {_place(each): _cell(each, texts) for each in row.iter(f"{NAMESPACE}c")}
    return [found.get(place) for place in range(max(found, default=-1) + 1)]


def _place(cell: ET.Element) -> int:
    letters = re.match(r"[A-Z]+", cell.get("r", "A"))
    assert letters is not None
    place = 0
    for letter in letters[0]:
        place = 26 * place + ord(letter) - ord("A") + 1
    return place - 1


def _cell(cell: ET.Element, texts: list[str]) -> str | float | None:
    value = cell.findtext(f"{NAMESPACE}v")
    if value is None:
        return None
    return texts[int(value)] if cell.get("t") == "s" else float(value)
