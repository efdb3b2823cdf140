"""Where a broken split comes from: the groups in which customers are missing, at which stage."""

from collections.abc import Iterator, Sequence

from experiments.measurement.split_groups import StageGroup, stage_groups
from experiments.reporting.health_facts import Split, SplitCause
from experiments.reporting.sources import Source
from stats.errors import NotEnoughData
from stats.sample_ratio import check_sample_ratio

# The clearest groups are told; what is off everywhere needs no list of every day.
MOST_CAUSES = 12


def causes_of(source: Source, splits: Sequence[Split]) -> tuple[SplitCause, ...]:
    """The groups that are off by themselves, the clearest first; nothing unless a split is."""
    broken = {split.stage: split for split in splits if split.broken}
    if not broken:
        return ()
    groups = stage_groups(source.session, source.population(), source.project.time_zone)
    several = _several(groups)
    found = [
        cause
        for group in groups
        if group.stage in broken and (group.stage, group.dimension) in several
        for cause in _cause(group, broken[group.stage])
    ]
    found.sort(key=lambda cause: (cause.p_value or 0.0, cause.stage, cause.dimension, cause.group))
    return tuple(found[:MOST_CAUSES])


def _several(groups: Sequence[StageGroup]) -> set[tuple[str, str]]:
    """Dimensions with more than one group: of one there is nothing to tell apart."""
    met: dict[tuple[str, str], int] = {}
    for group in groups:
        key = group.stage, group.dimension
        met[key] = met.get(key, 0) + 1
    return {key for key, count in met.items() if count > 1}


def _cause(group: StageGroup, split: Split) -> Iterator[SplitCause]:
    keys = list(split.expected)
    counts = {key: group.counts.get(key, 0) for key in keys}
    try:
        check = check_sample_ratio(list(counts.values()), [split.expected[key] for key in keys])
    except NotEnoughData:
        return
    if check.broken:
        yield SplitCause(
            stage=group.stage,
            dimension=group.dimension,
            group=group.group,
            counts=counts,
            expected=dict(split.expected),
            p_value=check.p_value,
            broken=True,
        )
