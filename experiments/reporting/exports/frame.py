"""A report as a pandas data frame; pandas is loaded with the first one."""

from typing import TYPE_CHECKING

from experiments.reporting.exports.rows import COLUMNS, rows_of
from experiments.reporting.report import Report

if TYPE_CHECKING:
    import pandas as pd


def frame_of(report: Report, language: str = "en") -> "pd.DataFrame":
    """The tidy rows, numbers as numbers and what is missing as missing.

    Args:
        report: As analysed.
        language: ``ko`` or ``en``; of names and reasons.

    Returns:
        A row for each KPI, variant and figure, with the columns of ``rows.Row``.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import, and wanted by few

    rows = [[getattr(row, name) for name in COLUMNS] for row in rows_of(report, language)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = {name: "string" for name in COLUMNS if name not in {"value", "control"}}
    return frame.astype({**texts, "value": "Float64", "control": "bool"}).assign(
        as_of=lambda found: pd.to_datetime(found["as_of"], utc=True, format="ISO8601")
    )
