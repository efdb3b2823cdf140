"""Changing who gets what while a test runs: a new phase, told before it is done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from sqlalchemy import Connection

from experiments.assignment.buckets import BucketRange, bucket_counts, owners
from experiments.assignment.bulk import buckets
from experiments.assignment.hashing import BUCKETS
from experiments.assignment.reallocation import Allocation, Moves, moves_between, reallocate
from experiments.errors import Conflict, Invalid
from experiments.kpis.checks import check_number, check_share
from experiments.ledger.exposed import exposed_units
from experiments.registry.audience import UNIT_ATTRIBUTE
from experiments.registry.catalog import lock_experiment
from experiments.registry.experiment import Experiment, ExperimentDraft, Phase
from experiments.registry.keyed import Edit
from experiments.registry.phases import close_phase, next_phase, open_phase
from experiments.registry.registration import check_revision, save
from experiments.registry.variants import WEIGHT_TOLERANCE

OPEN = ("running", "paused")


class NotReallocatable(Conflict):
    """Nothing of it can be allocated anew."""

    template = "only a running or paused test that Truelift assigns can be allocated anew"


class SharesFollowResults(Conflict):
    """What decides the shares of the test is fixed in its plan."""

    template = "the shares of this test follow its results: only its batches change them"


class NothingToReallocate(Conflict):
    """Weights and coverage are as wanted already."""

    template = "the weights and the coverage are these already"


@dataclass(frozen=True)
class WantedAllocation:
    """A change as it is asked for; None leaves what is.

    Attributes:
        weights: Share of each variant by key, summing to 1; 0 takes a variant out.
        coverage: Share of customers that takes part; never less than now.
    """

    weights: Mapping[str, Decimal] | None = None
    coverage: Decimal | None = None

    def __post_init__(self) -> None:
        if self.coverage is not None:
            check_share(self.coverage, "coverage")
        for key, weight in (self.weights or {}).items():
            check_number(weight, f"weights.{key}")
            if not 0 <= weight <= 1:
                expected = "a fraction from 0 to 1"
                raise Invalid(field=f"weights.{key}", expected=expected, got=str(weight))


@dataclass(frozen=True)
class VariantChange:
    """Buckets of one variant, of 10,000: before, after, and those that changed hands."""

    variant: str
    before: int
    after: int
    gained: int
    lost: int


@dataclass(frozen=True)
class ExposedMove:
    """Customers met so far who would get another variant from now on."""

    before: str
    after: str
    units: int


@dataclass(frozen=True)
class Reallocation:
    """What a change does.

    Attributes:
        phase: Number of the phase that it opens.
        allocation: Weights and coverage afterwards.
        ranges: Of the new phase.
        moves: Of buckets.
        variants: The buckets of each variant.
        exposed: Customers met so far.
        exposed_moves: Of these, who would get another variant; None where customers are not
            split by their own ids, so that it is not known.
    """

    phase: int
    allocation: Allocation
    ranges: tuple[BucketRange, ...]
    moves: Moves
    variants: tuple[VariantChange, ...]
    exposed: int
    exposed_moves: tuple[ExposedMove, ...] | None

    @property
    def share_moved(self) -> Decimal:
        """Of all customers, those who take part already and would get another variant."""
        return Decimal(self.moves.buckets_moved) / BUCKETS


def plan_reallocation(
    db: Connection, key: str, wanted: WantedAllocation, edit: Edit
) -> tuple[Experiment, Reallocation]:
    """What a change would do, and the experiment as it is; nothing is changed.

    Raises:
        NotFound: If the project has no such experiment.
        StaleRevision: If it is at another revision than the one seen.
        NotReallocatable: If it is not open, or another tool assigns.
        SharesFollowResults: If its batches decide its shares.
        NothingToReallocate: If all is as wanted already.
        CoverageShrinks: If customers would leave.
        ShareTooSmall: If a variant would own less than one bucket.
        Invalid: If the weights are not those of its variants.
    """
    experiment = lock_experiment(db, edit.project, key)
    check_revision(experiment, edit.expected_revision)
    draft = experiment.draft
    if experiment.state not in OPEN or draft.allocation != "truelift":
        raise NotReallocatable(field="state")
    if draft.adaptive is not None:
        raise SharesFollowResults(field="weights")
    last = experiment.phases[-1]
    before = Allocation(last.weights or {}, last.coverage or Decimal(1))
    after = Allocation(_weights(draft, wanted, before), wanted.coverage or before.coverage)
    if before == after:
        raise NothingToReallocate(field="weights")
    ranges = reallocate([phase.ranges for phase in experiment.phases], before, after)
    return experiment, _told(db, experiment, ranges, after)


def reallocate_experiment(
    db: Connection, key: str, wanted: WantedAllocation, edit: Edit
) -> tuple[Experiment, Reallocation]:
    """Make a change: the experiment with its new phase, and what it did.

    Raises:
        TrueliftError: As :func:`plan_reallocation`.
    """
    before, planned = plan_reallocation(db, key, wanted, edit)
    opened = next_phase(
        before.phases[-1],
        edit.now,
        ranges=planned.ranges,
        weights=planned.allocation.weights,
        coverage=planned.allocation.coverage,
    )
    close_phase(db, before.id, edit.now)
    open_phase(db, before.id, opened)
    action = "experiment.reallocate"
    after = save(db, edit.project, action, before, {}, actor=edit.actor, now=edit.now)
    return after, planned


def _weights(
    draft: ExperimentDraft, wanted: WantedAllocation, before: Allocation
) -> Mapping[str, Decimal]:
    if wanted.weights is None:
        return before.weights
    keys = [variant.key for variant in draft.variants]
    if set(wanted.weights) != set(keys):
        expected = "a weight for each of " + ", ".join(keys)
        raise Invalid(field="weights", expected=expected, got=", ".join(wanted.weights))
    total = sum(wanted.weights.values(), Decimal(0))
    if abs(total - 1) > WEIGHT_TOLERANCE:
        raise Invalid(field="weights", expected="weights that sum to 1", got=str(total))
    if not wanted.weights[draft.control.key] or max(wanted.weights.values()) == 1:
        expected = "the control and one other variant with a weight over 0"
        raise Invalid(field="weights", expected=expected, got=_listed(wanted.weights))
    return {key: wanted.weights[key] for key in keys}


def _listed(weights: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{key} {weight}" for key, weight in weights.items())


def _told(
    db: Connection, experiment: Experiment, ranges: tuple[BucketRange, ...], after: Allocation
) -> Reallocation:
    last = experiment.phases[-1]
    moves = moves_between(last.ranges, ranges)
    exposed, exposed_moves = _exposed(db, experiment, last, ranges)
    return Reallocation(
        phase=last.number + 1,
        allocation=after,
        ranges=ranges,
        moves=moves,
        variants=_variants(after.weights, last.ranges, ranges, moves),
        exposed=exposed,
        exposed_moves=exposed_moves,
    )


def _variants(
    keys: Mapping[str, Decimal],
    before: Sequence[BucketRange],
    after: Sequence[BucketRange],
    moves: Moves,
) -> tuple[VariantChange, ...]:
    had, has = bucket_counts(before), bucket_counts(after)
    return tuple(
        VariantChange(
            variant=key,
            before=had.get(key, 0),
            after=has.get(key, 0),
            gained=sum(count for (_, to), count in moves.moved.items() if to == key),
            lost=sum(count for (out_of, _), count in moves.moved.items() if out_of == key),
        )
        for key in keys
    )


def _exposed(
    db: Connection, experiment: Experiment, last: Phase, ranges: Sequence[BucketRange]
) -> tuple[int, tuple[ExposedMove, ...] | None]:
    """Customers met so far; and who of them changes from which variant to which."""
    had, gets = np.array(owners(last.ranges)), np.array(owners(ranges))
    met, moving = 0, Counter[tuple[str, str]]()
    by_unit = experiment.draft.hash_attribute == UNIT_ATTRIBUTE
    for unit_ids in exposed_units(db, experiment.id):
        met += len(unit_ids)
        if by_unit:
            places = np.bincount(buckets(last.seed, unit_ids), minlength=BUCKETS)
            for place in np.flatnonzero((places > 0) & (had != gets) & (had != None)):  # noqa: E711 - of an array
                moving[had[place], gets[place]] += int(places[place])
    if not by_unit:
        return met, None
    return met, tuple(ExposedMove(*pair, units) for pair, units in sorted(moving.items()))
