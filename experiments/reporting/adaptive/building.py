"""The goals and the batches of a test whose shares follow its results."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from experiments.measurement.exposures import ExposureCounts
from experiments.measurement.groups import Cut, measure_cells
from experiments.measurement.measure import Measurement
from experiments.registry.batches import Batch, propensities_of
from experiments.registry.experiment import Experiment
from experiments.reporting.adaptive.facts import AdaptiveFact, BatchFact
from experiments.reporting.adaptive.runs import Run, run_of
from experiments.reporting.adaptive.weighted import WEIGHTED
from experiments.reporting.families import wanted
from experiments.reporting.goal_reading import Measured
from experiments.reporting.health import STAGES
from experiments.reporting.sources import GoalPlan, Source, measured_of
from stats.errors import NotEnoughData
from stats.sample_ratio import check_sample_ratio

# Share of the planned customers that must have been met before the plan counts as kept.
WHOLE_PLAN = 0.95


def measured_in_batches(source: Source, plan: GoalPlan, found: Measurement) -> Measured:
    """A KPI as measured, its samples kept apart by batch, with the methods that take them.

    Nothing that compares added samples stands beside it.
    """
    plain = measured_of(found, plan, source)
    samples: Mapping[str, Any] = _run(source, plan).arms
    return Measured(
        samples=samples,
        accounting=plain.accounting,
        immature=plain.immature,
        sql=plain.sql,
        least_units=plain.least_units,
        family=WEIGHTED,
    )


def _run(source: Source, plan: GoalPlan) -> Run:
    """Everybody whose window has closed, by the batch that met them first."""
    experiment = source.experiment
    starts = tuple(phase.started_at for phase in experiment.phases)
    cells = measure_cells(source.session, source.request(plan), Cut(phase_starts=starts))
    by_phase: Mapping[str, Mapping[str, Any]] = cells.samples(lambda cell: str(cell.phase))
    batches = [
        (propensities_of(experiment, phase), by_phase[str(phase.number)])
        for phase in experiment.phases
        if str(phase.number) in by_phase
    ]
    draft = experiment.draft
    keys = [variant.key for variant in draft.variants]
    return run_of(keys, draft.control.key, wanted(plan.document.direction), batches)


def adaptive_fact(
    source: Source,
    batches: Sequence[Batch],
    met: ExposureCounts,
    plans: Sequence[GoalPlan],
) -> AdaptiveFact | None:
    """What the report says of the batches; None of a test whose shares stay.

    Args:
        source: The facts.
        batches: As kept.
        met: Whom the test met.
        plans: Of the goals.
    """
    experiment = source.experiment
    adaptive = experiment.draft.adaptive
    if adaptive is None:
        return None
    primary = next((plan.goal.kpi for plan in plans if plan.goal.role == "primary"), None)
    several = len(experiment.draft.variants) > 2
    corrected = several and experiment.draft.plan.correction != "none"
    return AdaptiveFact(
        method=adaptive.method,
        floor=float(adaptive.floor),
        batch=adaptive.batch,
        kpi=primary,
        batches=tuple(
            _batch(experiment, each, met)
            for each in batches
            if experiment.phases[each.number - 1].started_at <= source.as_of
        ),
        correction="holm" if corrected else "none",
        ended_early=_ended_early(experiment, met, source.as_of),
    )


def _batch(experiment: Experiment, kept: Batch, met: ExposureCounts) -> BatchFact:
    units = _met_in(experiment, kept.number, met)
    shares = {key: float(share) for key, share in kept.propensities.items()}
    return BatchFact(
        number=kept.number,
        opened_at=experiment.phases[kept.number - 1].started_at,
        shares=shares,
        best=None if kept.best is None else dict(kept.best),
        rests_on=dict(kept.units),
        stayed=kept.stayed,
        units=units,
        split_p=_split_p(units, shares),
        as_of=kept.as_of,
        ledger_position=kept.ledger_position,
    )


def _met_in(experiment: Experiment, number: int, met: ExposureCounts) -> dict[str, int]:
    """Customers first met at the anchor in a batch, in the variant that Truelift gave them."""
    stage = STAGES[experiment.draft.anchor][-1]
    counts = {variant.key: 0 for variant in experiment.draft.variants}
    for count in met.stages:
        if count.stage == stage and count.phase == number and count.variant in counts:
            counts[count.variant] += count.units - count.mismatched - count.unverified
    return counts


def _split_p(units: Mapping[str, int], shares: Mapping[str, float]) -> float | None:
    try:
        return check_sample_ratio(list(units.values()), [shares[key] for key in units]).p_value
    except NotEnoughData:
        return None


def _ended_early(experiment: Experiment, met: ExposureCounts, as_of: datetime) -> bool:
    """Whether it was stopped before every end that was fixed."""
    stopped, draft = experiment.stopped_at, experiment.draft
    if stopped is None or stopped > as_of:
        return False
    planned, ends_at = draft.plan.units_planned, draft.schedule.ends_at
    whole = planned is not None and sum(met.units.values()) >= WHOLE_PLAN * planned
    return not whole and (ends_at is None or stopped < ends_at)
