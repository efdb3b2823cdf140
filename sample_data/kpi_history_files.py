"""The files of the nine months."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from sample_data.audience import Ints
from sample_data.event_rows import EventRows, in_time, numbered, rows_of
from sample_data.kpi_history import (
    COMMENTS,
    ORIGIN,
    REPEATED,
    SEED,
    SOURCES,
    Facts,
    History,
    days,
    make_history,
)
from sample_data.kpi_history_documents import kpi_documents
from sample_data.kpi_history_truth import tell_truth
from sample_data.writing import SampleFiles, Table, event_mapping, event_table, instants


def kpi_history_files(customers: int) -> SampleFiles:
    """Everything that the folder holds."""
    made = make_history(customers)
    events = _repeated(numbered(_events(made)))
    sources = [SOURCES[index] for index in made.sources.tolist()]
    truth = tell_truth(made)
    truth["rows"] |= {
        "events": events.size, "distinct_events": int(np.unique(events.number).size),
    }  # fmt: skip
    return SampleFiles(
        {
            "kpis": kpi_documents(),
            "imports": [{"file": "events.csv", "mapping": event_mapping()}],
            "facts": list(_with_properties(made)),
            "notes": list(_notes(made)),
            "truth": truth,
        },
        {
            "customers": Table(("user_id", "source"), zip(made.unit_ids, sources, strict=True)),
            "events": event_table(events, made.unit_ids, ORIGIN, "he", 0),
            "reported_values": _reported(made),
        },
    )


def _events(made: History) -> EventRows:
    return in_time(
        _rows("visit", made.visits),
        _rows("cart_add", made.carts),
        _rows("purchase", made.orders, made.orders_won),
        _rows("refund", made.refunds, made.refunds_won),
        _rows("sent", made.sent),
        _rows("open", made.opened),
    )


def _rows(kind: str, facts: Facts, won: Ints | None = None) -> EventRows:
    return rows_of(kind, facts.unit, facts.at, won=won)


def _repeated(rows: EventRows) -> EventRows:
    """A few events once more; nothing else is wrong here."""
    rng = np.random.Generator(np.random.PCG64(SEED + 1))
    rows = replace(rows, received=rows.occurred + 5)
    again = rng.permutation(rows.size)[: round(REPEATED * rows.size)]
    whole = rows.followed_by(rows.take(again))
    return whole.take(np.argsort(whole.number, kind="stable"))


def _with_properties(made: History) -> Iterator[dict[str, Any]]:
    """Sign-ups and answers, which say more than a row of a table: as posted to the interface."""
    for unit, at in _told(made.sign_ups):
        source = SOURCES[made.sources[unit]]
        yield _fact(made, f"hs{unit}", unit, "sign_up", at, {"source": source})
    for number, (unit, at) in enumerate(_told(made.answers)):
        score = {"score": int(made.scores[number])}
        yield _fact(made, f"ha{number}", unit, "nps_answer", at, score)


def _told(facts: Facts) -> Iterator[tuple[int, str]]:
    yield from zip(facts.unit.tolist(), instants(ORIGIN, facts.at), strict=True)


def _fact(
    made: History, source_id: str, unit: int, kind: str, at: str, properties: dict[str, Any]
) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "unit_id": made.unit_ids[unit],
        "type": kind,
        "occurred_at": at,
        "properties": properties,
    }


def _notes(made: History) -> Iterator[dict[str, Any]]:
    """What customers wrote beside their answer, as posted to the interface."""
    for number, (unit, at) in enumerate(_told(made.answers)):
        if made.comments[number] >= 0:
            yield {
                "source_id": f"hn{number}",
                "kind": "survey",
                "unit_id": made.unit_ids[unit],
                "kpi": "nps",
                "score": int(made.scores[number]),
                "text": COMMENTS[made.comments[number]],
                "said_at": at,
            }


def _reported(made: History) -> Table:
    """Media cost by day and channel."""
    rows = (
        ("media_cost", day.isoformat(), channel, "", "ad-report", won, "KRW")
        for channel, costs in made.media_won.items()
        for day, won in zip(days(), costs.tolist(), strict=True)
    )
    columns = ("series", "day", "channel", "dimension", "source", "value", "currency")
    return Table(columns, rows)
