"""Before the start: what refuses it, and what is only warned of.

A start is refused only where the result would mean nothing. Everything else is said, and
the report says it again.
"""

from collections.abc import Iterator, Mapping

from experiments.kpis.document import KpiDocument
from experiments.kpis.smart import smart_check
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.goals import KpiGoal
from experiments.registry.rough_size import price_of_kpis, visible_difference
from experiments.registry.sending_design import design_flags, design_refusals
from experiments.registry.sending_rules import SendingTerms, shipped_rules
from experiments.registry.start_findings import (
    WARNINGS,
    NoEventSource,
    NoPrimaryKpi,
    StartRefused,
    StartWarning,
)

__all__ = [
    "MOST_KPIS", "SMALL_LIST", "TIMING_ELEMENTS", "WARNINGS", "NoEventSource", "NoPrimaryKpi",
    "StartRefused", "StartWarning", "primary_goal", "start_refusals", "warnings",
]  # fmt: skip

MOST_KPIS = 5
SMALL_LIST = 5_000
TIMING_ELEMENTS = ("send_time", "delay", "cadence", "frequency")


def primary_goal(draft: ExperimentDraft) -> tuple[int, KpiGoal] | None:
    """The goal that decides, with its place among the goals."""
    numbered = enumerate(draft.goals)
    return next(((index, goal) for index, goal in numbered if goal.role == "primary"), None)


def start_refusals(
    draft: ExperimentDraft,
    kpis: Mapping[str, KpiDocument],
    terms: SendingTerms | None = None,
) -> list[StartRefused]:
    """Everything that would make the result meaningless; an empty list lets the test start.

    A control is not among it: no draft comes about without one.

    Args:
        draft: The experiment.
        kpis: The documents that its goals name, by key.
        terms: What its project sends under; the rules that ship where absent.
    """
    window = _window(draft, kpis)
    return [
        *_refused_by_primary(draft, kpis),
        *design_refusals(draft, window, terms or SendingTerms(shipped_rules())),
    ]


def _window(draft: ExperimentDraft, kpis: Mapping[str, KpiDocument]) -> int | None:
    """Hours from the anchor in which the primary KPI counts; None without one."""
    primary = primary_goal(draft)
    if primary is None:
        return None
    return draft.plan.window_hours or kpis[primary[1].kpi].formula.longest_hours


def _refused_by_primary(
    draft: ExperimentDraft, kpis: Mapping[str, KpiDocument]
) -> list[StartRefused]:
    primary = primary_goal(draft)
    if primary is None:
        return [NoPrimaryKpi(field="goals")]
    index, goal = primary
    if kpis[goal.kpi].source is None:
        return [NoEventSource(field=f"goals.{index}.kpi", kpi=goal.kpi)]
    return []


def warnings(
    draft: ExperimentDraft,
    kpis: Mapping[str, KpiDocument],
    terms: SendingTerms | None = None,
) -> list[StartWarning]:
    """Everything amber: said at registration and at the start, and repeated by the report.

    Args:
        draft: The experiment.
        kpis: The documents that its goals name, by key.
        terms: What its project sends under; the rules that ship where absent.
    """
    window = _window(draft, kpis)
    return [
        *_of_design(draft),
        *design_flags(draft, window, terms or SendingTerms(shipped_rules())),
        *_of_kpis(draft, kpis),
        *_of_primary(draft, kpis),
    ]


def _of_design(draft: ExperimentDraft) -> Iterator[StartWarning]:
    if draft.owner is None:
        yield StartWarning("no_owner", "owner")
    if not draft.hypothesis.strip():
        yield StartWarning("no_hypothesis", "hypothesis")
    if draft.anchor == "sent" and draft.element in TIMING_ELEMENTS:
        yield StartWarning("timing_by_send", "anchor")


def _of_kpis(draft: ExperimentDraft, kpis: Mapping[str, KpiDocument]) -> Iterator[StartWarning]:
    count = len(draft.goals)
    if count > MOST_KPIS:
        percent = round(100 * price_of_kpis(count, draft.plan))
        yield StartWarning("many_kpis", "goals", {"count": count, "percent": percent})
    for index, goal in enumerate(draft.goals):
        if kpis[goal.kpi].status == "retired":
            yield StartWarning("retired_kpi", f"goals.{index}.kpi", {"kpi": goal.kpi})


def _of_primary(draft: ExperimentDraft, kpis: Mapping[str, KpiDocument]) -> Iterator[StartWarning]:
    primary = primary_goal(draft)
    if primary is None:
        return
    index, goal = primary
    document, path = kpis[goal.kpi], f"goals.{index}"
    missing = smart_check(document).missing
    if missing:
        params = {"kpi": goal.kpi, "missing": ", ".join(missing)}
        yield StartWarning("target_not_smart", f"{path}.kpi", params)
    if goal.minimum_effect is None:
        yield StartWarning("no_minimum_effect", f"{path}.minimum_effect")
    if "email" in draft.channels and _counts_machine_opens(document):
        yield StartWarning("machine_opens", f"{path}.kpi", {"kpi": goal.kpi})
    yield from _of_size(draft, goal, document)


def _counts_machine_opens(document: KpiDocument) -> bool:
    return document.formula.event == "open" and document.formula.machine == "include"


def _of_size(
    draft: ExperimentDraft, goal: KpiGoal, document: KpiDocument
) -> Iterator[StartWarning]:
    units, minimum = draft.plan.units_planned, goal.minimum_effect
    if units is None:
        return
    visible = visible_difference(draft, document)
    if visible is None or minimum is None:
        if units <= SMALL_LIST:
            yield StartWarning("small_list", "plan.units_planned", {"units": units})
    elif visible > minimum:
        points = {"visible": f"{100 * visible:.2f}", "minimum": f"{100 * minimum:.2f}"}
        yield StartWarning("list_too_small", "plan.units_planned", {"units": units, **points})
