"""Tests whose samples make the verdict said otherwise than in the kept reports."""

from collections.abc import Iterator
from dataclasses import replace

from experiments.kpis.document import Text
from experiments.registry.experiment import ANCHORS
from experiments.reporting.families import Sample
from experiments.reporting.group_facts import SegmentRead
from experiments.reporting.report import State
from stats.opens import OpenCounts
from tests.experiments.reporting.factories import (
    BUYERS,
    CASES,
    LEAVERS,
    MACHINES,
    MORE_UNSUBSCRIBES,
    OPENS,
    REVENUE,
    THREE_OPENS,
    UNSUBSCRIBES,
    VARIATIONS,
    Case,
    Kpi,
    means,
    rates,
)  # fmt: skip

_UNSURE = replace(UNSUBSCRIBES, samples=rates((30_000, 75), (30_000, 93)))
_COMPLAINTS = replace(MORE_UNSUBSCRIBES, key="complaint", name=Text("스팸 신고", "Complaints"))
_ALIKE = CASES[State.NO_DIFFERENCE].kpis[0]
_THREE = Case(names=("A안", "B안", "C안"), sent=(20_000,) * 3, immature=(0, 0, 0))


def judged() -> Iterator[tuple[str, Case]]:
    """By what is special about them."""
    yield "no difference, guardrail unsure", Case(kpis=(_ALIKE, _UNSURE))
    yield (
        "target missed, guardrail unsure",
        replace(VARIATIONS["target_missed"], kpis=(*VARIATIONS["target_missed"].kpis, _UNSURE)),
    )
    yield "lower is better, target missed", Case(kpis=(replace(LEAVERS, target="0.04"),))
    yield "lower is better, target missed by little", Case(kpis=(replace(LEAVERS, target="0.051"),))
    yield "lower is better, target reached", Case(kpis=(replace(LEAVERS, target="0.06"),))
    yield "better without, harmful behind", _three((3_540, 4_200, 3_900), (80, 78, 180))
    yield "two winners", _three((3_540, 4_200, 3_900), (80, 78, 79))
    yield "two are harmful", _three((3_540, 3_560, 3_550), (80, 190, 180))
    yield (
        "harmful twice",
        Case(kpis=(_ALIKE, MORE_UNSUBSCRIBES, _COMPLAINTS)),
    )
    yield (
        "one of three without customers",
        replace(_THREE, kpis=(replace(THREE_OPENS, samples=_opens(3_540, 3_545, None)),)),
    )
    yield "nobody did anything", Case(kpis=(replace(BUYERS, role="primary", samples=_nobody()),))
    yield (
        "everybody spends the same",
        Case(kpis=(replace(REVENUE, samples=means((500, 0, 0), (500, 0, 0))),)),
    )
    yield "the control is empty", Case(kpis=(replace(OPENS, samples=rates((0, 0), (90, 9))),))
    yield (
        "as many as are needed",
        Case(kpis=(replace(OPENS, samples=rates((30_000, 5_319), (30_000, 5_460)), target=None),)),
    )
    yield "too few of a fast KPI", replace(CASES[State.CHOICE], purpose="learn")
    yield (
        "too few, no minimum effect",
        replace(
            CASES[State.TOO_SMALL], kpis=(replace(CASES[State.TOO_SMALL].kpis[0], minimum=None),)
        ),
    )
    yield (
        "the control is ahead",
        replace(
            CASES[State.CHOICE],
            kpis=(replace(OPENS, samples=rates((1_500, 290), (1_500, 266)), target=None),),
        ),
    )
    yield (
        "a guardrail improved",
        Case(kpis=(OPENS, replace(UNSUBSCRIBES, samples=rates((30_000, 195), (30_000, 100))))),
    )
    yield (
        "a guardrail without customers",
        Case(kpis=(OPENS, replace(UNSUBSCRIBES, samples=rates((30_000, 75), (1, 0))))),
    )
    yield (
        "a secondary KPI without customers",
        Case(kpis=(OPENS, replace(BUYERS, samples=rates((0, 0), (30_000, 60))))),
    )
    yield "a variant without a name", Case(kpis=(OPENS,), names=("A안", " "))
    for unit, currency in (("money", "USD"), ("count", None), ("days", None), ("score", None)):
        yield f"a mean of {unit} {currency}", Case(kpis=(_mean(unit, currency),))
    for name, opens in _opened():
        yield f"opens, {name}", Case(opens=opens)
        yield f"opens without clicks, {name}", Case(opens=opens, kpis=(OPENS, UNSUBSCRIBES))
    for anchor in ANCHORS:
        nothing = CASES[State.NO_DATA]
        yield f"no data from {anchor}", replace(nothing, anchor=anchor)
        yield f"broken from {anchor}", replace(CASES[State.SPLIT_BROKEN], anchor=anchor)
    segment = CASES[State.ONE_SEGMENT]
    few = (replace(OPENS, samples=rates((12, 3), (9, 4))),)
    yield "few customers of a segment", replace(segment, kpis=few)
    one = SegmentRead("vip", Text("VIP 고객", "VIP customers"), 1)
    yield "one customer of a segment", replace(segment, segment=one)


def _three(opens: tuple[int, ...], leavers: tuple[int, ...]) -> Case:
    guard = replace(UNSUBSCRIBES, samples=rates(*((20_000, each) for each in leavers)))
    kpi = replace(THREE_OPENS, samples=rates(*((20_000, each) for each in opens)))
    return replace(_THREE, kpis=(kpi, guard))


def _opens(*counts: int | None) -> tuple[Sample, ...]:
    return rates(*((20_000, each) if each is not None else (0, 0) for each in counts))


def _nobody() -> tuple[Sample, ...]:
    return rates((30_000, 0), (30_000, 0))


def _mean(unit: str, currency: str | None) -> Kpi:
    return replace(
        REVENUE, key=unit, unit=unit, currency=currency, minimum=None,
        samples=means((3_000, 20, 12), (3_000, 22, 12)),
    )  # fmt: skip


def _opened() -> Iterator[tuple[str, tuple[OpenCounts, ...]]]:
    """Machines alike or not, the leader the same or not."""
    yield "machines differ", (
        OpenCounts(30_000, 9_000, 5_319, 4_000), OpenCounts(30_000, 11_013, 6_117, 6_170),
    )  # fmt: skip
    yield "signs disagree", (
        OpenCounts(30_000, 11_014, 5_319, 6_180), OpenCounts(30_000, 11_013, 6_117, 6_170),
    )  # fmt: skip
    yield "nothing wrong", MACHINES
