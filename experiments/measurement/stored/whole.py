"""What is counted of a whole project without looking at units: facts of nobody, arrivals, clicks.

An event that was withdrawn, happened after the moment, or is of somebody unknown counts for
nobody, whoever is in the test; those predicates come first among the reasons. What is left of
all that was received, and of nobody in the test, was never assigned.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
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
from experiments.measurement.manifest import PLURALS
from experiments.measurement.request import MeasureRequest
from experiments.measurement.scanners import by_scanners
from experiments.measurement.session import Session
from experiments.measurement.stored.marks import Meaning
from experiments.measurement.stored.scripts import Scripts, Since
from experiments.measurement.stored.sheet import Sheet

Arrived = dict[str, dict[str, Any]]
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
    arrivals: Arrived = field(default_factory=dict)
    scanned: int | None = None


def whole_of(scripts: Scripts, held: Whole | None, arrived: Arrived) -> tuple[int | None, Whole]:
    """Count what the project has, and when the first fact after the moment happened.

    Args:
        scripts: Of the sheet.
        held: What was counted up to the position that they are since; None: nothing was.
        arrived: How events come in.
    """
    unsure = scripts.session.uncertainty
    if unsure.touches("exposure"):
        exposures = _looked_up(scripts, "exposure")
    else:
        exposures = _certain(scripts, "exposure", _exposures(scripts, held))
    if unsure.touches("event"):
        events = _looked_up(scripts, "event")
    else:
        received = {type_: each["received"] for type_, each in arrived.items()}
        events = _certain(scripts, "event", received)
    later = [each.later_at for each in (*exposures.values(), *events.values())]
    whole = Whole(
        exposures=exposures,
        events=events,
        arrivals=arrived,
        scanned=_scanned(scripts) if scripts.sheet.counts_clicks else None,
    )
    return min((at for at in later if at is not None), default=None), whole


def _exposures(scripts: Scripts, held: Whole | None) -> dict[str, int]:
    """How many arrived, by type; those that were counted are not read again."""
    counts: dict[str, int] = {}
    where = ""
    if held is not None:
        counts = {type_: each.received for type_, each in held.exposures.items()}
        where = f" WHERE position > {scripts.since.position}"
    for type_, count in _run(scripts, f"count(*) FROM exposures{where}"):
        counts[type_] = counts.get(type_, 0) + count
    return counts


def _certain(scripts: Scripts, fact: str, received: Mapping[str, int]) -> dict[str, Nobodys]:
    """Of facts whose units need no looking up: of those after the moment, few or none."""
    after = f"count(*), min(occurred_at) FROM {PLURALS[fact]} "
    rows = _run(scripts, f"{after}WHERE occurred_at > {scripts.sheet.as_of}")
    later = {type_: {"after_as_of": count, "later_at": at} for type_, count, at in rows}
    return {
        type_: _read({"received": count, "later_at": None} | later.get(type_, {}))
        for type_, count in received.items()
    }


def _run(scripts: Scripts, of_types: str) -> list[tuple[Any, ...]]:
    return scripts.session.engine.execute(f"SELECT type, {of_types} GROUP BY type")


def _looked_up(scripts: Scripts, fact: str) -> dict[str, Nobodys]:
    rows = scripts.rows(("nobodys", fact), partial(_counted, fact=fact))
    return {row["type"]: _read(row) for row in rows}


def _read(row: Mapping[str, Any]) -> Nobodys:
    reasons = (WITHDRAWN, "after_as_of", UNKNOWN, AMBIGUOUS)
    by_reason = {name: int(row.get(name, 0)) for name in reasons}
    return Nobodys(row["received"], row["later_at"], by_reason)


def _counted(session: Session, sheet: Sheet, _: Since, *, fact: str) -> Table:
    facts = session.exposures if fact == "exposure" else session.events
    later, counts = facts.occurred_at > sheet.as_of, {}
    gone = (facts.doubt == WITHDRAWN).fill_null(False)
    counts[WITHDRAWN] = facts.count(where=gone)
    counts["after_as_of"] = facts.count(where=later & ~gone)
    for each in (UNKNOWN, AMBIGUOUS):
        counts[each] = facts.count(where=(facts.doubt == each).fill_null(False) & ~later)
    return facts.group_by("type").aggregate(
        received=facts.count(), later_at=facts.occurred_at.min(where=later), **counts
    )


def _scanned(scripts: Scripts) -> int:
    [row] = scripts.rows("scanned", _clicks)
    return int(row["clicks"])


def _clicks(session: Session, sheet: Sheet, _: Since) -> Table:
    """As :func:`experiments.measurement.placed.scanned_clicks` asks."""
    clicks = by_scanners(session.events, sheet.first.pace, sheet.first.as_of)
    return clicks.aggregate(clicks=(~clicks.machine).sum().fill_null(0))


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
