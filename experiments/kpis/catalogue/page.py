"""docs/kpi-catalogue.md, written from the entries: ``python -m experiments.kpis.catalogue.page``.

A test holds the page to what this module writes.
"""

import sys
from collections.abc import Iterator

from experiments.kpis.catalogue import ENTRIES, Entry
from experiments.kpis.document import STAGES

_HEAD = """# The KPI catalogue

KPIs ready to use, each a whole document in Korean and English. Written from the code by \
`python -m experiments.kpis.catalogue.page`; a test holds this page to it.

Search: `GET /api/v1/kpi-catalogue?q=재구매&language=ko`, or *Catalogue* on the page of KPIs. \
Adopt: `POST /api/v1/kpis` with `{"from": "repeat-purchase"}` and whatever differs \
([how](api-kpis.md)). What `decides` says *no* of only describes: no verdict may rest on it \
([why](kpis.md#kinds)).
"""
_TABLE = """
| key | KPI | what it is | kind | decides | serves |
| --- | --- | --- | --- | --- | --- |
"""
_EVENTS = """
## Events it counts

Message events have [fixed names](sources.md). The others are names that the shop or the app \
reports; where yours are called something else, give the formula of the adopted KPI your name.

"""
_SERIES = """
## Series it needs

Figures that arrive added up, by day and channel:

"""


def page() -> str:
    """The page as Markdown."""
    return "".join((_HEAD, *map(_stage, STAGES), _EVENTS, *_events(), _SERIES, *_series()))


def _stage(stage: str) -> str:
    rows = "".join(_row(entry) for entry in ENTRIES if entry.stage == stage)
    return f"\n## {stage.capitalize()}\n{_TABLE}{rows}"


def _row(entry: Entry) -> str:
    decides = "yes" if entry.document().descriptive_because is None else "no"
    cells = (
        f"`{entry.key}`",
        f"{entry.short_name.ko}<br>{entry.short_name.en}",
        f"{entry.definition.ko}<br>{entry.definition.en}",
        entry.kind,
        decides,
        f"`{entry.parent}`" if entry.parent else "–",
    )
    return f"| {' | '.join(cells)} |\n"


def _events() -> Iterator[str]:
    used: dict[str, list[str]] = {}
    for entry in ENTRIES:
        tracked = entry.tracking.base if entry.tracking else None
        based = () if tracked is None else (tracked.event,)
        required = (each.event for each in entry.formula.requires)
        for event in dict.fromkeys((*entry.formula.event_types, *required, *based)):
            used.setdefault(event, []).append(entry.key)
    return (f"- `{event}`: {_some(used[event])}\n" for event in sorted(used))


def _series() -> Iterator[str]:
    used: dict[str, list[str]] = {}
    for entry in ENTRIES:
        for name in entry.formula.series:
            used.setdefault(name, []).append(entry.key)
    return (f"- `{name}`: {_some(used[name])}\n" for name in sorted(used))


def _some(keys: list[str]) -> str:
    shown = ", ".join(keys[:4])
    return shown if len(keys) <= 4 else f"{shown} and {len(keys) - 4} more"


if __name__ == "__main__":
    sys.stdout.write(page())
