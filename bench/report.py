"""Reports of five KPIs: from what is stored, built anew, and brought up after one more day.

python -m bench.report [--large] [--units 1000000] [--events 3000000] [--rounds 5] [--check]

Beside it stands the same question as plain SQL over the same files, with the same engine
settings, in turns; medians are told, by the clock and, for where other work is done beside,
by the time of the processors. The plain SQL asks for what the samples hold, and for nothing of
the accounting. The two have to agree to the last digit.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from bench.report_aggregates import Beside, beside
from bench.report_facts import BEGIN_AT, DAYS, HOUR, HOURS, KPIS, NAME, Facts, made
from experiments.measurement.anchor_segments import AnchorSegment
from experiments.measurement.measure import MeasureRequest
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import Session, open_session
from experiments.measurement.stored.measured import measure_stored, samples_by_day
from stats.means import compare_means
from stats.proportions import compare_proportions
from stats.ratios import compare_ratios
from stats.samples import BinomialSample, MeanSample

Answer = list[tuple[int, ...]]
Times = tuple[float, float]
_TRIES = 12
SEGMENT = AnchorSegment("sms", NAME, channel="sms")
PLAIN = """
WITH first AS (
  SELECT unit_id, min(occurred_at) AS at, arg_min(variant, (occurred_at, source_id)) AS variant
  FROM exposures WHERE experiment_id = 1 AND type = 'trigger' GROUP BY unit_id),
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
  WHERE f.at + {window} <= {as_of} GROUP BY f.unit_id)
SELECT variant, count(*), sum(opened), sum(sent_back), sum(orders), sum(orders * orders),
       sum(net), sum(net * net), sum(spent), sum(spent * spent), sum(spent * orders)
