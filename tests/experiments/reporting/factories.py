"""Example reports, one for every state of the evidence, made by the real analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.kpis.reading import KpiReading
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import GoalTarget, KpiGoal
from experiments.registry.plan import Plan
from experiments.registry.preflight import StartWarning
from experiments.reporting.families import Sample
from experiments.reporting.goal_facts import Accounting, Goal
from experiments.reporting.goals import GoalReading, Measured, analyse_goal
from experiments.reporting.group_facts import SegmentRead
from experiments.reporting.health import check_splits, compare_all_opens
from experiments.reporting.health_facts import Health
from experiments.reporting.quality import (
    Arrival,
    ContactPressure,
    Machines,
    Quality,
    Scanners,
    TwoVariants,
)
from experiments.reporting.report import Provenance, Report, State
from experiments.reporting.verdict import Evidence, judge
from stats.opens import OpenCounts
from stats.samples import BinomialSample, MeanSample
from stats.segments import LEAST_UNITS

STARTED = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
CLOSES = datetime(2025, 3, 13, 1, 0, tzinfo=UTC)
DURING = datetime(2025, 3, 12, 3, 30, tzinfo=UTC)
AFTER = datetime(2025, 3, 13, 3, 30, tzinfo=UTC)
WARNINGS = (
    StartWarning("no_owner", "owner"),
    StartWarning("small_list", "plan.units_planned", {"units": 3000}),
)


@dataclass(frozen=True)
class Kpi:
    """A KPI in its role, with the samples met, in the order of the variants."""

    key: str
    name: Text
    samples: tuple[Sample, ...]
    role: str = "primary"
    unit: str = "rate"
    currency: str | None = None
    direction: str = "up"
    minimum: str | None = None
    target: str | None = None
    margin: str | None = None
    window_hours: int = 72

    def document(self) -> KpiDocument:
        rate = self.unit == "rate"
        value = "occurrence" if rate else ("amount" if self.unit == "money" else "count")
        return KpiDocument(
            key=self.key,
            name=self.name,
            kind="proportion" if rate else "mean",
            formula=Formula(self.key, value, self.window_hours),
            unit_of_measure=self.unit,
            currency=self.currency,
            direction=self.direction,
        )

    def goal(self) -> KpiGoal:
        return KpiGoal(
            kpi=self.key,
            role=self.role,
            minimum_effect=None if self.minimum is None else Decimal(self.minimum),
            target=None if self.target is None else GoalTarget(Decimal(self.target)),
            margin=None if self.margin is None else Decimal(self.margin),
        )


def rates(*counts: tuple[int, int]) -> tuple[Sample, ...]:
    """Samples of units and successes."""
    return tuple(BinomialSample(units, successes) for units, successes in counts)


def means(*moments: tuple[int, int, int]) -> tuple[Sample, ...]:
    """Samples of units, mean and standard deviation, all whole numbers."""
    samples = []
    for units, mean, deviation in moments:
        total = units * mean
        squares = (units - 1) * deviation**2 + units * mean**2
        samples.append(MeanSample(units, total, squares + (squares - total) % 2))
    return tuple(samples)


OPEN_RATE = Text("오픈율", "Open rate")
OPENS = Kpi(
    "human_open", OPEN_RATE, rates((30_000, 5_319), (30_000, 6_117)), target="0.197",
    minimum="0.01",
)  # fmt: skip
CLICKS = Kpi(
    "click", Text("클릭률", "Click rate"), rates((30_000, 640), (30_000, 742)), role="secondary"
)
BUYERS = Kpi(
    "conversion", Text("구매 전환율", "Purchase conversion"), rates((30_000, 51), (30_000, 60)),
    role="secondary",
)  # fmt: skip
UNSUBSCRIBES = Kpi(
    "unsubscribe", Text("수신거부", "Unsubscribes"), rates((30_000, 75), (30_000, 72)),
    role="guardrail", direction="down", margin="0.001",
)  # fmt: skip
MORE_UNSUBSCRIBES = replace(UNSUBSCRIBES, samples=rates((30_000, 120), (30_000, 195)))
MORE_BUYERS = replace(BUYERS, role="primary", minimum="0.005")
REVENUE = Kpi(
    "net_revenue", Text("쿠폰 비용을 뺀 매출", "Revenue after coupon costs"),
    means((30_000, 2_652, 15_300), (30_000, 3_044, 17_800)),
    unit="money", currency="KRW", minimum="200", window_hours=720,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What a report is made of; the defaults are the subject-line test, at its end."""

    kpis: tuple[Kpi, ...] = (OPENS, CLICKS, BUYERS, UNSUBSCRIBES)
    names: tuple[str, ...] = ("A안", "B안")
    sent: tuple[int, ...] = (30_000, 30_000)
    opens: tuple[OpenCounts, ...] = ()
    immature: tuple[int, ...] = (0, 0)
    final: bool = True
    purpose: str = "learn"
    started_at: datetime | None = STARTED
    anchor: str = "sent"
    warnings: tuple[StartWarning, ...] = field(default=())
    segment: SegmentRead | None = None
    shape: str = "one_blast"
    as_of: datetime = AFTER
    quality: Quality | None = None
    ended: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple("abcdefghij"[: len(self.names)])


