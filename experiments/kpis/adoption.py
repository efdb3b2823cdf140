"""Making a project's KPI out of an entry of the catalogue."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from experiments.kpis.catalog import documents
from experiments.kpis.catalogue import BY_KEY, entry
from experiments.kpis.document import KpiDocument
from experiments.storage.codec import to_document
from experiments.storage.projects import Project

# Objects whose fields may be given one by one over those of the entry.
MERGED = ("formula", "tracking")


def adopted(overrides: Mapping[str, Any], *, key: str, language: str, currency: str) -> Any:
    """The body of a document: that of an entry, and over it what the caller gives.

    Args:
        overrides: Fields of a document, as a caller writes them. A ``formula`` or ``tracking``
            is merged field by field, so that a window alone can be given.
        key: Of the entry.
        language: Of the source that the entry states.
        currency: Of money, unless the caller gives another.

    Raises:
        UnknownEntry: Naming ``from``.

    Examples:
        >>> made = adopted(
        ...     {"key": "opens", "formula": {"window_hours": 24}}, key="human-open-rate",
        ...     language="ko", currency="KRW",
        ... )
        >>> made["key"], made["formula"]["event"], made["formula"]["window_hours"]
        ('opens', 'open', 24)
    """
    made = without_defaults(to_document(entry(key).document(language, currency)))
    for name, value in overrides.items():
        merges = name in MERGED and isinstance(value, Mapping) and isinstance(made.get(name), dict)
        made[name] = _merged(made[name], value) if merges else value
    return made


def _merged(mine: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Field by field; of the two windows the one that is given."""
    windows = {"window_hours", "days"}
    kept = {n: v for n, v in mine.items() if n not in windows or not windows & set(given)}
    return {**kept, **given}


def without_defaults(value: Any) -> Any:
    """A document without the fields that say nothing."""
    if isinstance(value, dict):
        said = {name: without_defaults(each) for name, each in value.items()}
        return {name: each for name, each in said.items() if each not in (None, [], {}, "")}
    return [without_defaults(each) for each in value] if isinstance(value, list) else value


def below_its_parent(db: Connection, project: Project, document: KpiDocument) -> KpiDocument:
    """A document without a parent below the one that the catalogue suggests, if it is there."""
    made_from = BY_KEY.get(document.catalogue or "")
    suggested = made_from.parent if made_from is not None else None
    if document.parent is not None or suggested in {None, document.key}:
        return document
    there = documents(db, project, [str(suggested)])
    return replace(document, parent=suggested) if there else document
