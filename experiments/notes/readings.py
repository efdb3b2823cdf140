"""What was said in each variant: stored notes, and comments that came with events.

A note that names its variant is believed. One of a customer belongs to the variant that the
test showed them first, as for every KPI, if it was said from the anchor on; comments that
came as events likewise. What is said of the test without a customer belongs to no variant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from ibis.expr.types import Table

from experiments.kpis.checks import LONGEST_TEXT
from experiments.kpis.formula import LONGEST_WINDOW_HOURS
from experiments.ledger.instants import microseconds
from experiments.ledger.money import unscaled
from experiments.measurement.anchors import (
    ANALYSED,
    IMMATURE,
    Population,
    instant,
    merged_apart,
    units,
)
from experiments.measurement.formula.windows import HoursWindow
from experiments.measurement.identity import certain
from experiments.measurement.properties import text_at
from experiments.measurement.session import Session
from experiments.notes.kept import StoredNote
from experiments.notes.note import Note
from experiments.notes.said import Readings, Said, by_variant

COMMENT, SCORE = "comment", "score"
MOST_COMMENTS = 5_000
_AT_ONCE = 1_000


def read_in_test(
    session: Session,
    population: Population,
    stored: Sequence[StoredNote],
    kpi: str | None = None,
    *,
    truncated: bool = False,
) -> Readings:
    """Bring together what was said in a test.

    Args:
        session: On the project's facts.
        population: Whom the test met.
        stored: Notes of the test, and of customers, whichever test those are of.
        kpi: Only what explains this KPI, or names none; None: everything.
        truncated: Whether there are more notes than these.

    Raises:
        ReplicaUnreadable, TooMuchToMeasure: As the engine finds.
    """
    met = session.keep("met_by_test", population, lambda: _met(session, population))
    comments = _comments(session, met, population)
    known = {each.note.source_id for each in stored}
    found = [_of_note(each) for each in stored if each.note.said_at <= population.as_of]
    found = _placed(session, met, found)
    found += [each for each in comments[:MOST_COMMENTS] if each.note.source_id not in known]
    if kpi is not None:
        found = [each for each in found if each.note.kpi in {None, kpi}]
    return Readings(
        tuple(by_variant(found, population.variants)),
        truncated=truncated or len(comments) > MOST_COMMENTS,
        as_of=population.as_of,
    )


def _met(session: Session, population: Population) -> Table:
    """Everybody the test met, as for its KPIs."""
    exposures = session.exposures
    window = HoursWindow(LONGEST_WINDOW_HOURS)
    anchored = units(exposures, population, window, merged_apart(exposures, population))
    return anchored.filter(anchored.standing.isin((ANALYSED, IMMATURE)))


def _comments(session: Session, met: Table, population: Population) -> list[Said]:
    events = certain(session.events)
    joined = events.inner_join(met, events.unit_id == met.unit_id, rname="met_{name}")
    text, score = text_at(joined.properties, COMMENT), text_at(joined.properties, SCORE)
    made = joined.filter(
        text.notnull(),
        text.length() > 0,
        joined.occurred_at >= joined.anchor_at,
        joined.occurred_at <= microseconds(population.as_of),
    )
    made = made.select(
        "source_id", "type", "occurred_at", "unit_id", "value", "currency",
        variant=made.met_variant,
        text=text_at(made.properties, COMMENT),
        score=score,
    )  # fmt: skip
    newest = made.order_by(made.occurred_at.desc(), "source_id").limit(MOST_COMMENTS + 1)
    return [_of_event(row) for row in session.rows(newest)]


def _of_event(row: Mapping[str, object]) -> Said:
    note = Note(
        text=str(row["text"])[:LONGEST_TEXT],
        said_at=instant(int(str(row["occurred_at"]))),
        kind="comment",
        unit_id=str(row["unit_id"]),
        score=_score(row),
        source_id=str(row["source_id"]),
    )
    return Said(note, str(row["variant"]), event=str(row["type"]))


def _score(row: Mapping[str, object]) -> Decimal | None:
    """The number of the answer: the event's own, else its property ``score``."""
    if row["value"] is not None and row["currency"] is None:
        return unscaled(int(str(row["value"])), None)
    text = str(row["score"] or "")
    return Decimal(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _of_note(stored: StoredNote) -> Said:
    return Said(stored.note, stored.note.variant, id=stored.id)


def _placed(session: Session, met: Table, found: Sequence[Said]) -> list[Said]:
    """Notes with the variants of their customers; those of other customers fall away."""
    asked = {each.note.unit_id for each in found if _is_of_customer(each.note)} - {None}
    where = _variants_of(session, met, sorted(str(each) for each in asked))
    placed = []
    for each in found:
        note = each.note
        if not _is_of_customer(note):
            placed.append(each)
            continue
        variant, since = where.get(str(note.unit_id), (None, 0))
        if variant is not None and microseconds(note.said_at) >= since:
            placed.append(replace(each, variant=variant))
        elif note.experiment is not None:
            placed.append(each)
    return placed


def _is_of_customer(note: Note) -> bool:
    return note.unit_id is not None and note.variant is None


def _variants_of(
    session: Session, met: Table, ids: Sequence[str]
) -> dict[str, tuple[str | None, int]]:
    found: dict[str, tuple[str | None, int]] = {}
    for first in range(0, len(ids), _AT_ONCE):
        some = met.filter(met.unit_id.isin(tuple(ids[first : first + _AT_ONCE])))
        for row in session.rows(some.select("unit_id", "variant", "anchor_at")):
            found[row["unit_id"]] = (row["variant"], row["anchor_at"])
    return found
