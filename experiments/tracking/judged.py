"""Every event of a KPI's types, by itself: whether it could count for a customer, or why not."""

from collections.abc import Collection, Sequence
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, IntegerColumn, Table

from experiments.ledger.instants import microseconds
from experiments.measurement.accounting import MACHINE
from experiments.measurement.formula.conditions import selected
from experiments.measurement.formula.plan import SENT, Plan, Selection
from experiments.measurement.formula.sends import SAME_MESSAGE, SUPPRESSED, with_sends
from experiments.measurement.formula.taken import lacking, of_each
from experiments.measurement.identity import AMBIGUOUS, DOUBTS, UNKNOWN, WITHDRAWN
from experiments.measurement.request import MeasureRequest
from experiments.measurement.scanners import SCANNED, by_scanners, marked
from experiments.measurement.session import Session
from experiments.tracking.stretches import Span

# In the order in which they are asked, as in a test's report; the last ones need a customer.
REASONS = (
    WITHDRAWN,
    "after_as_of",
    UNKNOWN,
    AMBIGUOUS,
    "other_periods",  # before the first or after the last time that is looked at
    SUPPRESSED,
    SAME_MESSAGE,
    "property_filter",
    "without_value",
    "other_currency",
    MACHINE,
    "no_window",  # of a customer who has no window then
    "starts_window",  # starts a window, and is no outcome itself
    "not_required",
    "outside_segment",
    "immature",
)
_COULD_COUNT = REASONS.index("no_window")
_NOT_LOOKED_AT = -1


def facts(session: Session, request: MeasureRequest, types: Collection[str]) -> Table:
    """The project's events, with clicks of scanners marked and messages of tests if asked for."""
    events = session.events
    if SCANNED in types:
        scanned = session.keep(
            "scanned",
            (request.pace, request.as_of),
            lambda: by_scanners(session.events, request.pace, request.as_of),
        )
        events = marked(events, scanned)
    return with_sends(events, session.exposures, request.as_of) if SENT in types else events


def judged(events: Table, request: MeasureRequest, spans: Sequence[Span], reach: int) -> Table:
    """Every event of the KPI's types, judged by itself.

    Args:
        events: As :func:`facts` gives.
        request: Of the KPI.
        spans: The periods.
        reach: How long after the last period a window can be open (microseconds).

    Returns:
        Rows of ``position``, ``unit_id``, ``at``, ``id``, ``received_at``, ``rank`` (place of
        the reason that comes nearest to counting; ``no_window`` for what could count), what is
        taken of each for every selection (``v0``, ...) and whether it could count for it
        (``c0``, ...).
    """
    plan = request.plan
    of_type = events.filter(events.type.isin(plan.types))
    shared = _shared(of_type, request) | _by_time(of_type, spans, reach)
    ranks = {f"r{each.place}": _rank(of_type, request, each, shared) for each in plan.selections}
    taken = {each.column: of_each(of_type, each, request) for each in plan.selections}
    placed = of_type.select(
        "position", "unit_id", "received_at",
        at=of_type.occurred_at,
        id=of_type.source_id,
        **ranks,
        **{name: value for name, value in taken.items() if value is not None},
    )  # fmt: skip
    return _nearest(placed, plan)


def _shared(events: Table, request: MeasureRequest) -> dict[str, BooleanValue]:
    found: dict[str, BooleanValue] = {
        "after_as_of": events.occurred_at > microseconds(request.as_of)
    }
    if "doubt" in events.columns:
        found |= {each: (events.doubt == each).fill_null(False) for each in DOUBTS}
    else:
        found[UNKNOWN] = events.unit_id.isnull()
    if "unsent" in events.columns:
        found |= {
            each: (events.unsent == each).fill_null(False) for each in (SUPPRESSED, SAME_MESSAGE)
        }
    return found


def _by_time(events: Table, spans: Sequence[Span], reach: int) -> dict[str, BooleanValue]:
    first, last = spans[0].since, spans[-1].until + reach
    return {"other_periods": (events.occurred_at < first) | (events.occurred_at >= last)}


def _rank(
    events: Table, request: MeasureRequest, selection: Selection, shared: dict[str, BooleanValue]
) -> IntegerColumn:
    applies = shared | lacking(events, request, selection)
    wanted = selected(events, selection.events)
    if wanted is not None:
        applies["property_filter"] = ~wanted
    if selection.events.machine == "exclude":
        applies[MACHINE] = events.machine
    cases: list[Any] = [(events.type != selection.events.event, _place(_NOT_LOOKED_AT))]
    cases += [(applies[each], _place(n)) for n, each in enumerate(REASONS) if each in applies]
    return ibis.cases(*cases, else_=_place(_COULD_COUNT))


def _place(rank: int) -> Any:
    return ibis.literal(rank, "int8")


def _nearest(placed: Table, plan: Plan) -> Table:
    ranks = [placed[f"r{each.place}"] for each in plan.selections]
    counts = {
        f"c{each.place}": placed[f"r{each.place}"] == _COULD_COUNT for each in plan.selections
    }
    kept = [name for name in placed.columns if name not in {f"r{n}" for n in range(len(ranks))}]
    rank = ranks[0] if len(ranks) == 1 else ibis.greatest(*ranks)
    return placed.select(*kept, rank=rank, **counts)
