"""Valid mappings and small files, for tests to vary one thing of."""

import gzip
from pathlib import Path
from typing import Any

from experiments.ledger.imports.source import SourceFile, inspect

EVENTS = """event_id,user_id,type,time,amount,currency
e-1,u1,open,2025-03-10T10:00:00+09:00,,
e-2,u2,purchase,2025-03-10T11:00:00+09:00,"42,000",KRW
e-3,홍길동,click,2025-03-10T12:00:00+09:00,,
"""
WIDE = """userid,segment,visit,spend
u1,Mens,1,29.99
u2,None,0,0
u3,Mens,True,
"""


def long_mapping(**changes: Any) -> dict[str, Any]:
    """Of ``EVENTS``."""
    return {
        "form": "long",
        "fact": "event",
        "columns": {
            "source_id": "event_id", "unit_id": "user_id", "type": "type",
            "occurred_at": "time", "value": "amount", "currency": "currency",
        },
        "constants": {"channel": "email"},
    } | changes  # fmt: skip


def exposure_mapping(**changes: Any) -> dict[str, Any]:
    """Of a file with the columns user and variant."""
    return {
        "form": "long",
        "fact": "exposure",
        "columns": {"unit_id": "user", "variant": "variant"},
        "constants": {
            "experiment": "spring", "type": "sent", "occurred_at": "2025-03-10T01:00:00Z",
        },
    } | changes  # fmt: skip


def wide_mapping(**changes: Any) -> dict[str, Any]:
    """Of ``WIDE``."""
    return {
        "form": "wide",
        "experiment": "spring",
        "unit_id": {"column": "userid"},
        "variant": {"column": "segment", "values": {"Mens": "b", "None": "a"}},
        "at": "2025-03-10T01:00:00Z",
        "events": [
            {"column": "visit", "type": "visit"},
            {"column": "spend", "type": "purchase", "amount": True, "currency": "USD"},
        ],
    } | changes  # fmt: skip


def file_of(
    folder: Path, text: str | bytes, *, encoding: str = "utf-8", packed: bool = False
) -> SourceFile:
    """Write a file and look it through."""
    path = folder / "file.csv"
    content = text if isinstance(text, bytes) else text.encode(encoding)
    path.write_bytes(gzip.compress(content) if packed else content)
    return inspect(path)
