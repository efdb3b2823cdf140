"""The replica's samples of five KPIs, beside the same questions as plain SQL on the same files.

python -m bench.report [--units 1000000] [--events 3000000] [--rounds 3]

Both read the same Parquet files with the same engine settings, in turns; medians are told.
The plain SQL asks for what the samples hold, and for nothing of the accounting: no reasons,
no units left out, no message of another test. The two have to agree to the last digit.
"""

import argparse
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from experiments.kpis.document import Formula, KpiDocument, Quantity, Term, Text
from experiments.measurement.manifest import (
    Manifest,
    Segment,
    checksum,
    generation_folder,
    write_manifest,
)
from experiments.measurement.measure import MeasureRequest, measure
from experiments.measurement.replica import ReplicaState, read_state
from experiments.measurement.segments import SCHEMAS
from experiments.measurement.session import Session, open_session
from stats.samples import BinomialSample, MeanSample, RatioSample

SENT_AT = datetime(2025, 3, 10, 1, tzinfo=UTC)
SENT = int(SENT_AT.timestamp()) * 1_000_000
HOUR = 3_600_000_000
HOURS = 168
Answer = list[tuple[int, ...]]
NAME = Text("지표", "A KPI")
BACK = (Term("refund", "amount"),)
KPIS = [
    KpiDocument("opens", NAME, "proportion", Formula("open", "occurrence", HOURS), "rate"),
    KpiDocument("orders", NAME, "mean", Formula("purchase", "count", HOURS), "count"),
    KpiDocument(
        "net", NAME, "mean", Formula("purchase", "amount", HOURS, plus=BACK), "money",
        currency="KRW",
    ),
    KpiDocument(
        "aov", NAME, "ratio",
        Formula("purchase", "amount", HOURS, denominator=Quantity("purchase", "count")),
        "money", currency="KRW",
    ),
    KpiDocument("back", NAME, "proportion", Formula("refund", "occurrence", HOURS), "rate"),
]  # fmt: skip
EXPOSURES = """
SELECT i + 1 AS position, format('s-{{:09d}}', i) AS source_id,
       {sent} + (hash(i) % 3600000000)::BIGINT AS occurred_at,
       {sent} + {hour} + (hash(i) % 3600000000)::BIGINT AS received_at, NULL::BIGINT AS import_id,
       format('customer-{{:08d}}', i) AS unit_id, NULL::VARCHAR AS alias, 'sent' AS type,
       'email' AS channel, 1::BIGINT AS experiment_id,
       CASE WHEN hash(i, 1) % 2 = 0 THEN 'a' ELSE 'b' END AS variant,
       NULL::VARCHAR AS properties, NULL::VARCHAR AS expected_variant,
       NULL::VARCHAR AS suppressed_reason, NULL::BIGINT AS value, NULL::VARCHAR AS currency
FROM range({units}) t(i)
"""
EVENTS = """
SELECT {units} + i + 1 AS position, format('e-{{:09d}}', i) AS source_id,
       {sent} + (hash(i, 2) % 720000000000)::BIGINT AS occurred_at,
       {sent} + {hour} + (hash(i, 2) % 720000000000)::BIGINT AS received_at,
       NULL::BIGINT AS import_id,
       format('customer-{{:08d}}', (hash(i, 3) % ({units} * 21 // 20))::BIGINT) AS unit_id,
       NULL::VARCHAR AS alias, kind AS type, 'email' AS channel,
       CASE WHEN kind = 'open' THEN 1::BIGINT END AS experiment_id, NULL::VARCHAR AS variant,
       NULL::VARCHAR AS properties,
       CASE kind WHEN 'purchase' THEN (hash(i, 4) % 100000)::BIGINT
                 WHEN 'refund' THEN -((hash(i, 4) % 100000)::BIGINT) END AS value,
       CASE WHEN kind <> 'open' THEN 'KRW' END AS currency,
       kind = 'open' AND hash(i, 5) % 5 = 0 AS machine
FROM (SELECT i, CASE WHEN hash(i, 6) % 10 < 6 THEN 'open' WHEN hash(i, 6) % 10 < 9
             THEN 'purchase' ELSE 'refund' END AS kind FROM range({events}) t(i))
"""
PLAIN = """
WITH first AS (
  SELECT unit_id, min(occurred_at) AS at, arg_min(variant, (occurred_at, source_id)) AS variant
  FROM exposures WHERE experiment_id = 1 AND type = 'sent' AND suppressed_reason IS NULL
  GROUP BY unit_id),
unit AS (
  SELECT f.unit_id, any_value(f.variant) AS variant,
    coalesce(bool_or(e.type = 'open' AND NOT e.machine), false)::INT AS opened,
    coalesce(bool_or(e.type = 'refund' AND NOT e.machine), false)::INT AS sent_back,
    (count(*) FILTER (e.type = 'purchase' AND NOT e.machine))::DECIMAL(38, 0) AS orders,
    coalesce(sum(e.value::DECIMAL(38, 0)) FILTER (e.type = 'purchase'), 0)::DECIMAL(38, 0) AS spent,
    coalesce(sum(e.value::DECIMAL(38, 0)) FILTER (e.type IN ('purchase', 'refund')), 0)
      ::DECIMAL(38, 0) AS net
  FROM first f LEFT JOIN events e ON e.unit_id = f.unit_id AND e.occurred_at >= f.at
    AND e.occurred_at < f.at + {window}
  GROUP BY f.unit_id)
SELECT variant, count(*), sum(opened), sum(sent_back), sum(orders), sum(orders * orders),
       sum(net), sum(net * net), sum(spent), sum(spent * spent), sum(spent * orders)
FROM unit GROUP BY variant ORDER BY variant
"""


