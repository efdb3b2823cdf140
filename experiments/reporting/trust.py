"""Whether the numbers of a test can be trusted: the split by phase, opens, what was left out."""

from collections.abc import Sequence

from experiments.measurement.contacts import contact_counts
from experiments.measurement.deliveries import delivery_samples
from experiments.measurement.exposures import ExposureCounts, StageCount
from experiments.measurement.measure import Measurement
from experiments.measurement.openers import open_counts
from experiments.registry.experiment import Experiment, Phase
from experiments.reporting.goal_facts import Goal
from experiments.reporting.health import (
    PhaseCounts,
    check_splits_by_phase,
    compare_all_deliveries,
    compare_all_opens,
)
from experiments.reporting.health_facts import DeliveryFact, Health, OpensFact, Split
from experiments.reporting.quality import Quality
from experiments.reporting.quality_facts import quality_of
from experiments.reporting.sources import GoalPlan, Source
from experiments.reporting.split_causes import causes_of


def splits_of(
    experiment: Experiment, met: ExposureCounts, goals: tuple[Goal, ...]
) -> tuple[Split, ...]:
    """Every stage up to the anchor, held against the weights of its phases."""
    weights = [_weights(experiment, phase) for phase in experiment.phases or (None,)]
    counts: list[dict[str, dict[str, int]]] = [{} for _ in weights]
    for count in met.stages:
        at_stage = counts[count.phase - 1].setdefault(count.stage, {})
        at_stage[count.variant] = at_stage.get(count.variant, 0) + _counted(experiment, count)
    phases = [PhaseCounts(each, met_in) for each, met_in in zip(weights, counts, strict=True)]
    return check_splits_by_phase(experiment.draft.anchor, phases, _pooled_rate(goals))


def _counted(experiment: Experiment, count: StageCount) -> int:
    """Customers that the analysis counts too: where Truelift assigns, only as it assigned."""
    if experiment.draft.allocation == "external":
        return count.units
    return count.units - count.mismatched - count.unverified


def _weights(experiment: Experiment, phase: Phase | None) -> dict[str, float]:
    """Planned weights: buckets held where Truelift assigns, else as registered."""
    weights = {variant.key: float(variant.weight) for variant in experiment.draft.variants}
    ranges = phase.ranges if phase else ()
    if not ranges:
        return weights
    return {
        key: float(sum(found.end - found.start for found in ranges if found.variant == key))
        for key in weights
    }


def _pooled_rate(goals: tuple[Goal, ...]) -> float | None:
    rates = [goal for goal in goals if goal.role == "primary" and goal.kind == "proportion"]
    units = sum(arm.units for goal in rates for arm in goal.arms)
    return sum(arm.total for goal in rates for arm in goal.arms) / units if units else None


def _opens(source: Source, plans: tuple[GoalPlan, ...]) -> tuple[OpensFact, ...] | None:
    """Opens three ways, where the primary KPI counts opens."""
    primary = next((plan for plan in plans if plan.goal.role == "primary"), None)
    if primary is None or primary.document.formula.event != "open":
        return None
    draft = source.experiment.draft
    counts = open_counts(source.session, source.request(primary))
    return compare_all_opens(draft.control.key, counts, 1 - float(draft.plan.alpha))


def _delivery(source: Source, plans: tuple[GoalPlan, ...]) -> tuple[DeliveryFact, ...]:
    """Delivery rates given sent, where the anchor is the message and deliveries are reported.

    Beside a control without a message the first variant with one is compared with.
    """
    draft = source.experiment.draft
    messages = [each.key for each in draft.variants if not each.no_message]
    if draft.anchor != "sent" or not plans or not messages or draft.adaptive is not None:
        return ()
    control = draft.control.key if draft.control.key in messages else messages[0]
    primary = next((plan for plan in plans if plan.goal.role == "primary"), plans[0])
    samples = delivery_samples(source.session, source.request(primary))
    return compare_all_deliveries(
        control, {key: sample for key, sample in samples.items() if key in messages}
    )


def health_of(
    source: Source,
    plans: tuple[GoalPlan, ...],
    met: ExposureCounts,
    measurements: Sequence[Measurement],
    goals: tuple[Goal, ...],
) -> Health:
    """Everything that may keep a verdict from being given, or from being believed."""
    shares = (_mature_share(found) for found in measurements)
    splits = splits_of(source.experiment, met, goals)
    closings = [found.matures_at for found in measurements if found.matures_at is not None]
    return Health(
        splits=splits,
        opens=_opens(source, plans),
        two_variants=met.two_variants,
        other_variant=max((sum(found.mismatched.values()) for found in measurements), default=0),
        duplicates=sum(
            count for (*_, outcome), count in source.repeats.items() if outcome == "duplicate"
        ),
        suppressed={reason: sum(by.values()) for reason, by in met.suppressed.items()},
        last_received_at=met.last_received_at,
        mature_share=min((share for share in shares if share is not None), default=None),
        matures_at=max(closings, default=None),
        quality=_quality(source, plans, met, measurements),
        causes=causes_of(source, splits),
        delivery=_delivery(source, plans),
    )


def _mature_share(found: Measurement) -> float | None:
    analysed, immature = sum(found.analysed.values()), sum(found.immature.values())
    return analysed / (analysed + immature) if analysed + immature else None


def _quality(
    source: Source,
    plans: tuple[GoalPlan, ...],
    met: ExposureCounts,
    measurements: Sequence[Measurement],
) -> Quality:
    contacts = contact_counts(source.session, source.request(plans[0])) if plans else {}
    events = [plan.document.formula.event for plan in plans]
    return quality_of(
        control=source.experiment.draft.control.key,
        met=met,
        found=list(zip(events, measurements, strict=True)),
        contacts=contacts,
        kept_out=source.kept_out,
    )
