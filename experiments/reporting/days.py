"""What happened when after the anchor: the effect of every stretch of days, one beside the other.

An effect that is there in the first days only may be the charm of novelty; one that comes late is
missed by a short window. Every stretch counts all customers, so that stretches compare alike.
"""

from experiments.measurement.stretches import measure_stretches
from experiments.reporting.depth_facts import DayEffect
from experiments.reporting.families import family_of
from experiments.reporting.goal_depth import plain_comparisons, values_of
from experiments.reporting.setting import Setting
from experiments.reporting.sources import GoalPlan, Source

# Stretches add up the customers of all batches.
SHARES_FOLLOW = "the shares of the variants follow the results: no effect by days is told"


def days_of(source: Source, plan: GoalPlan) -> tuple[tuple[DayEffect, ...], str | None]:
    """The effect by days since the anchor, or why there is none."""
    if source.experiment.draft.adaptive is not None:
        return (), SHARES_FOLLOW
    stretched = measure_stretches(source.session, source.request(plan))
    draft, kpi = source.experiment.draft, plan.document
    effects = []
    for stretch, samples in stretched.found:
        units = sum(sample.units for sample in samples.values())
        setting = Setting(draft, family_of(kpi.kind), kpi.direction, samples, units, kpi.kind)
        effects.append(
            DayEffect(
                from_hours=stretch.from_hours,
                to_hours=stretch.to_hours,
                values=values_of(setting, samples),
                comparisons=plain_comparisons(setting, samples),
            )
        )
    return tuple(effects), stretched.gap
