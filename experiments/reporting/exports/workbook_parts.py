"""What a workbook writes in its own way: every digit."""

from typing import Any

from xlsxwriter.worksheet import Worksheet


class Sheet(Worksheet):  # type: ignore[misc] # the library has no types
    """Numbers with all their digits, where the library writes 16."""

    def _xml_number_element(self, number: float, attributes: Any = ()) -> None:
        written = "".join(f' {name}="{value}"' for name, value in attributes)
        self.fh.write(f"<c{written}><v>{number!r}</v></c>")
