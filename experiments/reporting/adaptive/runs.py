"""A KPI of a run in batches: samples that can only be compared batch by batch.

The samples of a variant are kept apart by batch, with the propensities of each. There is no sum
of them to hand to a method that assumes one allocation: whatever is asked is answered within
batches (`stats.propensity`), or refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.propensity import Batch, compare_means_by_batch, compare_rates_by_batch
from stats.samples import BinomialSample, MeanSample

Sample = BinomialSample | MeanSample
T = TypeVar("T")


@dataclass(frozen=True)
class RunBatch:
    """One batch, its variants in the order of the run.

    Attributes:
        propensities: Chance of a customer to get each variant; they sum to 1.
        samples: Of the customers first met in it.
    """

    propensities: tuple[Decimal, ...]
    samples: tuple[Sample, ...]

    @property
    def units(self) -> int:
        """Customers of all variants."""
        return sum(sample.units for sample in self.samples)


@dataclass(frozen=True)
class Run:
    """All batches of one KPI.

    Attributes:
        variants: Keys, as registered.
        control: Key of the control.
        wanted: The change of the KPI that would be welcome.
        batches: Those that met anybody.
    """

    variants: tuple[str, ...]
    control: str
    wanted: Direction
    batches: tuple[RunBatch, ...]

    @cached_property
    def arms(self) -> dict[str, "ArmSample"]:
        """The sample of every variant, by key."""
        return {key: ArmSample(key, self) for key in self.variants}

    def compare(self, treatment: str, confidence: float) -> Lift:
        """Compare a variant with the control, within batches.

        Raises:
            NotEnoughData: As the methods of `stats.propensity`.
        """
        batches: list[Batch[Any]] = [
            Batch(self._by_variant(each.propensities), self._by_variant(each.samples))
            for each in self.batches
        ]
        rates = all(isinstance(each, BinomialSample) for b in self.batches for each in b.samples)
        method = compare_rates_by_batch if rates else compare_means_by_batch
        return method(batches, self.control, treatment, confidence=confidence)

    def leading(self, confidence: float) -> Lift:
        """The comparison of the variant that is farthest ahead of the control.

        With several variants each pair has weights of its own, and the control a value in each;
        it is shown as this comparison has it.

        Raises:
            NotEnoughData: If no comparison can be made.
        """
        found, reason = [], NotEnoughData("there are no treatments to compare with the control")
        for key in self.variants:
            if key == self.control:
                continue
            try:
                found.append(self.compare(key, confidence))
            except NotEnoughData as refusal:
                reason = refusal
        if not found:
            raise reason
        return max(found, key=lambda lift: self.wanted.sign * lift.absolute.value)

    def _by_variant(self, values: Sequence[T]) -> dict[str, T]:
        return dict(zip(self.variants, values, strict=True))


@dataclass(frozen=True)
class ArmSample:
    """One variant of a run."""

    variant: str
    run: Run

    @property
    def units(self) -> int:
        """Customers of all batches."""
        return sum(sample.units for sample in self.by_batch)

    @property
    def by_batch(self) -> tuple[Sample, ...]:
        """Its sample of each batch."""
        place = self.run.variants.index(self.variant)
        return tuple(batch.samples[place] for batch in self.run.batches)


def run_of(
    variants: Sequence[str],
    control: str,
    wanted: Direction,
    batches: Sequence[tuple[Mapping[str, Decimal], Mapping[str, Sample]]],
) -> Run:
    """The run that batches make, each as its propensities and its samples by variant."""
    kept = [
        RunBatch(
            tuple(propensities[key] for key in variants), tuple(samples[key] for key in variants)
        )
        for propensities, samples in batches
    ]
    return Run(tuple(variants), control, wanted, tuple(each for each in kept if each.units))