def draft_of(case: Case) -> ExperimentDraft:
    weights = [Decimal(1) / len(case.names)] * len(case.names)
    pairs = zip(case.keys, case.names, weights, strict=True)
    return ExperimentDraft(
        key="subject-line",
        name="3월 혜택 메일 제목",
        hypothesis="기한을 제목에 쓰면 더 많이 열어 본다.",
        anchor=case.anchor,
        shape=case.shape,
        channels=("email",),
        purpose=case.purpose,
        variants=tuple(Variant(key, name, weight, key == "a") for key, name, weight in pairs),
        goals=tuple(kpi.goal() for kpi in case.kpis),
        plan=Plan(),
    )


def goal_of(case: Case, kpi: Kpi) -> Goal:
    samples = dict(zip(case.keys, kpi.samples, strict=True))
    used = sum(_events(sample) for sample in samples.values())
    excluded = _excluded(kpi) if used else {}
    measured = Measured(
        samples=samples,
        accounting=Accounting(used + sum(excluded.values()), used, excluded),
        immature=dict(zip(case.keys, case.immature, strict=True)),
        sql=f"SELECT count(*) FROM events WHERE type = '{kpi.key}'",
        least_units=0 if case.segment is None else LEAST_UNITS,
    )
    reading = GoalReading(kpi.goal(), KpiReading.of(kpi.document()), 1, kpi.window_hours)
    ended = case.final or case.ended
    return analyse_goal(draft_of(case), reading, measured, final=case.final, ended=ended)


def _events(sample: Sample) -> int:
    """Some of those who did it did it twice."""
    did = sample.successes if isinstance(sample, BinomialSample) else sample.units // 10
    return did * 6 // 5


def _excluded(kpi: Kpi) -> dict[str, int]:
    by_machines = {"machine": 1_204} if kpi.key in {"human_open", "click"} else {}
    return {"never_assigned": 20, "after_window": 31} | by_machines


def report_of(case: Case) -> Report:
    """The report of a case, judged as any other."""
    draft = draft_of(case)
    goals = tuple(goal_of(case, kpi) for kpi in case.kpis)
    health = _health(case)
    evidence = Evidence(
        goals,
        health.splits,
        health.opens or (),
        case.purpose,
        sum(case.sent),
        case.final,
        one_segment=case.segment is not None,
    )
    return Report(
        experiment=draft.key,
        name=draft.name,
        hypothesis=draft.hypothesis,
        state="stopped" if case.final else ("running" if case.started_at else "draft"),
        shape=draft.shape,
        purpose=draft.purpose,
        anchor=draft.anchor,
        channels=draft.channels,
        control="a",
        variants=dict(zip(case.keys, case.names, strict=True)),
        as_of=case.as_of,
        started_at=case.started_at,
        stopped_at=case.as_of if case.final else None,
        final=case.final,
        verdict=judge(evidence),
        goals=goals,
        health=health,
        warnings=case.warnings,
        provenance=_provenance(case),
        segment=case.segment,
    )


QUALITY = Quality(
    two_variants=TwoVariants(640, 0.0107, {"a": 0.004, "b": 0.017}, "alarm"),
    machines=(
        Machines("open", {"a": 0.2, "b": 0.27}, 1e-9, differs=True),
        Machines("click", {"a": 0.01, "b": 0.01}, 0.4, differs=False),
    ),
    scanners=Scanners(3, 2, 1_204),
    contacts=ContactPressure({"a": {"email": 1.0}, "b": {"email": 2.5}}, 0.0, differs=True),
    merged_apart=4,
    arrivals=(Arrival("open", 95.0, AFTER, 0.004), Arrival("purchase", None, AFTER, None)),
    watermark=AFTER,
    exposures_left_out={"unknown_identity": 12, "ambiguous_identity": 3},
    withdrawn=2_000,
    erased=7,
)
"""Data with everything wrong that there is a sentence for."""


