"""The same units and the same KPIs, added up and compared: by us, bare, by tea-tasting.

Each begins with the values of units in files, and ends with the samples of two variants; all
but the bare one with the five comparisons. Ours reads the rows as they are kept, opens the
manifest, and adds up by day, variant and standing, to the last digit, with everything else
that is told of a unit. The others read a file of their own that has what they need and no
more: the variant and the values of those whose windows are closed, for the bare sums and
squares as whole numbers, for tea-tasting in floating point.

tea-tasting is no dependency: where it is not installed, its columns are left out.
"""

import importlib
import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ibis

from bench.report_facts import Facts
from experiments.measurement.measure import MeasureRequest
from experiments.measurement.placed import met_since
from experiments.measurement.session import Session, open_session
from experiments.measurement.stored.layout import layout_of
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
        [sheet] = sheets_of(requests, partial(met_since, session, requests[0]))
        shelf = Shelf(session.state, 1, sheet.name)  # type: ignore[arg-type]  # it is on the replica
        kept = shelf.read()
        assert kept is not None
        rows = read_rows(shelf, kept.partitions)
        whole, real = (
            table_of(session, sheet, rows, type_, facts.folder / f"{type_}.parquet")
            for type_ in ("BIGINT", "DOUBLE")
        )
        works: dict[str, Callable[[], object]] = {
            "ours": lambda: ours(session, sheet, shelf, compare),
            "bare": lambda: session.connection.execute(bare(whole)).fetchall(),
        }
        if importlib.util.find_spec("tea_tasting") is not None:
            works |= tea_tasting(real)
        names = list(works)
        for number in range(rounds + 4):
            # Another begins each round: whoever comes after pandas finds the caches cold.
            first = number % len(names)
            for name in (*names[first:], *names[:first]):
                start = time.perf_counter()
                works[name]()
                took.setdefault(name, []).append(time.perf_counter() - start)
    # The first of each reads files and imports modules for all that follow.
    found = {name: statistics.median(times[1:]) for name, times in took.items()}
    tea = found.get("tea_duckdb"), found.get("tea_pandas")
    return Beside(found["ours"], found["bare"], *tea)


def ours(session: Session, sheet: Sheet, shelf: Shelf, compare: Compare) -> None:
    kept = shelf.read()
    assert kept is not None
    sums = added_up(session, sheet, read_rows(shelf, kept.partitions))
    for request, rows in zip(sheet.requests, sums, strict=True):
        samples = samples_of(rows, request, request.plan)
        compare(samples["a"], samples["b"])


def table_of(session: Session, sheet: Sheet, rows: str, type_: str, path: Path) -> Path:
    """Write the values of our stored rows as columns, of those whose windows are closed."""
    layout = layout_of(sheet)

    def column(name: str) -> str:
        if name not in layout.bits:
            return layout.held(name)
        at, width = layout.bits[name]
        return f"((alike >> {at}) & {2**width - 1})"

    columns = ", ".join(
        f"{column(f'k{place}_{name}')}::{type_} AS {request.kpi.key}_{name}"
        for place, request in enumerate(sheet.requests)
        for name in NEEDED[request.kpi.key]
    )
    variant = f"CASE {column('variant')} WHEN 0 THEN 'a' ELSE 'b' END AS variant"
    session.connection.execute(
        f"COPY (SELECT {variant}, {columns} FROM ({rows}) WHERE closes_at <= {sheet.as_of}) "
        f"TO '{path}' (FORMAT parquet)"
    )
    return path


def bare(units: Path) -> str:
    """Sums and squares of the needed columns, and the one product, by variant."""
    columns = [f"{key}_{name}" for key, names in NEEDED.items() for name in names]
    sums = ", ".join(f"sum({name}), sum({name} * {name})" for name in columns)
    return (
        f"SELECT variant, count(*), {sums}, sum(aov_value * aov_below) "
        f"FROM read_parquet('{units}') GROUP BY variant"
    )


def tea_tasting(units: Path) -> dict[str, Callable[[], object]]:
    """The same KPIs by tea-tasting."""
    tt: Any = importlib.import_module("tea_tasting")
    pandas: Any = importlib.import_module("pandas")
    experiment = tt.Experiment(
        opens=tt.Mean("opens_value"), orders=tt.Mean("orders_value"), net=tt.Mean("net_value"),
        aov=tt.RatioOfMeans("aov_value", "aov_below"), back=tt.Mean("back_value"),
    )  # fmt: skip
    connection = ibis.duckdb.connect(threads=2)
    return {
        "tea_duckdb": lambda: experiment.analyze(connection.read_parquet(units), control="a"),
        "tea_pandas": lambda: experiment.analyze(pandas.read_parquet(units), control="a"),
    }