FROM unit GROUP BY variant ORDER BY variant
"""


@dataclass(frozen=True)
class Took:
    """Medians: seconds, and the peak of memory in MiB."""

    plain: float
    rebuild: float
    refresh: float
    report: float
    later: float
    peak: float


@dataclass
class Setting:
    """The facts, and when a report is made of them."""

    facts: Facts
    days: int

    def requests(self, *, days: int | None = None, **other: Any) -> list[MeasureRequest]:
        """Of all KPIs, at the end of a day, or a little later."""
        as_of = BEGIN_AT + timedelta(days=days or self.days) + other.pop("after", timedelta())
        return [
            MeasureRequest(
                project_id=1, experiment_id=1, anchor="trigger", variants=("a", "b"), as_of=as_of,
                allocation="external", kpi=kpi, window_hours=HOURS, zone="Asia/Seoul", **other,
            )
            for kpi in KPIS
        ]  # fmt: skip

    def forget(self) -> None:
        """Delete what is stored."""
        shutil.rmtree(self.facts.folder / "generation-1" / "stored", ignore_errors=True)


def plain(session: Session, setting: Setting) -> Answer:
    as_of = setting.requests()[0].as_of
    given = {"window": HOURS * HOUR, "as_of": int(as_of.timestamp()) * 1_000_000}
    rows = session.connection.execute(PLAIN.format(**given)).fetchall()
    return [tuple(map(int, row[1:])) for row in rows]


def ours(session: Session, setting: Setting) -> Answer:
    found = [each.samples for each in measure_stored(session, setting.requests())]
    return [_numbers([samples[variant] for samples in found]) for variant in ("a", "b")]


def _numbers(samples: list[Any]) -> tuple[int, ...]:
    opens, orders, net, aov, back = samples
    return (
        opens.units, opens.successes, back.successes, orders.total, orders.squares, net.total,
        net.squares, aov.sum_y, aov.sum_yy, aov.sum_xy,
    )  # fmt: skip


def report(session: Session, setting: Setting, after: timedelta) -> None:
    """Everybody, by day, and one segment: measured and compared."""
    whole = setting.requests(after=after)
    for requests in (whole, setting.requests(after=after, segment=SEGMENT)):
        for found in measure_stored(session, requests):
            compare(found.samples["a"], found.samples["b"])
    by_day = samples_by_day(session, whole)
    assert all(days is not None for days in by_day)


def compare(control: Any, treatment: Any) -> None:
    if isinstance(control, BinomialSample):
        compare_proportions(control, treatment)
    elif isinstance(control, MeanSample):
        compare_means(control, treatment)
    else:
        compare_ratios(control, treatment)


def timed(state: ReplicaState, work: Callable[[Session], Any]) -> tuple[Times, Any]:
    """With the opening of a session."""
    start, used = time.perf_counter(), time.process_time()
    with open_session(state, 1) as session:
        answer = work(session)
    return (time.perf_counter() - start, time.process_time() - used), answer


def measured(setting: Setting, rounds: int) -> tuple[Took, Took]:
    """All in turns: by the clock, and by the time of the processors.

    A round before the others is not counted: it builds and compiles statements, once for a
    process, whatever the size.
    """
    facts = setting.facts
    took: list[tuple[Times, ...]] = []
    for _ in range(1 + rounds):
        now = facts.at(facts.now)
        by_sql, theirs = _plainly(now, setting)
        setting.forget()
        reset_peak()
        rebuilt, answer = timed(now, lambda session: ours(session, setting))
        peak = peak_mib()
        assert answer == theirs, (answer, theirs)
        setting.forget()
        before = setting.requests(days=setting.days - 1)
        timed(facts.at(facts.before), partial(measure_stored, requests=before))
        refreshed, answer = timed(facts.at(facts.now), lambda session: ours(session, setting))
        assert answer == theirs, (answer, theirs)
        now = facts.at(facts.now)
        times = [
            timed(now, partial(report, setting=setting, after=timedelta(minutes=minutes)))[0]
            for minutes in (0, 0, 5)
        ]
        took.append((by_sql, rebuilt, refreshed, *times[1:], (peak, peak)))
    by_clock, by_processors = (
        Took(
            *(
                statistics.median(times[way] for times in each)
                for each in zip(*took[1:], strict=True)
            )
        )
        for way in (0, 1)
    )
    return by_clock, by_processors


def _plainly(state: ReplicaState, setting: Setting) -> tuple[Times, Answer]:
    """The plain query, as often as it takes to find its memory; told is the time that worked.

    Of thirty million events in one blast it fits into 2 GiB one time and not the next.
    """
    for _ in range(_TRIES):
        with suppress(duckdb.OutOfMemoryException):
            return timed(state, lambda session: plain(session, setting))
    message = f"the plain query found too little memory {_TRIES} times"
    raise MemoryError(message)


def reset_peak() -> None:
    """Forget the largest memory so far, where the system can."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib() -> float:
    """The largest memory of this process since."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [told] = [line for line in lines if line.startswith("VmHWM")]
    return int(told.split()[1]) / 1024


def told(
    found: Took, compared: Beside | None, *, large: bool
) -> Iterator[tuple[str, float, float]]:
    """What was measured beside its target: at most this."""
    yield "report, as it was left (s)", found.report, 0.5 if large else 0.15
    yield "report, five minutes later (s)", found.later, 0.5 if large else 0.15
    yield "rebuild / plain SQL", found.rebuild / found.plain, 1.5
    yield "refresh after a day / rebuild", found.refresh / found.rebuild, 0.3
    yield "peak memory / limit", found.peak / 2048, 1.3
    if compared is not None:
        yield "aggregation and statistics / bare", compared.ours / compared.bare, 2.0
        if compared.tea_duckdb is not None and compared.tea_pandas is not None:
            yield "the same / tea-tasting, DuckDB", compared.ours / compared.tea_duckdb, 0.8
            yield "the same / tea-tasting, pandas", compared.ours / compared.tea_pandas, 0.15


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="10 million and 30 million")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    given = parser.parse_args()
    units, events = (10_000_000, 30_000_000) if given.large else (given.units, given.events)
    missed = False
    # Neither the making of facts nor one shape of them counts for the memory of another.
    fresh = ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1)
    with fresh:
        for at_once in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                make = partial(made, Path(folder) / "replica", units, events, at_once=at_once)
                facts = fresh.submit(make).result()
                tell = partial(_missed, facts, given.rounds, large=given.large, at_once=at_once)
                missed |= fresh.submit(tell).result()
    return int(missed and given.check)


def _missed(facts: Facts, rounds: int, *, large: bool, at_once: bool) -> bool:
    """Tell of one shape of facts, and whether any figure misses its target."""
    setting = Setting(facts, 9 if at_once else DAYS)
    shape = "one blast" if at_once else f"entering over {DAYS} days"
    print(f"\n{facts.units:,} exposures, {facts.events:,} events, {shape}", flush=True)
    found, used = measured(setting, rounds)
    setting.forget()
    compared = None if at_once else beside(facts, setting.requests(), compare, rounds)
    print(f"  {found}\n  {compared}\n  processors: {used}", flush=True)
    missed = False
    for what, figure, most in told(found, compared, large=large):
        fails = figure > most
        missed |= fails
        line = f"{what:<40} {figure:>8.3f}   at most {most}{'  MISSED' if fails else ''}"
        print(line, flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
