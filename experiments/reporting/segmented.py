"""The interaction first, then the groups: what may be said of channels and segments."""

from collections.abc import Mapping, Sequence

from experiments.kpis.document import KpiDocument
from experiments.measurement.groups import Cells
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.saved_segments import SavedSegment
from experiments.reporting.comparisons import interval_range
from experiments.reporting.dimensions import Dimension, dimensions_of
from experiments.reporting.families import Family, Sample, family_of, known_value
from experiments.reporting.group_facts import DimensionFact, GroupFact
from stats.errors import NotEnoughData
from stats.segments import Dimension as Judged
from stats.segments import Segment, judge_segments

BEFORE_END = "segments are compared at the planned end"

Samples = Mapping[str, Mapping[str, Sample]]


def segmented(
    draft: ExperimentDraft, cells: Cells, saved: Sequence[SavedSegment], *, final: bool
) -> tuple[DimensionFact, ...]:
    """Every dimension, for every variant; before the planned end without comparisons.

    A dimension with customers on one side only is left out: there is nothing to tell apart.
    """
    dimensions = {each.key: each for each in dimensions_of(cells, saved)}
    samples: dict[str, Samples] = {
        key: _ordered(dimension, cells.samples(dimension.of))
        for key, dimension in dimensions.items()
    }
    return judged_dimensions(draft, cells.request.kpi, dimensions, samples, final=final)


def judged_dimensions(
    draft: ExperimentDraft,
    kpi: KpiDocument,
    dimensions: Mapping[str, Dimension],
    samples: Mapping[str, Samples],
    *,
    final: bool,
) -> tuple[DimensionFact, ...]:
    """The same of samples that were measured already, by dimension, group and variant."""
    met = {key: found for key, found in samples.items() if len(found) > 1}
    family = family_of(kpi.kind)
    treatments = [variant for variant in draft.variants if not variant.control]
    facts = []
    for variant in treatments:
        judged = _judged(draft, family, met, variant, len(treatments)) if final else {}
        facts += [_fact(kpi, dimensions[key], met[key], variant, judged.get(key)) for key in met]
    return tuple(facts)


def _ordered(dimension: Dimension, found: Samples) -> Samples:
    return {key: found[key] for key in dimension.groups if key in found}


def _judged(
    draft: ExperimentDraft,
    family: Family,
    met: Mapping[str, Samples],
    variant: Variant,
    treatments: int,
) -> dict[str, Judged]:
    """As `stats` judges; several variants share the error rate."""
    pairs = {
        key: {
            group: (by_variant[draft.control.key], by_variant[variant.key])
            for group, by_variant in found.items()
        }
        for key, found in met.items()
    }
    confidence = 1 - float(draft.plan.alpha) / treatments
    judged = judge_segments(pairs, family.compare, confidence=confidence)
    return {each.name: each for each in judged}


def _fact(
    kpi: KpiDocument,
    dimension: Dimension,
    found: Samples,
    variant: Variant,
    judged: Judged | None,
) -> DimensionFact:
    parts = {} if judged is None else {each.name: each for each in judged.segments}
    shown = () if judged is None else judged.shown
    family = family_of(kpi.kind)
    groups = tuple(
        _group(family, dimension, key, by_variant, parts.get(key), key in shown)
        for key, by_variant in found.items()
    )
    facts = DimensionFact(
        kpi=kpi.key,
        key=dimension.key,
        kind=dimension.kind,
        name=dimension.name,
        variant=variant.key,
        variant_name=variant.name,
        groups=groups,
        gap=BEFORE_END,
    )
    return facts if judged is None else _with_test(facts, judged)


def _with_test(fact: DimensionFact, judged: Judged) -> DimensionFact:
    return DimensionFact(
        **{
            **vars(fact),
            "interaction": None if judged.interaction is None else judged.interaction.p_value,
            "p_value": judged.p_value,
            "supported": judged.supported,
            "explained_by_baselines": judged.explained_by_baselines,
            "gap": judged.gap,
        }
    )


def _group(
    family: Family,
    dimension: Dimension,
    key: str,
    by_variant: Mapping[str, Sample],
    part: Segment | None,
    shown: bool,
) -> GroupFact:
    lift = None if part is None else part.lift
    return GroupFact(
        key=key,
        name=dimension.groups[key],
        units={variant: sample.units for variant, sample in by_variant.items()},
        values={variant: _value(family, sample) for variant, sample in by_variant.items()},
        difference=None if lift is None else lift.absolute.value,
        interval=None if lift is None else interval_range(lift.absolute.interval),
        p_value=None if part is None else part.p_value,
        shown=shown,
        gap=None if part is None else part.gap,
    )


def _value(family: Family, sample: Sample) -> float | None:
    try:
        return family.estimate(sample).value
    except NotEnoughData:
        return known_value(family, sample)
