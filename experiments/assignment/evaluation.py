"""One answer: which variant of an experiment a unit gets, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.assignment.buckets import BucketRange, variant_at
from experiments.assignment.hashing import bucket

# Why nobody is assigned in this state; a running experiment goes by its buckets.
_REASONS = {
    "draft": "not_started",
    "scheduled": "not_started",
    "paused": "paused",
    "stopped": "stopped",
    "decided": "stopped",
    "archived": "stopped",
}


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
        payloads: What an app gets, by variant key; any JSON value.
        allocation: ``truelift``, or ``external`` where another tool assigns.
    """

    id: int
    key: str
    project_id: int
    state: str
    seed: str
    ranges: tuple[BucketRange, ...] = ()
    payloads: Mapping[str, Any] = field(default_factory=dict)
    allocation: str = "truelift"


@dataclass(frozen=True)
class Assignment:
    """The answer.

    Attributes:
        experiment: Key of the experiment.
        unit_id: The unit, as asked.
        variant: Key of the variant; None where the unit gets none.
        payload: The variant's payload; None where there is none.
        reason: assigned, not_covered, paused, not_started, stopped or external.
        bucket: The unit's bucket, 0 to 9,999; None where buckets were not consulted.
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
    attributes: Mapping[str, object] | None = None,  # noqa: ARG001 - part of every caller's question; no condition reads it yet
) -> Assignment:
    """Answer for one unit; the same configuration and unit always give the same answer.

    Args:
        experiment: From the snapshot.
        unit_id: Checked by ``experiments.units.check_unit_id``.
        attributes: What the caller knows of the unit.

    Examples:
        >>> ranges = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10000))
        >>> running = AssignableExperiment(1, "subject", 1, "running", "subject", ranges)
        >>> assign(running, "홍길동").variant
        'b'
    """
    reason = _REASONS.get(experiment.state)
    if reason is None and experiment.allocation == "external":
        reason = "external"
    if reason is not None:
        return Assignment(experiment.key, unit_id, None, None, reason, None)
    place = bucket(experiment.seed, unit_id)
    variant = variant_at(experiment.ranges, place)
    return Assignment(
        experiment=experiment.key,
        unit_id=unit_id,
        variant=variant,
        payload=None if variant is None else experiment.payloads.get(variant),
        reason="not_covered" if variant is None else "assigned",
        bucket=place,
    )
