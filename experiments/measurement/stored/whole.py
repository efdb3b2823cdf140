"""What is counted of a whole project without looking at units: facts of nobody, arrivals, clicks.

An event that was withdrawn, happened after the moment, or is of somebody unknown counts for
nobody, whoever is in the test; those predicates come first among the reasons. What is left of
all that was received, and of nobody in the test, was never assigned.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ibis.expr.types import Table

from experiments.measurement.accounting import (
    MACHINE,
    NOT_CREDITED,
    REASONS,
    USED,
    Accounting,
)
from experiments.measurement.anchors import IMMATURE
from experiments.measurement.formula.plan import SENT
from experiments.measurement.identity import AMBIGUOUS, UNKNOWN, WITHDRAWN
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from experiments.measurement.stored.marks import Meaning

# Reasons that come after an open window: what they would be asked for has not ended yet.
_WHILE_OPEN = (USED, NOT_CREDITED, MACHINE)


@dataclass(frozen=True)
class Nobodys:
    """Facts of one kind and type in the project.

    Attributes:
        received: All of them.
        later_at: When the first of those after the moment happened, microseconds.
        by_reason: Those that count for nobody whoever is in the test.
    """

    received: int
    later_at: int | None
    by_reason: dict[str, int]


@dataclass(frozen=True)
class Outcome:
    """What became of some events of units in the test.

    Attributes:
        reason: Why they are left out, or used, were all windows closed.
        late: How many of those used came after the window.
        is_open: Whether it is open.
    """

    reason: str
    events: int
    late: int
    is_open: bool


@dataclass(frozen=True)
class Whole:
    """What is counted of a project, at one position and one moment.

    Attributes:
        exposures, events: By type.
        arrivals: By type, as :func:`experiments.measurement.arrivals.arrivals_of` reads them.
        scanned: Clicks that only their pace tells of a scanner; None if nobody asked.
    """

    exposures: dict[str, Nobodys] = field(default_factory=dict)
    events: dict[str, Nobodys] = field(default_factory=dict)
    arrivals: dict[str, dict[str, int | float | str | None]] = field(default_factory=dict)
    scanned: int | None = None


def nobodys(session: Session, fact: str, as_of: int) -> dict[str, Nobodys]:
    """Count the facts of a kind, by type."""
    counted = session.keep(f"nobodys_{fact}", as_of, lambda: _counted(session, fact, as_of))
    rows = session.rows(counted)
    return {
        row["type"]: Nobodys(
            row["received"],
            row["later_at"],
            {name: int(row[name]) for name in (WITHDRAWN, "after_as_of", UNKNOWN, AMBIGUOUS)},
        )
        for row in rows
    }


def _counted(session: Session, fact: str, as_of: int) -> Table:
    facts = session.exposures if fact == "exposure" else session.events
    later, counts = facts.occurred_at > as_of, {}
    if "doubt" in facts.columns:
        gone = (facts.doubt == WITHDRAWN).fill_null(False)
        counts[WITHDRAWN] = facts.count(where=gone)
        counts["after_as_of"] = facts.count(where=later & ~gone)
        for each in (UNKNOWN, AMBIGUOUS):
            counts[each] = facts.count(where=(facts.doubt == each).fill_null(False) & ~later)
    else:
        counts["after_as_of"] = facts.count(where=later)
        nothing = facts.count(where=facts.type.isnull())
        counts |= dict.fromkeys((WITHDRAWN, UNKNOWN, AMBIGUOUS), nothing)
    return facts.group_by("type").aggregate(
        received=facts.count(), later_at=facts.occurred_at.min(where=later), **counts
    )


def accounting_of(
    request: MeasureRequest,
    outcomes: Iterable[Outcome],
    whole: Whole,
) -> Accounting:
    """Where every event of the KPI's types went.

    Args:
        request: The KPI.
        outcomes: What became of the events of units in the test.
        whole: Of the project.
    """
    types = request.plan.types
    looked_at = [whole.events[each] for each in types if each in whole.events]
    looked_at += [whole.exposures[SENT]] if SENT in types and SENT in whole.exposures else []
    received = sum(each.received for each in looked_at)
    found = {
        reason: sum(each.by_reason[reason] for each in looked_at)
        for reason in (WITHDRAWN, "after_as_of", UNKNOWN, AMBIGUOUS)
    }
    late = 0
    for each in outcomes:
        open_ = each.is_open and request.kpi.kind != "time_to_event"
        told = IMMATURE if open_ and each.reason in _WHILE_OPEN else each.reason
        found[told] = found.get(told, 0) + each.events
        late += 0 if open_ else each.late
    found["never_assigned"] = received - sum(found.values())
    used = found.pop(USED, 0)
    excluded = {reason: found[reason] for reason in REASONS if found.get(reason)}
    return Accounting(received, used, excluded, late)


def outcomes_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]:
    """From the sums of a KPI that have the events by reason."""
    for row in rows:
        is_open = row["standing"] == IMMATURE
        for name, count in row.items():
            if name.startswith("n_"):
                late = row["late"] if name == f"n_{USED}" else 0
                yield Outcome(name[2:], count, late, is_open)


def outcomes_marked(
    rows: Iterable[Mapping[str, Any]], meaning: Meaning, number: int
) -> Iterator[Outcome]:
    """From events by their marks, for the KPI at a place."""
    for row in rows:
        reason, count = meaning.reason(row["marks"], number), row["events"]
        if reason is not None:
            late = count if reason == USED and meaning.is_late(row["marks"]) else 0
            yield Outcome(reason, count, late, row["open"])
