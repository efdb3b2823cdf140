"""The same rows of units and the same KPIs, added up and compared: by us, bare, by tea-tasting.

tea-tasting is no dependency: where it is not installed, its columns are left out. It adds up
in floating point, and by itself asks for no accounting, no days and no open windows.
"""

import importlib
import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from bench.report_facts import Facts
from experiments.measurement.measure import MeasureRequest
from experiments.measurement.placed import met_since
from experiments.measurement.session import Session, open_session
from experiments.measurement.stored.measured import measure_stored
from experiments.measurement.stored.partitions import read_rows
from experiments.measurement.stored.sheet import Sheet, sheets_of
from experiments.measurement.stored.shelf import Shelf
from experiments.measurement.stored.sums import added_up
from experiments.measurement.telling import samples_of

Compare = Callable[[Any, Any], None]
# By the key of each KPI, the columns that its sums need.
NEEDED = {
    "opens": ("value",), "orders": ("value",), "net": ("value",), "aov": ("value", "below"),
    "back": ("value",),
}  # fmt: skip


@dataclass(frozen=True)
class Beside:
    """Medians, in seconds."""

    ours: float
    bare: float
    tea_duckdb: float | None
    tea_pandas: float | None


def beside(
    facts: Facts, requests: Sequence[MeasureRequest], compare: Compare, rounds: int
) -> Beside:
    """All of them in turns, over what is stored of the requests."""
    took: dict[str, list[float]] = {}
    with open_session(facts.at(facts.now), 1) as session:
        measure_stored(session, requests)
        [sheet] = sheets_of(requests, met_since(session, requests[0]))
        shelf = Shelf(session.state, 1, sheet.name)  # type: ignore[arg-type]  # it is on the replica
        kept = shelf.read()
        assert kept is not None
        paths = [str(shelf.folder / file.name) for file in kept.partitions]
        works: dict[str, Callable[[], object]] = {
            "ours": lambda: ours(session, sheet, shelf, compare),
            "bare": lambda: session.connection.execute(bare(sheet, paths)).fetchall(),
        }
        if importlib.util.find_spec("tea_tasting") is not None:
            works |= tea_tasting(session, sheet, paths, facts.folder / "units.parquet")
        for _ in range(rounds + 2):
            for name, work in works.items():
                start = time.perf_counter()
                work()
                took.setdefault(name, []).append(time.perf_counter() - start)
    # The first of each reads files and imports modules for all that follow.
    found = {name: statistics.median(times[1:]) for name, times in took.items()}
    tea = found.get("tea_duckdb"), found.get("tea_pandas")
    return Beside(found["ours"], found["bare"], *tea)


def ours(session: Session, sheet: Sheet, shelf: Shelf, compare: Compare) -> None:
    kept = shelf.read()
    assert kept is not None
    sums = added_up(session, sheet, read_rows(session, shelf, kept.partitions))
    for request, rows in zip(sheet.requests, sums, strict=True):
        samples = samples_of(rows, request, request.plan)
        compare(samples["a"], samples["b"])


def needed(sheet: Sheet) -> list[tuple[str, str]]:
    """Columns of the stored rows, and a name for each."""
    return [
        (f"k{place}_{name}", f"{request.kpi.key}_{name}")
        for place, request in enumerate(sheet.requests)
        for name in NEEDED[request.kpi.key]
    ]


def bare(sheet: Sheet, paths: Sequence[str]) -> str:
    """Sums and squares of the needed columns, and the one product, by variant."""
    columns = dict(needed(sheet))
    sums = [f"sum({name}), sum({name} * {name})" for name in columns]
    [value] = [name for name, told in columns.items() if told == "aov_value"]
    [below] = [name for name, told in columns.items() if told == "aov_below"]
    return (
        f"SELECT variant, count(*), {', '.join(sums)}, sum({value} * {below}) "
        f"FROM read_parquet({list(paths)}) WHERE closes_at <= {sheet.as_of} GROUP BY variant"
    )


def tea_tasting(
    session: Session, sheet: Sheet, paths: Sequence[str], units: Path
) -> dict[str, Callable[[], object]]:
    """The same KPIs by tea-tasting, over a file of the same rows in floating point."""
    tt: Any = importlib.import_module("tea_tasting")
    pandas: Any = importlib.import_module("pandas")
    columns = ", ".join(f"{name}::DOUBLE AS {told}" for name, told in needed(sheet))
    session.connection.execute(
        f"COPY (SELECT variant, {columns} FROM read_parquet({list(paths)}) "
        f"WHERE closes_at <= {sheet.as_of}) TO '{units}' (FORMAT parquet)"
    )
    experiment = tt.Experiment(
        opens=tt.Mean("opens_value"), orders=tt.Mean("orders_value"), net=tt.Mean("net_value"),
        aov=tt.RatioOfMeans("aov_value", "aov_below"), back=tt.Mean("back_value"),
    )  # fmt: skip
    connection = ibis.duckdb.connect(threads=2)
    return {
        "tea_duckdb": lambda: experiment.analyze(connection.read_parquet(units), control="a"),
        "tea_pandas": lambda: experiment.analyze(pandas.read_parquet(units), control="a"),
    }
