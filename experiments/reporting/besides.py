"""What is measured besides a KPI's samples: phases, credit, caps, steps, values before."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.measurement.credit_rules import by_credit_rule
from experiments.measurement.formula.plan import MESSAGE_EVENTS
from experiments.measurement.groups import Cut, measure_cells
from experiments.measurement.measure import Measurement, MeasureRequest
from experiments.reporting.families import Sample
from experiments.reporting.goal_reading import Beside
from experiments.reporting.sources import GoalPlan, Source


def beside_of(source: Source, plan: GoalPlan, found: Measurement) -> Beside:
    """What a KPI's measurement itself tells beside its samples."""
    request = source.request(plan)
    cap = request.plan.value.cap
    return Beside(
        covariates=found.covariates,
        uncapped=found.uncapped,
        cap=None if cap is None else cap / request.plan.value.scale,
        steps=found.steps,
        events=tuple(each.events.event for each in request.plan.steps),
        credit=plan.document.credit,
    )


def in_phases(source: Source, plan: GoalPlan, beside: Beside) -> Beside:
    """With the samples of each phase, where the allocation changed; in one statement."""
    starts = tuple(phase.started_at for phase in source.experiment.phases)
    if len(starts) < 2:
        return beside
    cells = measure_cells(source.session, source.request(plan), Cut(phase_starts=starts))
    found: Mapping[str, Mapping[str, Any]] = cells.samples(lambda cell: f"{cell.phase:06d}")
    return replace(beside, phases=tuple(found[phase] for phase in sorted(found)))


def by_credit(source: Source, plan: GoalPlan, beside: Beside, *, whatever: bool) -> Beside:
    """With the samples under every rule of credit, where the KPI depends on one.

    Args:
        source: The facts.
        plan: Of the KPI.
        beside: What is known besides.
        whatever: Also of a KPI that counts an event whichever message came before it.
    """
    request = source.request(plan)
    if not _depends(request) or (plan.document.credit == "any" and not whatever):
        return beside
    samples: Mapping[str, Mapping[str, Sample]] = by_credit_rule(source.session, request)
    return replace(beside, by_credit=samples)


def _depends(request: MeasureRequest) -> bool:
    """Whether any event of the KPI may be claimed by several messages."""
    return any(event not in MESSAGE_EVENTS for event in request.plan.types)
