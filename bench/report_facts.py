"""Made-up facts for the benchmark of reports, written straight into a replica.

Customers enter over thirty days, as in a triggered test, or all within an hour, as in one
blast; what they do lies within eight days after. The facts arrive in the order in which
they happened, so that those of the last day are the last.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from experiments.kpis.document import Formula, KpiDocument, Quantity, Term, Text
from experiments.measurement.manifest import (
    Manifest,
    Segment,
    generation_folder,
    write_manifest,
)
from experiments.measurement.replica import ReplicaState, read_state
from experiments.measurement.segments import FILES, ROW_GROUP, write
from experiments.measurement.unit_numbers import HALVES

BEGIN_AT = datetime(2025, 3, 10, tzinfo=UTC)
BEGIN = int(BEGIN_AT.timestamp()) * 1_000_000
HOUR = 3_600_000_000
DAY = 24 * HOUR
DAYS = 30
HOURS = 168
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
_COLUMNS = """NULL::BIGINT AS import_id, unit AS unit_id, NULL::VARCHAR AS alias,
  NULL::VARCHAR AS properties, NULL::VARCHAR AS expected_variant,
  NULL::VARCHAR AS suppressed_reason"""
_MET = """SELECT i, format('customer-{{:08d}}', i) AS unit,
  {begin} + (hash(i) % {entering})::BIGINT AS anchor_at FROM range({units}) t(i)"""
_EXPOSURES = """SELECT format('s-{{:09d}}', i) AS source_id, anchor_at AS occurred_at,
  anchor_at + 1000000 AS received_at, 'trigger' AS type,
  CASE WHEN hash(i, 7) % 3 = 0 THEN 'sms' ELSE 'email' END AS channel, 1::BIGINT AS experiment_id,
  CASE WHEN hash(i, 1) % 2 = 0 THEN 'a' ELSE 'b' END AS variant, NULL::BIGINT AS value,
  NULL::VARCHAR AS currency, false AS machine, {columns} FROM ({met})"""
_EVENTS = """SELECT format('e-{{:09d}}', j) AS source_id, done_at AS occurred_at,
  done_at + 1000000 + (hash(j, 8) % 60000000)::BIGINT AS received_at, kind AS type,
  'email' AS channel,
  CASE WHEN kind = 'open' THEN 1::BIGINT END AS experiment_id, NULL::VARCHAR AS variant,
  CASE kind WHEN 'purchase' THEN (hash(j, 4) % 100000)::BIGINT
            WHEN 'refund' THEN -((hash(j, 4) % 100000)::BIGINT) END AS value,
  CASE WHEN kind <> 'open' THEN 'KRW' END AS currency,
  kind = 'open' AND hash(j, 5) % 5 = 0 AS machine, {columns}
FROM (SELECT j, format('customer-{{:08d}}', i) AS unit,
        {begin} + (hash(i) % {entering})::BIGINT + (hash(j, 2) % {lasting})::BIGINT AS done_at,
        CASE WHEN hash(j, 6) % 10 < 6 THEN 'open' WHEN hash(j, 6) % 10 < 9 THEN 'purchase'
             ELSE 'refund' END AS kind
      FROM (SELECT j, (hash(j, 3) % ({units} * 21 // 20))::BIGINT AS i
            FROM range({events}) t(j)))"""


@dataclass(frozen=True)
class Facts:
    """A replica as it was a day before, and as it is.

    Attributes:
        folder: Where it lies.
        units, events: How many exposures and events there are.
    """

    folder: Path
    before: Manifest
    now: Manifest
    units: int
    events: int

    def at(self, manifest: Manifest) -> ReplicaState:
        """The replica at one of the two."""
        write_manifest(self.folder, manifest)
        return read_state(self.folder)


def made(folder: Path, units: int, events: int, *, at_once: bool) -> Facts:
    """A replica with about this many facts, the last day in files of their own."""
    project = generation_folder(folder, 1) / "project-1"
    project.mkdir(parents=True)
    days = 9 if at_once else DAYS
    given = {
        "units": units, "events": events, "begin": BEGIN, "columns": _COLUMNS,
        "entering": HOUR if at_once else DAYS * DAY, "lasting": 8 * DAY,
    }  # fmt: skip
    given["met"] = _MET.format(**given)
    end, cut = BEGIN + days * DAY, BEGIN + (days - 1) * DAY
    parts: list[list[Segment]] = []
    position, counts = 0, {"exposure": 0, "event": 0}
    for since, until in ((0, cut), (cut, end)):
        parts.append([])
        for fact, query in (("exposure", _EXPOSURES), ("event", _EVENTS)):
            rows = query.format(**given)
            rows = f"SELECT * FROM ({rows}) WHERE received_at BETWEEN {since} AND {until - 1}"
            for found in _written(folder, fact, rows, position):
                parts[-1].append(found)
                position, counts[fact] = found.last, counts[fact] + found.rows
    before = Manifest("bench", 1).extended(parts[0][-1].last, None, tuple(parts[0]))
    now = before.extended(position, None, (*parts[0], *parts[1]))
    return Facts(folder, before, now, counts["exposure"], counts["event"])


def _written(folder: Path, fact: str, rows: str, position: int) -> list[Segment]:
    """One segment, or none if there are no such rows."""
    with duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(folder)}) as made_by:
        made_by.execute("SET enable_progress_bar = false")
        columns = ", ".join(field.name for field in FILES[fact])
        place = f"{position} + row_number() OVER (ORDER BY received_at) AS position"
        # Numbers as good as those of units, which the engine cannot find.
        halves = ", ".join(
            f"(hash(unit_id, {seed}) >> 1)::BIGINT AS {name}" for seed, name in enumerate(HALVES)
        )
        numbered = f"SELECT *, {halves}, {place} FROM ({rows})"
        [(count,)] = made_by.execute(f"SELECT count(*) FROM ({rows})").fetchall()
        if not count:
            return []
        found = made_by.sql(f"SELECT {columns} FROM ({numbered}) ORDER BY position")
        batches = found.to_arrow_reader(ROW_GROUP)
        tables = (pa.Table.from_batches([batch]).cast(FILES[fact]) for batch in batches)
        return [write(generation_folder(folder, 1), 1, fact, tables)]
