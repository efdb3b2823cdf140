"""Finding entries by what people call them, in both languages."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from experiments.kpis.catalogue.entry import Entry

_BRACKET = re.compile(r"\s*\([^()]*\)$")
_SHORT = re.compile(r"\(([A-Z][A-Z/]+)\)")
_BETWEEN = re.compile(r"[\W_]+")
LANGUAGES = ("ko", "en")


def folded(text: str) -> str:
    """The text as it is compared: one form, small letters, nothing but letters and digits.

    Examples:
        >>> folded("Click-to-open (CTOR)"), folded("재구매율 (대상 고객)")
        ('clicktoopenctor', '재구매율대상고객')
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).casefold())


def names_of(entry: Entry, language: str | None = None) -> Iterator[str]:
    """Everything that the entry is called, in one language or in both."""
    for each in LANGUAGES:
        if language in {None, each}:
            name = entry.name.in_language(each)
            yield name
            yield _BRACKET.sub("", name)
            yield from _SHORT.findall(name)
            yield entry.short_name.in_language(each)
            yield from getattr(entry.synonyms, each)


def search(entries: Iterable[Entry], query: str, language: str | None = None) -> list[Entry]:
    """Entries that fit, the best first: by name, by part of a name, by what they say.

    Args:
        entries: To look through.
        query: Words; an entry must fit them all. Nothing finds everything, in order.
        language: ``ko`` or ``en`` looks at that language only; None at both.
    """
    words = [word for word in map(folded, query.split()) if word]
    if not words:
        return list(entries)
    whole = "".join(words)
    ranked = [(_rank(entry, whole, words, language), entry) for entry in entries]
    return [
        entry for rank, entry in sorted(ranked, key=lambda found: found[0]) if rank < _NOT_FOUND
    ]


_NOT_FOUND = 5


def _rank(entry: Entry, whole: str, words: list[str], language: str | None) -> int:
    names = [folded(entry.key), *map(folded, names_of(entry, language))]
    said = [
        text.in_language(each).casefold()
        for text in (entry.definition, entry.purpose)
        for each in LANGUAGES
        if language in {None, each}
    ]
    fits = (
        whole in names,
        any(name.startswith(whole) for name in names),
        any(whole in name for name in names),
        all(any(word in name for name in names) for word in words),
        all(any(word in text for text in (*names, *said)) for word in words),
    )
    return fits.index(True) if True in fits else _NOT_FOUND
