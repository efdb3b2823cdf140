"""Data quality, found: from measurements to facts.

Differences between variants are told at p < .001: they are asked for on every report of every
test, so a false alarm has to be rare.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.measurement.contacts import Contacts
from experiments.measurement.exposures import ExposureCounts
from experiments.measurement.measure import Measurement
from experiments.measurement.scanners import Pace
from experiments.reporting.quality import (
    Arrival,
    ContactPressure,
    Machines,
    Quality,
    Scanners,
    TwoVariants,
)
from stats.errors import NotEnoughData
from stats.means import welch_test
from stats.opens import ALPHA
from stats.proportions import compare_proportions
from stats.sample_ratio import check_sample_ratio
from stats.samples import BinomialSample, MeanSample

# Above this share of the customers, and from so many on, those in two variants are warned of.
TWO_VARIANTS_SHARE = 0.01
TWO_VARIANTS_LEAST = 10
MACHINE_EVENTS = ("open", "click")


@dataclass(frozen=True)
class KeptOut:
    """What a project leaves out, whatever the test.

    Attributes:
        pace: Of clicks that no person makes.
        withdrawn: Records of withdrawn imports.
        erased: Records of erased customers that arrived since.
    """

    pace: Pace
    withdrawn: int
    erased: int


def two_variants_of(met: ExposureCounts) -> TwoVariants:
    """Judge how many customers met two variants, and whether evenly."""
    units, both = met.units, {key: met.two_variants.get(key, 0) for key in met.units}
    total, twice = sum(units.values()), sum(both.values())
    by_variant = {key: both[key] / count for key, count in units.items() if count}
    if not total:
        return TwoVariants(0, None, {}, "fine")
    level = "fine"
    if twice >= TWO_VARIANTS_LEAST:
        if _uneven([both[key] for key in units], list(units.values())):
            level = "alarm"
        elif twice / total > TWO_VARIANTS_SHARE:
            level = "warning"
    return TwoVariants(twice, twice / total, by_variant, level)


def _uneven(counts: list[int], of: list[int]) -> bool:
    """Whether the counts are not in proportion to the customers that they are of."""
    try:
        return check_sample_ratio(counts, of).broken
    except NotEnoughData:
        return False


def machines_of(control: str, found: Iterable[tuple[str, Measurement]]) -> tuple[Machines, ...]:
    """Compare customers with a program's opens or clicks, once for each type of event.

    Args:
        control: Key of the variant that the others are held against.
        found: The type of event of each KPI, with its measurement.
    """
    firsts: dict[str, Measurement] = {}
    for event, measurement in found:
        if event in MACHINE_EVENTS:
            firsts.setdefault(event, measurement)
    return tuple(_machines(control, event, each) for event, each in firsts.items())


def _machines(control: str, event: str, found: Measurement) -> Machines:
    arms = {
        key: BinomialSample(found.analysed[key], count)
        for key, count in found.by_machines.items()
        if found.analysed[key]
    }
    p_value = _smallest(
        _rates_apart(arms[control], arm)
        for key, arm in arms.items()
        if key != control and control in arms
    )
    shares = {key: arm.successes / arm.units for key, arm in arms.items()}
    return Machines(event, shares, p_value, _shown(p_value))


def _rates_apart(control: BinomialSample, arm: BinomialSample) -> float | None:
    try:
        return compare_proportions(control, arm, confidence=1 - ALPHA).p_value
    except NotEnoughData:
        return None


def contact_pressure(control: str, found: Mapping[str, Contacts]) -> ContactPressure:
    """Compare how often the customers of the variants were written to."""
    samples = {key: each.sample for key, each in found.items() if each.units}
    p_value = _smallest(
        _means_apart(samples[control], sample)
        for key, sample in samples.items()
        if key != control and control in samples
    )
    per_week = {key: each.per_week for key, each in found.items()}
    return ContactPressure(per_week, p_value, _shown(p_value))


def _means_apart(control: MeanSample, arm: MeanSample) -> float | None:
    try:
        return welch_test(control, arm).p_value
    except NotEnoughData:
        # Everybody of a variant got as many: then either all differ, or nobody does.
        alike = control.exact_mean == arm.exact_mean
        return None if alike or min(control.units, arm.units) < TWO_VARIANTS_LEAST else 0.0


def scanners_of(pace: Pace, found: Iterable[Measurement]) -> Scanners | None:
    """The rule and what it found, if a KPI counts clicks."""
    clicks = next((each.scanned for each in found if each.scanned is not None), None)
    return None if clicks is None else Scanners(pace.links, pace.seconds, clicks)


def arrivals_of(found: Iterable[tuple[str, Measurement]]) -> tuple[Arrival, ...]:
    """How each type of event comes in; late by its first KPI's window."""
    firsts: dict[str, Measurement] = {}
    for event, measurement in found:
        firsts.setdefault(event, measurement)
    return tuple(_arrival(event, each) for event, each in firsts.items())


def _arrival(event: str, found: Measurement) -> Arrival:
    delay, used = found.arrivals.delay, found.accounting.used
    return Arrival(
        event=event,
        delay_seconds=None if delay is None else delay.total_seconds(),
        watermark=found.arrivals.watermark,
        late_share=found.accounting.late / used if used else None,
    )


def quality_of(
    control: str,
    met: ExposureCounts,
    found: Sequence[tuple[str, Measurement]],
    contacts: Mapping[str, Contacts],
    kept_out: KeptOut,
) -> Quality:
    """All facts about the data of a test.

    Args:
        control: Key of the variant that the others are held against.
        met: Whom the test met.
        found: The type of event of each KPI, with its measurement, the primary first.
        contacts: By variant.
        kept_out: What is left out of the whole project.
    """
    arrived = arrivals_of(found)
    marks = [each.watermark for each in arrived if each.watermark is not None]
    measurements = [measurement for _, measurement in found]
    return Quality(
        two_variants=two_variants_of(met),
        machines=machines_of(control, found),
        scanners=scanners_of(kept_out.pace, measurements),
        contacts=contact_pressure(control, contacts),
        merged_apart=met.merged_apart,
        arrivals=arrived,
        watermark=min(marks, default=None),
        exposures_left_out=met.left_out,
        withdrawn=kept_out.withdrawn,
        erased=kept_out.erased,
    )


def _smallest(p_values: Iterable[float | None]) -> float | None:
    return min((each for each in p_values if each is not None), default=None)


def _shown(p_value: float | None) -> bool:
    return p_value is not None and p_value < ALPHA
