"""Which variant Truelift gave a unit at a time: by the phase that was open then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from experiments.assignment.buckets import variant_at
from experiments.assignment.bulk import buckets
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.hash_values import hash_value
from experiments.assignment.hashing import bucket
from experiments.ledger.facts import Exposure, Fact
from experiments.registry.audience import UNIT_ATTRIBUTE
from experiments.registry.experiment import Phase

# In place of the variant given to a tester: none has that name, so nothing counts it.
TESTER = "~tester"
# And in place of the variant given to somebody met while the test was not running.
OUTSIDE_DATES = "~outside"


@dataclass(frozen=True)
class KnownHoldout:
    """A holdout, and from when on it holds nobody out."""

    rule: Holdout
    ended_at: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        """Whether it held anybody out then."""
        return self.ended_at is None or at < self.ended_at


def _is_open(phase: Phase, at: datetime) -> bool:
    # Senders say whole seconds: a send in the second of the start is no send before it.
    opened = phase.started_at.replace(microsecond=0)
    return opened <= at and (phase.ended_at is None or at < phase.ended_at)


@dataclass(frozen=True)
class KnownExperiment:
    """What must be known of an experiment to place a fact in it.

    Attributes:
        id: Row id.
        allocates: Whether Truelift assigns; if not, the reported variant is believed.
        variants: Whether each variant gets no message, by key.
        phases: All of them, in order.
        hash_attribute: Whose value decides the variant; ``id`` is the unit itself.
        layer: Slots that the test owns, if it is in a layer.
        holdouts: That its phases keep to, by row id.
        testers: Units with a variant given by hand: they are never counted.
        hashed: Buckets that are known already, by seed and unit; see ``hash_units``.
    """

    id: int
    allocates: bool
    variants: Mapping[str, bool]
    phases: tuple[Phase, ...] = ()
    hash_attribute: str = UNIT_ATTRIBUTE
    layer: Layer | None = None
    holdouts: Mapping[int, KnownHoldout] = field(default_factory=dict)
    testers: frozenset[str] = frozenset()
    hashed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def by_unit(self) -> bool:
        """Whether the unit's own id is hashed."""
        return self.hash_attribute == UNIT_ATTRIBUTE

    @property
    def seeds(self) -> set[str]:
        """All that units are hashed with."""
        drawn = {holdout.rule.seed for holdout in self.holdouts.values()}
        layer = {self.layer.seed} if self.layer else set()
        return {phase.seed for phase in self.phases} | drawn | layer

    def was_open_at(self, at: datetime) -> bool:
        """Whether Truelift gave anybody a variant then."""
        return any(_is_open(phase, at) for phase in self.phases)

    def variant_of(self, exposure: Exposure) -> str | None:
        """The variant that Truelift gave the unit then; None if it gave none, or none is known.

        Lists and attributes are not known any more: what they kept out is not asked here.
        Where the unit is split by an attribute that was not sent, the sender is believed.
        """
        at, unit_id = exposure.occurred_at, exposure.unit_id
        if unit_id is None:
            return None
        phase = next((each for each in self.phases if _is_open(each, at)), None)
        if not self.allocates or phase is None or unit_id in self.testers:
            return None
        held_by = (self.holdouts[row] for row in phase.holdouts if row in self.holdouts)
        if any(self._holds(holdout, unit_id) for holdout in held_by if holdout.holds_at(at)):
            return None
        value = unit_id if self.by_unit else hash_value(exposure.properties, self.hash_attribute)
        if value is None:
            return exposure.variant
        if self.layer and not self._owns_slot(self.layer, value):
            return None
        return variant_at(phase.ranges, self._bucket(phase.seed, value))

    def _holds(self, holdout: KnownHoldout, unit_id: str) -> bool:
        return self._bucket(holdout.rule.seed, unit_id) < holdout.rule.buckets

    def _owns_slot(self, layer: Layer, value: str) -> bool:
        return layer.start <= self._bucket(layer.seed, value) < layer.end

    def _bucket(self, seed: str, unit_id: str) -> int:
        known = self.hashed.get(seed, {}).get(unit_id)
        return bucket(seed, unit_id) if known is None else known


def hash_units(
    experiments: Mapping[str, KnownExperiment], facts: Iterable[Fact]
) -> dict[str, KnownExperiment]:
    """The experiments, knowing the bucket of every unit that the facts expose to them.

    Many at once are hashed several times faster than one after the other.
    """
    units: dict[str, set[str]] = {key: set() for key, each in experiments.items() if each.allocates}
    for fact in facts:
        if isinstance(fact, Exposure) and fact.experiment in units and fact.unit_id is not None:
            units[fact.experiment].add(fact.unit_id)
    hashed = dict(experiments)
    for key, exposed in units.items():
        ids = list(exposed)
        of_seed = {
            seed: dict(zip(ids, buckets(seed, ids).tolist(), strict=True))
            for seed in experiments[key].seeds
        }
        hashed[key] = replace(experiments[key], hashed=of_seed)
    return hashed
