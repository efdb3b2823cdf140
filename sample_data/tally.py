"""Where every event of a file belongs, by the rules of a window: counted from the draws."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sample_data.audience import Bools, Ints
from sample_data.event_rows import TYPES, EventRows


@dataclass(frozen=True)
class Window:
    """When the events of each customer count; seconds, shape (customers,).

    Attributes:
        anchors: From when on the customer is met.
        opens: The anchor, or later.
        closes: Not included.
    """

    anchors: Ints
    opens: Ints
    closes: Ints

    @classmethod
    def hours(cls, anchors: Ints, hours: int) -> "Window":
        """So many hours from the anchor on."""
        return cls(anchors, anchors, anchors + hours * 3600)


def tally(
    events: EventRows, types: tuple[str, ...], window: Window, *, machines: bool = False
) -> dict[str, Any]:
    """What a report has to say of the events of these types: used and excluded are received.

    Args:
        events: The file's rows, repetitions among them.
        types: That the KPI counts.
        window: Of every customer; those beyond were never assigned.
        machines: Whether what machines do counts too.
    """
    of_type = np.isin(events.type, [TYPES.index(each) for each in types])
    rows = events.take(np.flatnonzero(of_type))
    _, first = np.unique(rows.number, return_index=True)
    distinct = rows.take(first)
    reasons = _reasons(distinct, window)
    if machines:
        del reasons["machine"]
    excluded = {name: int(found.sum()) for name, found in reasons.items()}
    excluded["duplicate"] = rows.size - distinct.size
    used = rows.size - sum(excluded.values())
    told = {name: count for name, count in sorted(excluded.items()) if count}
    return {"received": rows.size, "used": used, "excluded": told}


def _reasons(rows: EventRows, window: Window) -> dict[str, Bools]:
    """The first reason of each row, in the order in which they are asked."""
    known = rows.unit < window.anchors.size
    unit = np.where(known, rows.unit, 0)
    asked = {
        "never_assigned": ~known,
        "other_currency": rows.dollars,
        "before_anchor": rows.occurred < window.anchors[unit],
        "before_window": rows.occurred < window.opens[unit],
        "after_window": rows.occurred >= window.closes[unit],
        "machine": rows.machine,
    }
    left = np.ones(rows.size, dtype=np.bool_)
    found: dict[str, Bools] = {}
    for name, applies in asked.items():
        found[name] = left & applies
        left = left & ~applies
    return found
