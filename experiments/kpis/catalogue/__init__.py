"""The catalogue: KPIs ready to use, by stage, each a whole document in Korean and English.

To add one: an :class:`~experiments.kpis.catalogue.entry.Entry` in the module of its stage.
"""

from difflib import get_close_matches

from experiments.errors import Invalid
from experiments.kpis.catalogue import (
    acquisition,
    activation,
    active,
    awareness,
    conversion_paths,
    leaving,
    referral,
    retention,
    revenue,
    revenue_totals,
)
from experiments.kpis.catalogue.entry import Entry, Synonyms
from experiments.kpis.catalogue.search import search

__all__ = ["BY_KEY", "ENTRIES", "Entry", "Synonyms", "UnknownEntry", "entry", "found"]

ENTRIES: tuple[Entry, ...] = (
    *awareness.ENTRIES,
    *acquisition.ENTRIES,
    *activation.ENTRIES,
    *conversion_paths.ENTRIES,
    *revenue.ENTRIES,
    *revenue_totals.ENTRIES,
    *retention.ENTRIES,
    *active.ENTRIES,
    *leaving.ENTRIES,
    *referral.ENTRIES,
)
"""Every entry, by stage."""

BY_KEY = {each.key: each for each in ENTRIES}


class UnknownEntry(Invalid):
    """The catalogue has no such entry."""

    template = "the catalogue has no KPI {key!r}; the nearest are: {nearest}"


def entry(key: str, field: str = "from") -> Entry:
    """The entry with that key.

    Raises:
        UnknownEntry: Naming ``field``, and the entries with the nearest keys or names.

    Examples:
        >>> entry("aov").kind
        'ratio'
    """
    if key in BY_KEY:
        return BY_KEY[key]
    near = get_close_matches(key, BY_KEY, n=3, cutoff=0.5)
    near += [each.key for each in search(ENTRIES, key) if each.key not in near]
    raise UnknownEntry(field=field, key=key[:60], nearest=", ".join(near[:3]) or "none")


def found(
    query: str = "",
    language: str | None = None,
    stage: str | None = None,
    channel: str | None = None,
) -> list[Entry]:
    """Entries by what they are called, of one stage, that a channel can measure.

    Examples:
        >>> [each.key for each in found("객단가", "ko")]
        ['aov', 'arppu']
    """
    return [
        each
        for each in search(ENTRIES, query, language)
        if stage in {None, each.stage} and (channel is None or channel in each.channels)
    ]
