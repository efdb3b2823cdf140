"""A report as PDF on A4: what is said comes from outside, the page from ``report.typ``."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from experiments.reporting.pictures.render import composed
from experiments.reporting.pictures.style import COLOURS, FONTS

_TEMPLATE = Path(__file__).with_name("report.typ")


def pdf_file(printed: dict[str, Any], fonts: Path, as_of: datetime) -> bytes:
    """The document, tagged so that a screen reader finds its way.

    Args:
        printed: Every text, table and picture, as ``report.typ`` names them.
        fonts: Folder with fonts beside those of the machine; need not be there.
        as_of: The moment of the report, written into the file.

    Raises:
        RendererMissing: If Typst is not installed.
        FontMissing: If a text is Korean, and no font is.
    """
    told = {**printed, "colours": COLOURS, "fonts": FONTS}
    inputs = {"report": json.dumps(told, ensure_ascii=False, allow_nan=False)}
    return composed(_TEMPLATE.read_bytes(), inputs, fonts, at=as_of)