@dataclass(frozen=True)
class Took:
    """Medians, in seconds."""

    plain: float
    anew: float
    warm: float


def made(folder: Path, units: int, events: int) -> ReplicaState:
    """A replica with this many facts, written by the engine itself: it is quick."""
    project = generation_folder(folder, 1) / "project-1"
    project.mkdir(parents=True)
    given = {"units": units, "events": events, "sent": SENT, "hour": HOUR}
    segments = []
    for fact, query, first, count in (
        ("exposure", EXPOSURES, 1, units),
        ("event", EVENTS, units + 1, events),
    ):
        draft = Segment(1, fact, first, first + count - 1, count, 0, "")
        path = generation_folder(folder, 1) / draft.name
        columns = ", ".join(field.name for field in SCHEMAS[fact])
        duckdb.sql(f"COPY (SELECT {columns} FROM ({query.format(**given)})) TO '{path}' "
                   "(FORMAT parquet, COMPRESSION zstd)")  # fmt: skip
        found = Segment(1, fact, first, draft.last, count, path.stat().st_size, checksum(path))
        segments.append(found)
    write_manifest(folder, Manifest("bench", 1).extended(units + events, None, tuple(segments)))
    return read_state(folder)


def request(kpi: KpiDocument) -> MeasureRequest:
    return MeasureRequest(
        project_id=1, experiment_id=1, anchor="sent", variants=("a", "b"),
        as_of=SENT_AT + timedelta(days=20), allocation="external", kpi=kpi, window_hours=HOURS,
    )  # fmt: skip


def ours(session: Session) -> Answer:
    """Per variant what the plain SQL answers."""
    found = [measure(session, request(kpi)).samples for kpi in KPIS]
    return [_numbers([samples[variant] for samples in found]) for variant in ("a", "b")]


def _numbers(samples: list[Any]) -> tuple[int, ...]:
    opens, orders, net, aov, back = samples
    assert isinstance(opens, BinomialSample)
    assert isinstance(back, BinomialSample)
    assert isinstance(orders, MeanSample)
    assert isinstance(net, MeanSample)
    assert isinstance(aov, RatioSample)
    return (
        opens.units, opens.successes, back.successes, orders.total, orders.squares, net.total,
        net.squares, aov.sum_y, aov.sum_yy, aov.sum_xy,
    )  # fmt: skip


def plain(session: Session) -> Answer:
    rows = session.connection.execute(PLAIN.format(window=HOURS * HOUR)).fetchall()
    return [tuple(map(int, row[1:])) for row in rows]


def timed(session: Session, work: Callable[[Session], Answer]) -> tuple[float, Answer]:
    start = time.perf_counter()
    answer = work(session)
    return time.perf_counter() - start, answer


def compare(state: ReplicaState, rounds: int) -> Took:
    """Both in turns, each in a session of its own; the second time in one, units are known."""
    plains, anews, warms = [], [], []
    for _ in range(rounds):
        with open_session(state, 1) as session:
            seconds, theirs = timed(session, plain)
            plains.append(seconds)
        with open_session(state, 1) as session:
            for times in (anews, warms):
                seconds, answer = timed(session, ours)
                times.append(seconds)
                assert answer == theirs, (answer, theirs)
    return Took(*map(statistics.median, (plains, anews, warms)))


def peak_mib() -> float:
    """The largest memory of this process so far."""
    status = Path("/proc/self/status")
    told = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return (int(told[1]) if told else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{given.units:,} units, {given.events:,} events, {len(KPIS)} KPIs")
    with tempfile.TemporaryDirectory() as folder:
        found = compare(made(Path(folder) / "replica", given.units, given.events), given.rounds)
    print(f"{'plain SQL over the same files':<44} {found.plain:>8.2f} s")
    print(f"{'samples and accounting, from nothing':<44} {found.anew:>8.2f} s")
    print(f"{'again in the same session':<44} {found.warm:>8.2f} s")
    print(f"{'from nothing / plain':<44} {found.anew / found.plain:>8.2f}")
    print(f"{'largest memory':<44} {peak_mib():>8.0f} MiB")


if __name__ == "__main__":
    main()
