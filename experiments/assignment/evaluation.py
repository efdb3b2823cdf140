"""One answer: which variant of an experiment a unit gets, and why.

The order of the questions is the order in which GrowthBook's clients ask them of the same
experiment on the wire; what clients cannot know (lists of units) stands between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from experiments.assignment.buckets import BucketRange, owners
from experiments.assignment.compiled import Answer, Compiled
from experiments.assignment.conditions import matches
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.hash_values import hash_value
from experiments.assignment.hashing import bucket_after, fnv1a32
from experiments.assignment.members import UnitList, digest_of
from experiments.assignment.send_instants import SendPlan

UNIT = "id"

# Why nobody is assigned in this state; a running experiment goes by its rules.
_REASONS = {
    "draft": "not_started",
    "scheduled": "not_started",
    "paused": "paused",
    "stopped": "stopped",
    "decided": "stopped",
    "archived": "stopped",
}
REASONS = (
    "assigned", "override", "not_started", "paused", "stopped", "external", "no_hash_value",
    "holdout", "other_test", "suppressed", "no_consent", "not_targeted", "capped",
    "cooling_down", "not_covered",
)  # fmt: skip


@dataclass(frozen=True)
class AssignableExperiment:
    """What assignment must know of an experiment.

    Attributes:
        id: Row id.
        key: Name in its project.
        project_id: Row id of its project.
        state: State of its lifecycle.
        seed: Salt of the present phase.
        ranges: Buckets of the present phase; none before the start.
        payloads: What an app gets, by variant key, in the order of the draft; any JSON value.
        allocation: ``truelift``, or ``external`` where another tool assigns.
        phase: Number of the present phase, from 1; 0 before the start.
        control: Key of the variant that the others are compared with.
        hash_attribute: Whose value is hashed: ``id`` (the unit), or another attribute, so
            that all units of one value get one variant.
        condition: Audience and saved segments as one rule; None for everybody.
        holdouts: Whose members get no test.
        layer: Slots that the test owns, if it is in a layer.
        overrides: Variant by unit id, for testers.
        exclude_lists: Whose members are left out.
        require_lists: Which a unit must be on.
        capped: Units that had their share of messages.
        cooling: Units that met another test lately.
        by_list: Whether lists of units decide, so that no client can answer by itself; also
            while those that are worked out for the test are not there yet.
        sends: When its variants are sent; None where the sending tool decides.
    """

    id: int
    key: str
    project_id: int
    state: str
    seed: str
    ranges: tuple[BucketRange, ...] = ()
    payloads: Mapping[str, Any] = field(default_factory=dict)
    allocation: str = "truelift"
    phase: int = 0
    control: str | None = None
    hash_attribute: str = UNIT
    condition: Mapping[str, Any] | None = None
    holdouts: tuple[Holdout, ...] = ()
    layer: Layer | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    exclude_lists: tuple[UnitList, ...] = ()
    require_lists: tuple[UnitList, ...] = ()
    capped: UnitList | None = None
    cooling: UnitList | None = None
    by_list: bool = False
    sends: SendPlan | None = None

    @cached_property
    def compiled(self) -> Compiled:
        """Worked out once: what is the same for every unit."""
        closed = _REASONS.get(self.state)
        if closed is None and self.allocation == "external":
            closed = "external"
        by_unit, ruled = self.hash_attribute == UNIT, self.condition is not None
        gated = ruled or bool(self.overrides or self.holdouts or self.layer or self.has_lists)
        return Compiled(
            closed=closed,
            by_unit=by_unit,
            gated=gated,
            plain=closed is None and by_unit and not gated,
            start=fnv1a32(self.seed),
            answers=() if closed else tuple(map(self._answer, owners(self.ranges))),
            variants=tuple(dict.fromkeys(taken.variant for taken in self.ranges)),
        )

    def _answer(self, owner: str | None) -> Answer:
        if owner is None:
            return (None, None, "not_covered")
        return (owner, self.payloads.get(owner), "assigned")

    @property
    def has_lists(self) -> bool:
        """Whether membership of a list decides."""
        return bool(self.unit_lists)

    @cached_property
    def unit_lists(self) -> tuple[UnitList, ...]:
        """Every list that it consults."""
        computed = (each for each in (self.capped, self.cooling) if each is not None)
        return (*self.exclude_lists, *self.require_lists, *computed)


class Assignment(NamedTuple):
    """The answer.

    Attributes:
        experiment: Key of the experiment.
        unit_id: The unit, as asked.
        variant: Key of the variant; None where the unit gets none.
        payload: The variant's payload; None where there is none.
        reason: One of ``REASONS``.
        bucket: The bucket, 0 to 9,999; None where buckets were not consulted.
    """

    experiment: str
    unit_id: str
    variant: str | None
    payload: Any
    reason: str
    bucket: int | None


def assign(
    experiment: AssignableExperiment,
    unit_id: str,
    attributes: Mapping[str, object] | None = None,
) -> Assignment:
    """Answer for one unit; the same configuration, unit and attributes give the same answer.

    Args:
        experiment: From the snapshot.
        unit_id: Checked by ``experiments.units.check_unit_id``.
        attributes: What the caller knows of the unit; ``id`` is always the unit.

    Examples:
        >>> ranges = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10000))
        >>> running = AssignableExperiment(1, "subject", 1, "running", "subject", ranges)
        >>> assign(running, "홍길동").variant
        'b'
    """
    rules = experiment.compiled
    value: str | None = unit_id
    if not rules.plain:
        if rules.closed is not None:
            return _without_bucket(experiment, unit_id, None, rules.closed)
        if unit_id in experiment.overrides:
            return _without_bucket(experiment, unit_id, experiment.overrides[unit_id], "override")
        if not rules.by_unit:
            value = hash_value(attributes, experiment.hash_attribute)
        if value is None:
            return _without_bucket(experiment, unit_id, None, "no_hash_value")
        if rules.gated and (reason := _kept_out(experiment, unit_id, value, attributes)):
            return _without_bucket(experiment, unit_id, None, reason)
    place = bucket_after(rules.start, value or "")
    variant, payload, reason = rules.answers[place]
    return Assignment(experiment.key, unit_id, variant, payload, reason, place)


def _without_bucket(
    experiment: AssignableExperiment, unit_id: str, variant: str | None, reason: str
) -> Assignment:
    payload = None if variant is None else experiment.payloads.get(variant)
    return Assignment(experiment.key, unit_id, variant, payload, reason, None)


def _kept_out(
    experiment: AssignableExperiment,
    unit_id: str,
    value: str,
    attributes: Mapping[str, object] | None,
) -> str | None:
    """The first reason why the unit is not in the test, whatever its bucket."""
    if any(holdout.holds(unit_id) for holdout in experiment.holdouts):
        return "holdout"
    if experiment.layer is not None and not experiment.layer.holds(value):
        return "other_test"
    digest = digest_of(unit_id) if experiment.has_lists else b""
    return (
        _left_out(experiment, digest)
        or _not_meant(experiment, unit_id, attributes)
        or _met_enough(experiment, digest)
    )


def _left_out(experiment: AssignableExperiment, digest: bytes) -> str | None:
    if any(members.holds(digest) for members in experiment.exclude_lists):
        return "suppressed"
    if not all(members.holds(digest) for members in experiment.require_lists):
        return "no_consent"
    return None


def _not_meant(
    experiment: AssignableExperiment, unit_id: str, attributes: Mapping[str, object] | None
) -> str | None:
    if experiment.condition is None:
        return None
    known = {**(attributes or {}), UNIT: unit_id}
    return None if matches(experiment.condition, known) else "not_targeted"


def _met_enough(experiment: AssignableExperiment, digest: bytes) -> str | None:
    if experiment.capped and experiment.capped.holds(digest):
        return "capped"
    if experiment.cooling and experiment.cooling.holds(digest):
        return "cooling_down"
    return None
