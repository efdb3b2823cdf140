"""One run of the test: seven days, each with a seventh of the customers, judged every night.

Customers come by day and outcomes by rate as `scenarios` describes the send-time test; nothing
is measured or asked over HTTP. From the counts on, everything is what a report does: looks at the
shares of the plan really seen, their bounds, the goal at the end, the verdict.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.kpis.reading import KpiReading
from experiments.measurement.measure import MeasureRequest
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import KpiGoal
from experiments.registry.plan import Plan
from experiments.reporting.goal_facts import Accounting, Goal
from experiments.reporting.goal_reading import Beside
from experiments.reporting.goals import GoalReading, Measured, analyse_goal
from experiments.reporting.looks import first_shown, kept
from experiments.reporting.report import Look, Verdict
from experiments.reporting.timeline import Day, looks_at
from experiments.reporting.verdict import Evidence, judge
from stats.proportions import compare_proportions
from stats.samples import BinomialSample

UNITS, DAYS, ALPHA = 20_000, 7, 0.05
RATES = {"a": 0.0425, "b": 0.0497}
TWIN = {"a": 0.0425, "b": 0.0425}
FIRST = datetime(2025, 4, 1, 15, 0, tzinfo=UTC)
KPI = KpiDocument(
    key="push-open",
    name=Text("푸시 오픈율", "Push open rate"),
    kind="proportion",
    formula=Formula("open", "occurrence", 24),
    unit_of_measure="rate",
)
GOAL = KpiGoal("push-open", "primary", minimum_effect=Decimal("0.005"))
DRAFT = ExperimentDraft(
    key="send-time",
    name="푸시 발송 시간",
    anchor="sent",
    shape="triggered",
    channels=("app_push",),
    element="send_time",
    variants=(
        Variant("a", "10:00", Decimal("0.5"), control=True),
        Variant("b", "18:00", Decimal("0.5"), control=False),
    ),
    goals=(GOAL,),
    plan=Plan(looks=DAYS, units_planned=2 * UNITS),
)
READING = GoalReading(GOAL, KpiReading.of(KPI), 1, 24)


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes:
        shown: Whether a difference was shown, at a look or at the end.
        better: Whether B was called better.
        day: On which day, from 1; None if never.
        naive_day: The first day with a p-value below 0.05 read alone; None if there was none.
    """

    shown: bool
    better: bool
    day: int | None
    naive_day: int | None


def run(seed: int, rates: dict[str, float]) -> Ending:
    """Let the days pass and read the verdict every night, until it names a difference."""
    days = list(cumulative_days(seed, rates))
    naive = next((number for number, day in enumerate(days, 1) if _alarms(day)), None)
    for number in range(1, DAYS + 1):
        verdict = verdict_on(days[:number])
        if verdict.state.value in {"win", "loss"}:
            return Ending(True, verdict.state.value == "win", number, naive)
    return Ending(False, False, None, naive)


def cumulative_days(seed: int, rates: dict[str, float]) -> Iterator[Day]:
    """Customers and opens until the end of each day, by variant."""
    rng = np.random.Generator(np.random.PCG64(seed))
    met = {arm: rng.multinomial(UNITS, [1 / DAYS] * DAYS) for arm in rates}
    opened = {arm: rng.binomial(met[arm], rate) for arm, rate in rates.items()}
    for number in range(1, DAYS + 1):
        sums = {
            arm: {
                "units": int(met[arm][:number].sum()),
                "total": int(opened[arm][:number].sum()),
                "squares": int(opened[arm][:number].sum()),
            }
            for arm in rates
        }
        yield Day(FIRST + timedelta(days=number - 1), sums)


def verdict_on(days: Sequence[Day]) -> Verdict:
    """What the report of that night says."""
    final = len(days) == DAYS
    looks = looks_at(days, DRAFT, _request(days[-1].at))
    evidence = Evidence(
        goals=(_goal(days[-1], looks, final=final),),
        splits=(),
        opens=(),
        purpose="learn",
        met=days[-1].units,
        final=final,
        look=first_shown(looks),
    )
    return judge(evidence)


def _goal(day: Day, looks: tuple[Look, ...], *, final: bool) -> Goal:
    came = tuple(look.seen for look in looks if look.seen is not None)
    measured = Measured(
        samples={
            arm: BinomialSample(sums["units"], sums["total"]) for arm, sums in day.sums.items()
        },
        accounting=Accounting(0, 0, {}),
        immature={},
        sql="",
        beside=Beside(looks=came),
    )
    found = analyse_goal(DRAFT, READING, measured, final=final)
    return kept(found, looks) if final else found


def _request(as_of: datetime) -> MeasureRequest:
    whom: dict[str, Any] = {"project_id": 1, "experiment_id": 1, "anchor": "sent"}
    return MeasureRequest(
        **whom, variants=("a", "b"), as_of=as_of, allocation="truelift", kpi=KPI, window_hours=24
    )


def _alarms(day: Day) -> bool:
    """What somebody would say who looks every night at the usual level."""
    samples = [BinomialSample(sums["units"], sums["total"]) for sums in day.sums.values()]
    return compare_proportions(samples[0], samples[1]).p_value < ALPHA
