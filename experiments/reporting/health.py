"""Whether the numbers can be trusted: the split up to the anchor, deliveries, opens three ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.reporting.comparisons import interval_range
from experiments.reporting.goal_facts import Range
from experiments.reporting.health_facts import DeliveryFact, OpensFact, Split
from stats.delivery import compare_delivery
from stats.errors import NotEnoughData
from stats.opens import OpenCounts, compare_opens
from stats.sample_ratio import Split as PlannedSplit
from stats.sample_ratio import check_sample_ratio_by_phase
from stats.samples import BinomialSample

# The stages on the way to each anchor; a stage without records is passed over.
STAGES: dict[str, tuple[str, ...]] = {
    "assignment": ("assigned",),
    "trigger": ("assigned", "trigger"),
    "planned_send": ("assigned", "planned_send"),
    "sent": ("assigned", "planned_send", "sent"),
}


@dataclass(frozen=True)
class PhaseCounts:
    """Customers first met in one phase of the allocation.

    Attributes:
        weights: Planned weight by variant key, in any unit; the same keys in every phase.
        counts: Customers by stage and variant key.
    """

    weights: Mapping[str, float]
    counts: Mapping[str, Mapping[str, int]]


def check_splits(
    anchor: str,
    counts: Mapping[str, Mapping[str, int]],
    weights: Mapping[str, float],
    rate: float | None,
) -> tuple[Split, ...]:
    """As :func:`check_splits_by_phase`, of a test whose allocation never changed."""
    return check_splits_by_phase(anchor, [PhaseCounts(weights, counts)], rate)


def check_splits_by_phase(
    anchor: str, phases: Sequence[PhaseCounts], rate: float | None
) -> tuple[Split, ...]:
    """Compare the planned split with the one met at every stage up to the anchor.

    Args:
        anchor: Of the test; what comes after it is an outcome and never checked.
        phases: Whom each phase met first; each is held against its own weights.
        rate: The primary KPI's pooled rate, for the size of the possible bias.
    """
    return tuple(
        _split(stage, phases, rate)
        for stage in STAGES[anchor]
        if any(sum(phase.counts.get(stage, {}).values()) for phase in phases)
    )


def _split(stage: str, phases: Sequence[PhaseCounts], rate: float | None) -> Split:
    keys = list(phases[-1].weights)
    met = [
        PlannedSplit(
            [phase.counts.get(stage, {}).get(key, 0) for key in keys],
            [phase.weights[key] for key in keys],
        )
        for phase in phases
    ]
    counts = {key: sum(each.observed[at] for each in met) for at, key in enumerate(keys)}
    expected = _expected(keys, met)
    try:
        check = check_sample_ratio_by_phase(met)
    except NotEnoughData as gap:
        return Split(stage, counts, expected, None, None, False, None, gap.reason)
    bias = _bias(counts, expected, rate) if check.broken else None
    lost = dict(zip(keys, check.lost_shares, strict=True)) if check.broken else {}
    return Split(
        stage, counts, expected, check.p_value, check.one_in, check.broken, bias, None, lost
    )


def _expected(keys: Sequence[str], met: Sequence[PlannedSplit]) -> dict[str, float]:
    """The planned share of each variant, over the customers of all phases."""
    units = {key: sum(each.expected[at] for each in met) for at, key in enumerate(keys)}
    if not sum(units.values()):
        units = dict(zip(keys, map(float, met[-1].weights), strict=True))
    total = sum(units.values())
    return {key: count / total for key, count in units.items()}


def _bias(
    counts: Mapping[str, int], expected: Mapping[str, float], rate: float | None
) -> float | None:
    """The largest error of a rate, had the missing all converted or none of them.

    The variant with the most customers for its weight is taken as complete.
    """
    if rate is None:
        return None
    whole = max(counts[key] / share for key, share in expected.items() if share)
    missing = max(1 - counts[key] / (whole * share) for key, share in expected.items() if share)
    return missing * max(rate, 1 - rate)


def compare_all_opens(
    control: str, opens: Mapping[str, OpenCounts], confidence: float
) -> tuple[OpensFact, ...]:
    """Opens counted three ways, of every variant against the control."""
    shares = {key: counts.by_machines / counts.sent for key, counts in opens.items() if counts.sent}
    facts = []
    for key, counts in opens.items():
        if key == control:
            continue
        try:
            compared = compare_opens(opens[control], counts, confidence=confidence)
        except NotEnoughData:
            continue
        facts.append(
            OpensFact(
                variant=key,
                all_difference=compared.every.absolute.value,
                human_difference=compared.human.absolute.value,
                machine_share=shares,
                machine_p_value=compared.machine.p_value,
                bounds=interval_range(compared.bounds) or Range(None, None),
                faults=tuple(fault.value for fault in compared.faults),
            )
        )
    return tuple(facts)


def compare_all_deliveries(
    control: str, samples: Mapping[str, BinomialSample]
) -> tuple[DeliveryFact, ...]:
    """Delivery rates given sent, of every variant against the control; none where nobody was."""
    facts = []
    for key in samples:
        if key == control:
            continue
        try:
            found = compare_delivery(samples[control], samples[key])
        except NotEnoughData:
            continue
        rates = {each: float(samples[each].exact_rate) for each in (control, key)}
        facts.append(DeliveryFact(key, rates, found.lift.p_value, found.differs, found.most_bias))
    return tuple(facts)
