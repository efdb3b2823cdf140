"""The page of a report of a million customers, from its samples: python -m bench.report_page

Five KPIs with their intervals, three weeks of the difference day by day and four planned looks
are analysed and rendered as one HTML file; what reads the samples is bench.report's. Beside it
stands the bare template: the same page, with everything it is filled with at hand.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from flask import Flask, render_template

from api.app import create_app
from api.pages.figures import Figures
from api.pages.report import report_context
from api.pages.standalone import standalone_page, style
from api.settings import Settings
from experiments import __version__
from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.kpis.reading import KpiReading
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import KpiGoal
from experiments.registry.plan import Plan
from experiments.reporting.families import Sample, family_of
from experiments.reporting.goal_facts import Accounting
from experiments.reporting.goals import GoalReading, Measured, analyse_goal
from experiments.reporting.health import check_splits
from experiments.reporting.health_facts import Health
from experiments.reporting.looks import Due, first_shown, judged_looks
from experiments.reporting.report import Provenance, Report, Timeline, TimelinePoint
from experiments.reporting.setting import Setting
from experiments.reporting.verdict import Evidence, judge
from stats.samples import BinomialSample, MeanSample

UNITS, DAYS, LOOKS = 1_000_000, 21, 4
ZONE, BAR_SECONDS = "Asia/Seoul", 0.5
BEGAN = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
RATES = {
    "open": (0.177, 0.18, "primary"),
    "click": (0.02, 0.0203, "secondary"),
    "purchase": (0.006, 0.0061, "secondary"),
    "unsubscribe": (0.0025, 0.0025, "guardrail"),
}
REVENUE = "revenue"
Samples = dict[str, dict[str, Sample]]


def documents() -> dict[str, KpiDocument]:
    """Five KPIs by key."""
    found = {
        key: KpiDocument(key, Text(f"지표 {key}", f"KPI {key}"), "proportion",
                         Formula(key, "occurrence", 72), "rate",
                         direction="down" if role == "guardrail" else "up")
        for key, (*_, role) in RATES.items()
    }  # fmt: skip
    revenue = Formula("purchase", "amount", 72)
    name = Text("고객당 매출", "Revenue per customer")
    return found | {REVENUE: KpiDocument(REVENUE, name, "mean", revenue, "money", currency="KRW")}


def draft() -> ExperimentDraft:
    """A test of two variants with looks."""
    goals = [
        KpiGoal(key, role, margin=Decimal("0.001") if role == "guardrail" else None)
        for key, (*_, role) in RATES.items()
    ]
    return ExperimentDraft(
        key="million", name="A million customers", anchor="sent", shape="triggered",
        channels=("email",),
        variants=(Variant("a", "A", Decimal("0.5"), control=True),
                  Variant("b", "B", Decimal("0.5"), control=False)),
        goals=(*goals, KpiGoal(REVENUE, "secondary")),
        plan=Plan(looks=LOOKS, units_planned=UNITS),
    )  # fmt: skip


def samples(units: int) -> Samples:
    """The sums of so many customers, half in each variant."""
    half = units // 2
    found: Samples = {
        key: {
            arm: BinomialSample(half, round(half * rate))
            for arm, rate in (("a", one), ("b", other))
        }
        for key, (one, other, _) in RATES.items()
    }
    squares = half * (15_300**2 + 2_600**2) // 2 * 2
    return found | {
        REVENUE: {arm: MeanSample(half, half * mean, squares)
                  for arm, mean in (("a", 2_600), ("b", 2_640))}
    }  # fmt: skip


def report_of(found: Samples) -> Report:
    """The whole analysis, from samples on."""
    test, kpis = draft(), documents()
    goals = tuple(
        analyse_goal(
            test,
            GoalReading(goal, KpiReading.of(kpis[goal.kpi]), 1, 72),
            Measured(found[goal.kpi], Accounting(1000, 1000, {}), {}, "SELECT 1"),
            final=True,
        )
        for goal in test.goals
    )
    timeline = _timeline(test)
    splits = check_splits(
        "sent", {"sent": {"a": UNITS // 2, "b": UNITS // 2}}, {"a": 1, "b": 1}, 0.2
    )
    look = first_shown(timeline.looks)
    evidence = Evidence(goals, splits, (), "learn", UNITS, final=True, look=look)
    until = BEGAN + timedelta(days=DAYS + 3)
    versions = dict.fromkeys(kpis, 1)
    return Report(
        experiment=test.key, name=test.name, hypothesis="", state="stopped", shape=test.shape,
        purpose=test.purpose, anchor=test.anchor, channels=test.channels, control="a",
        variants={"a": "A", "b": "B"}, as_of=until, started_at=BEGAN, stopped_at=until, final=True,
        verdict=judge(evidence), goals=goals,
        health=Health(splits, None, {}, 0, {}, 0, until, 1.0, None), warnings=(),
        provenance=Provenance("bench", 4 * UNITS, 1, versions, __version__, ZONE, "", 0.05, "none"),
        timeline=timeline,
    )  # fmt: skip


def _timeline(test: ExperimentDraft) -> Timeline:
    points, due = [], []
    for day in range(1, DAYS + 1):
        at, units = BEGAN + timedelta(days=day), UNITS * day // DAYS
        primary = samples(units)["open"]
        setting = Setting(test, family_of("proportion"), "up", primary, UNITS, "proportion")
        points.append(TimelinePoint(at, "b", units, 0.003, None, None))
        if day * LOOKS // DAYS > len(due):
            due.append(Due(len(due) + 1, at, units / UNITS, setting))
    return Timeline("open", tuple(points), judged_looks(due, LOOKS))


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median of some rounds."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> int:
    """Print what takes how long; status 1 if the page takes longer than the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        app = _application(Path(folder))
        with app.test_request_context("/?lang=ko"):
            return _timed(rounds)


def _timed(rounds: int) -> int:
    found = samples(UNITS)
    report = report_of(found)
    context = report_context(report, Figures("ko", ZONE))
    filled = dict(context)
    first = seconds(lambda: standalone_page(report_of(found), "ko"), 1)
    whole = seconds(lambda: standalone_page(report_of(found), "ko"), rounds)
    page = seconds(lambda: standalone_page(replace(report), "ko"), rounds)
    bare = seconds(lambda: render_template("export.html", **filled, style=style()), rounds)
    size = len(standalone_page(report, "ko").encode()) / 1024
    print(f"{UNITS:,} customers, {len(found)} KPIs, {DAYS} days; the page has {size:.0f} KiB")
    print(f"samples to HTML, the first time   {first * 1000:7.1f} ms")
    print(
        f"samples to HTML                   {whole * 1000:7.1f} ms (bar: {BAR_SECONDS * 1000:.0f})"
    )
    print(f"report to HTML                    {page * 1000:7.1f} ms")
    print(f"bare template, everything at hand {bare * 1000:7.1f} ms")
    return 0 if whole <= BAR_SECONDS else 1


def _application(folder: Path) -> Flask:
    url = f"sqlite:///{folder}/none.db"
    return create_app(
        Settings(home=folder, database_url=url, secret_key="k" * 32, background=False)
    )


if __name__ == "__main__":
    sys.exit(main())
