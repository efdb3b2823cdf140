"""What happened in which order: the steps of a funnel, and times from an event to the next."""

from typing import Any

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from experiments.measurement.formula.plan import Plan, Selection

_NEVER = ibis.null("int64")


def sequences(placed: Table, plan: Plan) -> Table:
    """Where every customer came in the order that the KPI asks for.

    Args:
        placed: As :func:`experiments.measurement.accounting.placed_events` gives; only those
            used.
        plan: Of a funnel, or of a time since an event.

    Returns:
        Rows of ``anchor``; of a funnel with when each step was taken (``s0``, ...; null if
        never), of a time with ``since_at`` and ``first_at``.
    """
    if plan.steps:
        return _steps(placed, plan.steps)
    assert plan.since is not None  # noqa: S101 - narrows a type: as the argument says
    return _since(placed, plan.value.parts[0].selection, plan.since)


def _steps(placed: Table, steps: tuple[Selection, ...]) -> Table:
    """Each step at the time of the one before or later, as early as can be."""
    for number, step in enumerate(steps):
        counts: BooleanValue = placed[f"c{step.place}"]
        if number:
            counts &= placed.at >= placed[f"s{number - 1}"]
        placed = placed.mutate(**{f"s{number}": _first(placed, counts)})
    taken = {f"s{number}": placed[f"s{number}"].max() for number in range(len(steps))}
    return placed.group_by("anchor").aggregate(**taken)


def _since(placed: Table, event: Selection, since: Selection) -> Table:
    """The first event from the first of ``since`` on, which is no event itself."""
    starts = placed[f"c{since.place}"]
    placed = placed.mutate(since_at=_first(placed, starts))
    is_start = placed[f"c{since.place}"] & (placed.at == placed.since_at)
    placed = placed.mutate(since_id=_of_customer(is_start.ifelse(placed.id, _NOBODY).min()))
    later = (placed.at > placed.since_at) | (
        (placed.at == placed.since_at) & (placed.id != placed.since_id)
    )
    first = _first(placed, placed[f"c{event.place}"] & later)
    placed = placed.mutate(first_at=first)
    return placed.group_by("anchor").aggregate(
        since_at=placed.since_at.max(), first_at=placed.first_at.max()
    )


_NOBODY = ibis.null("string")


def _first(placed: Table, counts: BooleanValue) -> IntegerValue:
    found: IntegerValue = _of_customer(counts.ifelse(placed.at, _NEVER).min())
    return found


def _of_customer(value: Any) -> Any:
    return value.over(ibis.window(group_by="anchor"))
