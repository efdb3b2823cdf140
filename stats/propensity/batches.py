"""What a run in batches collected, with the shares that allocated each batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Generic, TypeVar

from stats.errors import AdaptiveAllocation, NotEnoughData
from stats.sample_ratio import SampleRatio, Split, check_sample_ratio_by_phase
from stats.samples import BinomialSample, MeanSample, pool

Sample = TypeVar("Sample", BinomialSample, MeanSample)


@dataclass(frozen=True)
class Batch(Generic[Sample]):
    """One batch: the shares fixed before its first unit, and what its units did.

    Attributes:
        propensities: Chance of a unit to get each variant, exact decimals that sum to 1.
        samples: Sample of each variant's units of this batch.

    Raises:
        ValueError: If the two name different variants, the propensities are negative or do not
            sum to 1, or a variant has units that its propensity of 0 could not give it.

    Examples:
        >>> batch = Batch(
        ...     {"A": Decimal("0.5"), "B": Decimal("0.5")},
        ...     {"A": BinomialSample(500, 20), "B": BinomialSample(510, 31)},
        ... )
        >>> batch.units
        1010
    """

    propensities: Mapping[str, Decimal]
    samples: Mapping[str, Sample]

    def __post_init__(self) -> None:
        if self.propensities.keys() != self.samples.keys():
            raise ValueError(
                f"propensities of {sorted(self.propensities)} and samples of "
                f"{sorted(self.samples)}, expected the same variants"
            )
        if sum(self.propensities.values()) != 1 or min(self.propensities.values()) < 0:
            raise ValueError(
                f"the propensities are {dict(self.propensities)}, expected shares that sum to 1"
            )
        for name, sample in self.samples.items():
            if sample.units and not self.propensities[name]:
                raise ValueError(f"{name!r} has {sample.units} units and a propensity of 0")

    @property
    def units(self) -> int:
        """Units of all variants."""
        return sum(sample.units for sample in self.samples.values())


@dataclass(frozen=True)
class Stratum(Generic[Sample]):
    """One batch, seen by one comparison.

    Attributes:
        weight: What the batch counts in the comparison; 0 if a variant could get no unit.
        control: The control's sample.
        treatment: The treatment's sample.
    """

    weight: float
    control: Sample
    treatment: Sample


def strata(
    batches: Sequence[Batch[Sample]], control: str, treatment: str, *, fewest: int
) -> tuple[Stratum[Sample], ...]:
    """Weigh the batches for one comparison.

    The weight of a batch of n units with propensities e_c and e_t is n sqrt(e_c e_t / (e_c +
    e_t)). It is known before the batch's first outcome, and it makes every unit of the run add
    the same to the variance of the weighted sum, whatever the shares became.

    Args:
        batches: In any order.
        control: Name of the control variant.
        treatment: Name of the treatment variant.
        fewest: Units that both variants need for a batch to count. Units are drawn without
            regard to outcomes, so leaving out a batch for their number favours nobody.

    Raises:
        NotEnoughData: If no batch has as many units in both variants.
        ValueError: If a name is unknown, or both are one.
    """
    if control == treatment:
        raise ValueError(f"{control!r} is compared with itself")
    weighed = [_stratum(batch, control, treatment) for batch in batches]
    kept = tuple(one for one in weighed if min(one.control.units, one.treatment.units) >= fewest)
    if not kept:
        raise NotEnoughData(f"no batch has {fewest} or more units in both variants")
    return kept


def plain_samples(batches: Sequence[Batch[Sample]]) -> dict[str, Sample]:
    """Add up the batches, for methods that know of one allocation only.

    Raises:
        AdaptiveAllocation: If the propensities are not the same in every batch.
        NotEnoughData: If there are no batches.

    Examples:
        >>> half, tenth = Decimal("0.5"), Decimal("0.1")
        >>> samples = {"A": BinomialSample(9, 1), "B": BinomialSample(9, 2)}
        >>> plain_samples([Batch({"A": half, "B": half}, samples)] * 2)["B"]
        BinomialSample(units=18, successes=4)
        >>> changed = Batch({"A": tenth, "B": 1 - tenth}, samples)
        >>> plain_samples([Batch({"A": half, "B": half}, samples), changed])
        Traceback (most recent call last):
        stats.errors.AdaptiveAllocation: the shares of the variants changed between batches: ...
    """
    if not batches:
        raise NotEnoughData("there are no batches")
    first = batches[0].propensities
    if any(batch.propensities != first for batch in batches):
        raise AdaptiveAllocation(
            "the shares of the variants changed between batches: adding the batches up would "
            "confuse a variant with the days it was sent on; compare within batches"
        )
    return {name: pool(batch.samples[name] for batch in batches) for name in first}


def check_propensities(batches: Sequence[Batch[Sample]]) -> SampleRatio:
    """Test whether the batches' units were allocated by their propensities.

    Raises:
        NotEnoughData: If there are no batches, or a variant expects fewer than 5 units.
        ValueError: If batches name different variants.

    Examples:
        >>> shares = {"A": Decimal("0.1"), "B": Decimal("0.9")}
        >>> samples = {"A": BinomialSample(100, 3), "B": BinomialSample(900, 30)}
        >>> check_propensities([Batch(shares, samples)]).p_value
        1.0
    """
    if not batches:
        raise NotEnoughData("there are no batches")
    names = list(batches[0].propensities)
    if any(batch.propensities.keys() != set(names) for batch in batches):
        raise ValueError("the batches name different variants, expected the same in each")
    return check_sample_ratio_by_phase(
        [
            Split(
                [batch.samples[name].units for name in names],
                [float(batch.propensities[name]) for name in names],
            )
            for batch in batches
        ]
    )


def _stratum(batch: Batch[Sample], control: str, treatment: str) -> Stratum[Sample]:
    for name in (control, treatment):
        if name not in batch.samples:
            raise ValueError(f"{name!r} is no variant of the batch: {sorted(batch.samples)}")
    c, t = (float(batch.propensities[name]) for name in (control, treatment))
    weight = batch.units * sqrt(c * t / (c + t)) if c and t else 0.0
    return Stratum(weight, batch.samples[control], batch.samples[treatment])
