"""Texts in a workbook: those letters too that XML cannot hold, as Excel writes them."""

import re

from xlsxwriter.sharedstrings import SharedStringTable

_NOT_XML = re.compile("[\\ud800-\\udfff\\ufffe\\uffff]")


class Texts(SharedStringTable):  # type: ignore[misc] # the library has no types
    """The library's table, which leaves out only the letters below."""

    @staticmethod
    def _escape_control_characters(data: str) -> str:
        escaped = SharedStringTable._escape_control_characters(data)  # noqa: SLF001 - extended
        return _NOT_XML.sub(lambda met: f"_x{ord(met[0]):04X}_", escaped)


def texts_of_a_workbook() -> SharedStringTable:
    """An empty table of texts."""
    return Texts()
