"""Lists as other tools take them: their name for the customer, one column for the variant.

What a tool expects was read in its own documentation where ``source`` names it; the rest is
unverified and says so. Only customers who have a variant are in such a file.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from experiments.assignment.lists.deciding import BatchAnswers
from experiments.assignment.lists.rows import Batch, encoded

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


@dataclass(frozen=True)
class Preset:
    """The file that a tool imports.

    Attributes:
        key: Name in addresses.
        label: The tool's own name.
        unit_column: Its name for the customer.
        encoding: Of the file; ``utf-8-sig`` begins with a mark that Excel needs.
        newline: What ends a row.
        for_people: Whether the file is opened in a spreadsheet, so that no cell may be taken
            for a formula.
        source: Where the tool's documentation says so; None where it was not verified.
    """

    key: str
    label: str
    unit_column: str
    encoding: str = "utf-8"
    newline: str = "\n"
    for_people: bool = False
    source: str | None = None


PRESETS = {
    preset.key: preset
    for preset in (
        Preset(
            "braze",
            "Braze",
            "external_id",
            source="https://www.braze.com/docs/user_guide/data/unification/user_data/import_users/csv",
        ),
        Preset(
            "klaviyo",
            "Klaviyo",
            "Email Address",
            source="https://help.klaviyo.com/hc/en-us/articles/115005078967",
        ),
        Preset("hubspot", "HubSpot", "Email"),
        Preset("mailchimp", "Mailchimp", "Email Address"),
        Preset("sendgrid", "SendGrid", "email"),
        Preset("salesforce", "Salesforce Marketing Cloud", "SubscriberKey"),
        Preset("flarelane", "FlareLane", "userId"),
        Preset("dfinery", "Dfinery", "user_id"),
        Preset("excel", "Excel", "id", "utf-8-sig", "\r\n", for_people=True),
        Preset("excel-cp949", "Excel (CP949)", "id", "cp949", "\r\n", for_people=True),
    )
}


class PresetWriter:
    """Writes batch after batch as one tool takes them.

    Args:
        preset: Of the tool.
        target: Where to.
        columns: Names of the columns added by the list: the variant's first.
        experiment: Key of the test, part of the variant column's name.
    """

    def __init__(
        self, preset: Preset, target: BinaryIO, columns: Sequence[str], experiment: str
    ) -> None:
        self._preset = preset
        self._target = target
        names = [f"truelift_{experiment}".replace("-", "_").replace(".", "_"), *columns[1:]]
        start = b"\xef\xbb\xbf" if preset.encoding == "utf-8-sig" else b""
        self._encoding = preset.encoding.removesuffix("-sig")
        target.write(start)
        self._write([[preset.unit_column, *names]])

    def __call__(self, batch: Batch, answers: BatchAnswers) -> None:
        """Write the rows of a batch that have a variant."""
        pairs = zip(batch.unit_ids, answers.codes, strict=True)
        self._write([unit_id, *answers.values[code]] for unit_id, code in pairs if code >= 0)

    def _write(self, rows: Iterable[Sequence[str]]) -> None:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator=self._preset.newline)
        writer.writerows(map(self._cell, row) for row in rows)
        self._target.write(encoded(out.getvalue(), self._encoding))

    def _cell(self, text: str) -> str:
        """Text that no spreadsheet computes."""
        return f"'{text}" if self._preset.for_people and text.startswith(_FORMULA) else text