def quiet(case: Case) -> Quality:
    """Data with nothing wrong, in agreement with the other numbers of the case."""
    met = sum(case.sent)
    of_machines = {
        key: found.by_machines / found.sent
        for key, found in zip(case.keys, case.opens, strict=False)
        if found.sent
    }
    machines = [Machines("open", of_machines, 0.4, differs=False)] if of_machines else []
    return Quality(
        two_variants=TwoVariants(8, 8 / met, dict.fromkeys(case.keys, 8 / met), "fine"),
        machines=(*machines, Machines("click", dict.fromkeys(case.keys, 0.01), 0.4, differs=False)),
        scanners=Scanners(3, 2, 1_204),
        contacts=ContactPressure({key: {"email": 1.0} for key in case.keys}, 1.0, differs=False),
        merged_apart=0,
        arrivals=(Arrival("open", 95.0, case.as_of, 0.004),),
        watermark=case.as_of,
        exposures_left_out={"unknown_identity": 12},
        withdrawn=0,
        erased=0,
    )


def _health(case: Case) -> Health:
    counts: Mapping[str, Mapping[str, int]] = {
        "assigned": dict.fromkeys(case.keys, max(case.sent)),
        "sent": dict(zip(case.keys, case.sent, strict=True)),
    }
    waiting, met = sum(case.immature), sum(case.sent)
    opens = dict(zip(case.keys, case.opens, strict=True)) if case.opens else None
    return Health(
        splits=check_splits(case.anchor, counts, dict.fromkeys(case.keys, 1.0), 0.19),
        opens=None if opens is None else compare_all_opens("a", opens, 0.95),
        two_variants={"a": 3, "b": 5} if met else {},
        other_variant=2 if met else 0,
        suppressed={"capped": 120, "no_consent": 14} if met else {},
        duplicates=905 if met else 0,
        last_received_at=case.as_of if met else None,
        mature_share=1 - waiting / met if met else None,
        matures_at=CLOSES if waiting else None,
        quality=(case.quality or quiet(case)) if met else None,
    )


def _provenance(case: Case) -> Provenance:
    return Provenance(
        ledger_identity="9f2c1e6a7b8d4c3e",
        ledger_position=182_331,
        experiment_revision=4,
        kpi_versions={kpi.key: 1 for kpi in case.kpis},
        code_version="0.1.0",
        time_zone="Asia/Seoul",
        time_zone_data="2025b",
        alpha=0.05,
        correction="dunnett",
    )


def _with(**changes: object) -> Case:
    return replace(Case(), **changes)  # type: ignore[arg-type]  # checked by the dataclass' users


MACHINES = (OpenCounts(30_000, 10_385, 5_319, 6_176), OpenCounts(30_000, 11_013, 6_117, 6_170))
FLIPPED = (OpenCounts(30_000, 11_400, 5_319, 7_700), OpenCounts(30_000, 11_013, 6_117, 6_170))

CASES: dict[State, Case] = {
    State.WIN: Case(opens=MACHINES, warnings=WARNINGS),
    State.LOSS: _with(
        kpis=(replace(MORE_BUYERS, samples=rates((30_000, 1_800), (30_000, 1_560))),)
    ),
    State.NO_DIFFERENCE: _with(
        kpis=(replace(OPENS, samples=rates((30_000, 5_319), (30_000, 5_334)), target=None),)
    ),
    State.TOO_SMALL: _with(
        kpis=(replace(MORE_BUYERS, samples=rates((1_500, 90), (1_500, 95))),), sent=(1_500, 1_500)
    ),
    State.TOO_EARLY: _with(
        kpis=(
            replace(OPENS, samples=rates((12_300, 2_181), (12_300, 2_508))),
            replace(CLICKS, samples=rates((12_300, 262), (12_300, 304))),
            replace(BUYERS, samples=rates((12_300, 21), (12_300, 25))),
            replace(UNSUBSCRIBES, samples=rates((12_300, 31), (12_300, 30))),
        ),
        final=False, immature=(17_700, 17_700), shape="triggered", as_of=DURING,
    ),
    State.SPLIT_BROKEN: _with(
        kpis=(
            replace(OPENS, samples=rates((29_100, 5_158), (30_900, 6_300))),
            replace(UNSUBSCRIBES, samples=rates((29_100, 73), (30_900, 75))),
        ),
        sent=(29_100, 30_900),
    ),
    State.OPENS_UNRELIABLE: _with(opens=FLIPPED),
    State.HARMFUL: _with(
        kpis=(
            replace(OPENS, samples=rates((30_000, 5_319), (30_000, 5_334))), MORE_UNSUBSCRIBES,
        )
    ),
    State.TRADE_OFF: _with(
        kpis=(
            REVENUE,
            MORE_UNSUBSCRIBES,
            replace(BUYERS, samples=rates((30_000, 1_800), (30_000, 1_560))),
        )
    ),
    State.CHOICE: _with(
        purpose="choose", kpis=(replace(OPENS, samples=rates((1_500, 266), (1_500, 290))),),
        sent=(1_500, 1_500),
    ),
    State.NO_DATA: _with(
        kpis=(replace(OPENS, samples=rates((0, 0), (0, 0))),), sent=(0, 0), final=False
    ),
    State.NO_ANSWER: _with(
        kpis=(replace(OPENS, samples=rates((30_000, 5_319), (0, 0))),), sent=(30_000, 30_000)
    ),
    State.ONE_SEGMENT: _with(
        kpis=(replace(OPENS, samples=rates((3_000, 957), (3_000, 1_101))),),
        segment=SegmentRead("vip", Text("VIP 고객", "VIP customers"), 6_000),
    ),
}  # fmt: skip


