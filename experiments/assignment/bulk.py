"""Many units at once: the answers of ``evaluation.assign``, several million a second.

Whatever depends on ids alone (overrides, holdouts, layer, lists, buckets) is worked out in
NumPy; attributes are consulted row by row, and only where the rest lets a unit in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.assignment.buckets import BucketRange
from experiments.assignment.bulk_hash import Buckets, Texts, chunked
from experiments.assignment.conditions import matches
from experiments.assignment.evaluation import REASONS, UNIT, AssignableExperiment
from experiments.assignment.hash_values import hash_value
from experiments.assignment.hashing import BUCKETS, fnv1a32
from experiments.assignment.members import Digests, UnitList, digests_of

Codes = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]
Attributes = Sequence[Mapping[str, object] | None]

_CODE = {reason: code for code, reason in enumerate(REASONS)}
_UNDECIDED = -1


@dataclass(frozen=True)
class Assignments:
    """The answers about a list, in its order.

    Attributes:
        keys: Variant keys, that ``variants`` points to.
        variants: Index into ``keys``, -1 where the unit gets none; shape (n,).
        reasons: Index into ``evaluation.REASONS``; shape (n,).
        buckets: 0 to 9,999, -1 where buckets were not consulted; shape (n,).
    """

    keys: tuple[str, ...]
    variants: Codes
    reasons: Codes
    buckets: Codes

    def counts(self) -> dict[str, int]:
        """Units by variant; those without one are not counted."""
        found = np.bincount(self.variants + 1, minlength=len(self.keys) + 1)
        return dict(zip(self.keys, found[1:].tolist(), strict=True))

    def reason_counts(self) -> dict[str, int]:
        """Units by reason, those reasons left out that no unit has."""
        found = np.bincount(self.reasons, minlength=len(REASONS)).tolist()
        return {reason: count for reason, count in zip(REASONS, found, strict=True) if count}


def assign_many(
    experiment: AssignableExperiment, unit_ids: Sequence[str], attributes: Attributes | None = None
) -> Assignments:
    """Answer for many units as :func:`evaluation.assign` answers for each.

    Args:
        experiment: From the snapshot.
        unit_ids: Checked by the caller.
        attributes: Of each unit, in their order; None where nothing is known of any.

    Examples:
        >>> ranges = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10000))
        >>> running = AssignableExperiment(1, "subject", 1, "running", "subject", ranges)
        >>> assign_many(running, ["홍길동", "김민지"]).counts()
        {'a': 1, 'b': 1}
    """
    keys = tuple(dict.fromkeys((*experiment.payloads, *experiment.compiled.variants)))
    answers = Assignments(
        keys=keys,
        variants=np.full(len(unit_ids), -1, dtype=np.int16),
        reasons=np.full(len(unit_ids), _UNDECIDED, dtype=np.int16),
        buckets=np.full(len(unit_ids), -1, dtype=np.int16),
    )
    closed = experiment.compiled.closed
    if closed is not None:
        answers.reasons[:] = _CODE[closed]
        return answers
    owners = _owner_codes(experiment.ranges, keys)
    for place, texts in chunked(unit_ids):
        known = attributes[place] if attributes is not None else None
        part = Assignments(
            keys, answers.variants[place], answers.reasons[place], answers.buckets[place]
        )
        _Chunk(experiment, unit_ids[place], texts, known, part).decide(owners)
    return answers


def buckets(seed: str, unit_ids: Sequence[str]) -> Buckets:
    """The bucket of each unit, as ``hashing.bucket`` gives it.

    Args:
        seed: Salt of the experiment's phase.
        unit_ids: Ids, each checked by the caller.

    Returns:
        Integers 0 to 9,999, shape (len(unit_ids),), in the order of the ids.

    Examples:
        >>> buckets("seed", ["홍길동", "user-é"]).tolist()
        [2155, 6674]
    """
    found = np.empty(len(unit_ids), dtype=np.int64)
    start = fnv1a32(seed)
    for place, texts in chunked(unit_ids):
        found[place] = texts.buckets(start)
    return found


def arms(ranges: Sequence[BucketRange], unit_buckets: Buckets) -> npt.NDArray[np.int64]:
    """Which range each bucket falls into: its index, or -1 for none; the first that fits wins.

    Args:
        ranges: The phase's ranges.
        unit_buckets: Integers 0 to 9,999, shape (n,).

    Returns:
        Indices into ``ranges``, shape (n,).

    Examples:
        >>> arms((BucketRange("a", 0, 5000), BucketRange("b", 5000, 9000)),
        ...      np.array([17, 6000, 9500])).tolist()
        [0, 1, -1]
    """
    owner = np.full(BUCKETS, -1, dtype=np.int64)
    for index in reversed(range(len(ranges))):
        owner[ranges[index].start : ranges[index].end] = index
    taken: npt.NDArray[np.int64] = owner[unit_buckets]
    return taken


def _owner_codes(ranges: Sequence[BucketRange], keys: Sequence[str]) -> Codes:
    """Of each bucket the index of the variant that owns it, -1 for none."""
    of_range = np.array([*(keys.index(taken.variant) for taken in ranges), -1], dtype=np.int16)
    codes: Codes = of_range[arms(ranges, np.arange(BUCKETS))]
    return codes


@dataclass
class _Chunk:
    """Units that are decided together."""

    experiment: AssignableExperiment
    unit_ids: Sequence[str]
    texts: Texts
    attributes: Attributes | None
    answers: Assignments

    def decide(self, owners: Codes) -> None:
        """Fill in the answers, in the order of questions of ``evaluation.assign``."""
        gated = self.experiment.compiled.gated or not self.experiment.compiled.by_unit
        if gated:
            self._override()
        hashed = self._hashed_texts()
        if gated:
            self._keep_out(hashed)
        places = hashed.buckets(self.experiment.compiled.start).astype(np.int16)
        variants = owners[places]
        left = self.answers.reasons == _UNDECIDED
        found = np.where(variants < 0, _CODE["not_covered"], _CODE["assigned"])
        np.copyto(self.answers.reasons, found, casting="unsafe", where=left)
        np.copyto(self.answers.variants, variants, where=left)
        np.copyto(self.answers.buckets, places, where=left)

    def _override(self) -> None:
        given = self.experiment.overrides
        if not given:
            return
        for index, unit_id in enumerate(self.unit_ids):
            if unit_id in given:
                self.answers.reasons[index] = _CODE["override"]
                self.answers.variants[index] = self.answers.keys.index(given[unit_id])

    def _hashed_texts(self) -> Texts:
        """What is hashed: the ids themselves, or the values of an attribute."""
        if self.experiment.compiled.by_unit:
            return self.texts
        name = self.experiment.hash_attribute
        known = self.attributes or [None] * len(self.unit_ids)
        values = [hash_value(each, name) for each in known]
        self._refuse(np.array([value is None for value in values]), "no_hash_value")
        return Texts([value or "" for value in values])

    def _keep_out(self, hashed: Texts) -> None:
        experiment = self.experiment
        for holdout in experiment.holdouts:
            self._refuse(self.texts.buckets(fnv1a32(holdout.seed)) < holdout.buckets, "holdout")
        if experiment.layer is not None:
            slots = hashed.buckets(fnv1a32(experiment.layer.seed))
            outside = (slots < experiment.layer.start) | (slots >= experiment.layer.end)
            self._refuse(outside, "other_test")
        digests = digests_of(self.unit_ids) if experiment.has_lists else None
        for members in experiment.exclude_lists:
            self._refuse(_on(members, digests), "suppressed")
        for members in experiment.require_lists:
            self._refuse(~_on(members, digests), "no_consent")
        if experiment.condition is not None:
            self._ask_condition(experiment.condition)
        if experiment.capped:
            self._refuse(_on(experiment.capped, digests), "capped")
        if experiment.cooling:
            self._refuse(_on(experiment.cooling, digests), "cooling_down")

    def _ask_condition(self, condition: Mapping[str, object]) -> None:
        for index in np.flatnonzero(self.answers.reasons == _UNDECIDED).tolist():
            known = (self.attributes[index] if self.attributes else None) or {}
            if not matches(condition, {**known, UNIT: self.unit_ids[index]}):
                self.answers.reasons[index] = _CODE["not_targeted"]

    def _refuse(self, where: Flags, reason: str) -> None:
        where = where & (self.answers.reasons == _UNDECIDED)
        self.answers.reasons[where] = _CODE[reason]


def _on(members: UnitList, digests: Digests | None) -> Flags:
    assert digests is not None  # noqa: S101 - narrows a type: worked out where lists are asked
    return members.hold(digests)
