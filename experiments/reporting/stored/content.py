"""The canonical bytes of a report: one report, one text, whoever writes it."""

import hashlib
import json
from typing import Any

from experiments.reporting.document import report_document
from experiments.reporting.report import Report


def canonical(report: Report) -> bytes:
    """The report's JSON document as UTF-8: members by name, no space, floats by their digits.

    Raises:
        ValueError: If a number is no number; reports hold none.
    """
    return canonical_text(report_document(report)).encode("utf-8", "surrogatepass")


def canonical_text(document: Any) -> str:
    """A JSON document in its one form.

    Examples:
        >>> canonical_text({"b": 0.1, "a": "가"})
        '{"a":"가","b":0.1}'
    """
    return json.dumps(
        document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def digest_of(content: bytes) -> str:
    """SHA-256, in hexadecimal digits.

    Examples:
        >>> digest_of(b"{}")[:16]
        '44136fa355b3678a'
    """
    return hashlib.sha256(content).hexdigest()