def example(state: State) -> Report:
    """A report in that state."""
    return report_of(CASES[state])


THREE_ARMS = _with(
    names=("미발송 대조군", "남성 메일", "여성 메일"),
    anchor="assignment",
    sent=(21_306, 21_307, 21_387),
    immature=(0, 0, 0),
    kpis=(
        Kpi(
            "visit", Text("방문율", "Visits"),
            rates((21_306, 2_262), (21_307, 3_894), (21_387, 3_238)), minimum="0.01",
            window_hours=336,
        ),
    ),
)  # fmt: skip

LEAVERS = Kpi(
    "churn", Text("이탈률", "Churn"), rates((30_000, 1_800), (30_000, 1_560)), direction="down",
    minimum="0.005",
)  # fmt: skip
REVISITS = replace(
    OPENS, key="revisit", name=Text("재방문율", "Revisits"), target="0.130",
    samples=rates((20_000, 2_400), (20_000, 2_580)),
)  # fmt: skip
THREE_NAMES = ("A안", "B안", "C안")
THREE_SENT = {"names": THREE_NAMES, "sent": (20_000,) * 3, "immature": (0, 0, 0)}
THREE_OPENS = replace(OPENS, target=None)

VARIATIONS: dict[str, Case] = {
    "target_missed": _with(
        kpis=(replace(REVISITS, samples=rates((40_000, 4_800), (40_000, 5_040))),),
        sent=(40_000, 40_000),
    ),
    "target_nearly": _with(kpis=(REVISITS,), sent=(20_000, 20_000)),
    "lower_is_better": _with(kpis=(LEAVERS,)),
    "money": _with(kpis=(REVENUE,)),
    "guardrail_unsure": _with(
        kpis=(OPENS, replace(UNSUBSCRIBES, samples=rates((30_000, 75), (30_000, 93)))),
    ),
    "three_arms": THREE_ARMS,
    "best_is_harmful": _with(
        **THREE_SENT,
        kpis=(
            replace(THREE_OPENS, samples=rates((20_000, 3_540), (20_000, 3_900), (20_000, 4_200))),
            replace(UNSUBSCRIBES, samples=rates((20_000, 80), (20_000, 78), (20_000, 180))),
        ),
    ),
    "all_worse": _with(
        **THREE_SENT,
        kpis=(
            replace(THREE_OPENS, samples=rates((20_000, 4_000), (20_000, 3_600), (20_000, 3_500))),
        ),
    ),
    "none_better": _with(
        **THREE_SENT,
        kpis=(
            replace(THREE_OPENS, samples=rates((20_000, 4_000), (20_000, 4_010), (20_000, 3_500))),
        ),
    ),
    "fewer_buyers": _with(
        kpis=(
            replace(OPENS, samples=rates((30_000, 5_319), (30_000, 5_334))),
            replace(
                BUYERS, role="guardrail", margin="0.005",
                samples=rates((30_000, 1_800), (30_000, 1_560)),
            ),
        ),
    ),
    "no_primary": _with(kpis=(CLICKS,)),
    "not_started": _with(
        kpis=(replace(OPENS, samples=rates((0, 0), (0, 0))),), sent=(0, 0), final=False,
        started_at=None,
    ),
    "any_names": _with(names=("VIP 10%", "내일 끝나요"), kpis=(OPENS,)),
}  # fmt: skip
"""Reports in the same states that are told otherwise, by what is special about them."""
