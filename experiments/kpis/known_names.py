"""What must be said of a KPI's name: that it is known, and means something else elsewhere."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from experiments.kpis.catalogue import ENTRIES, Entry
from experiments.kpis.catalogue.search import folded, names_of
from experiments.kpis.document import KpiDocument
from experiments.kpis.meaning import differences

NAME_WARNINGS = {
    "known_name": (
        "{name!r} is known as the KPI {known!r} of the catalogue, which counts something else "
        "({difference})"
    ),
    "many_meanings": (
        "{name!r} means different things to different teams ({meanings}): say the denominator "
        "in the short name"
    ),
    "same_name": (
        "the KPI {other!r} of this project has the same name and counts something else "
        "({difference})"
    ),
}
"""The sentence of each warning, by code."""


@dataclass(frozen=True)
class NameWarning:
    """Something amber about a name.

    Attributes:
        code: One of ``NAME_WARNINGS``.
        field: ``name`` or ``short_name``.
        params: Values of the sentence's placeholders.
        keys: Entries of the catalogue that are known by the name.
    """

    code: str
    field: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)
    keys: tuple[str, ...] = ()

    @property
    def template(self) -> str:
        """The sentence, with placeholders."""
        return NAME_WARNINGS[self.code]

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.template.format(**self.params)


ByName = Mapping[str, tuple[KpiDocument, ...]]


def by_name(documents: Iterable[KpiDocument]) -> ByName:
    """The documents of a project by each of their names, as names are compared."""
    index: dict[str, tuple[KpiDocument, ...]] = {}
    for document in documents:
        for name in {folded(each) for _, each in _names(document)}:
            index[name] = (*index.get(name, ()), document)
    return index


def name_warnings(
    document: KpiDocument, in_project: ByName | None = None
) -> tuple[NameWarning, ...]:
    """What is to be said of the names of a document.

    Args:
        document: To look at.
        in_project: The documents of its project, by name.
    """
    found: dict[tuple[str, object], NameWarning] = {}
    for field, name in _names(document):
        same = (in_project or {}).get(folded(name), ())
        for warning in (*_known(document, field, name), *_taken(document, field, same)):
            about = warning.params.get("known") or warning.params.get("other")
            found.setdefault((warning.code, about), warning)
    return tuple(found.values())


def _names(document: KpiDocument) -> list[tuple[str, str]]:
    texts = {"name": document.name, "short_name": document.short_name}
    return [
        (field, name)
        for field, text in texts.items()
        if text is not None
        for name in dict.fromkeys((text.ko, text.en))
    ]


@cache
def _index() -> dict[str, tuple[Entry, ...]]:
    """Entries by every name that they have."""
    index: dict[str, tuple[Entry, ...]] = {}
    for entry in ENTRIES:
        for name in {folded(each) for each in names_of(entry)}:
            index[name] = (*index.get(name, ()), entry)
    return index


def _known(document: KpiDocument, field: str, name: str) -> list[NameWarning]:
    meant = _index().get(folded(name), ())
    apart = {entry.key: differences(document, entry.document()) for entry in meant}
    if meant and all(apart.values()):
        nearest = min(meant, key=lambda entry: len(apart[entry.key]))
        difference = ", ".join(apart[nearest.key])
        params = {"name": name, "known": nearest.key, "difference": difference}
        return [NameWarning("known_name", field, params, (nearest.key,))]
    if any(apart.values()) and document.short_name in {None, document.name}:
        meanings = "; ".join(entry.short_name.en for entry in meant)
        params = {"name": name, "meanings": meanings}
        return [NameWarning("many_meanings", field, params, tuple(apart))]
    return []


def _taken(
    document: KpiDocument, field: str, same: tuple[KpiDocument, ...]
) -> Iterator[NameWarning]:
    for other in same:
        apart = differences(document, other)
        if other.key != document.key and apart:
            params = {"other": other.key, "difference": ", ".join(apart)}
            yield NameWarning("same_name", field, params)
