"""Remote evaluation: the service answers for one customer, and the client only believes it.

The answer has the form of a payload, with every feature's value already decided. It is what
``assign`` says, lists of customers included, so a client learns no rule and no other variant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.assignment.evaluation import UNIT, AssignableExperiment, Assignment, assign
from experiments.assignment.hash_values import hash_value
from experiments.assignment.hashing import BUCKETS
from experiments.assignment.payload import is_open, value_of, variations
from experiments.units import check_unit_id

Feature = dict[str, Any]
_NOTHING: Feature = {"defaultValue": None}


@dataclass(frozen=True)
class RemoteQuestion:
    """Who asks, and what a developer wants to see instead.

    Attributes:
        attributes: What the client knows of the customer; ``id`` is the unit.
        forced_variations: Index of a variation, by experiment key.
        forced_features: Value by feature key.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    forced_variations: Mapping[str, int] = field(default_factory=dict)
    forced_features: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unit_id(self) -> str | None:
        """The unit; None where the client knows none, or nothing that could be hashed.

        Raises:
            Invalid: If it is a text that cannot be a unit's id.
        """
        unit_id = hash_value(self.attributes, UNIT)
        return None if unit_id is None else check_unit_id(unit_id, f"attributes.{UNIT}")


def remote_features(
    experiments: Iterable[AssignableExperiment], question: RemoteQuestion
) -> dict[str, Feature]:
    """Every feature of a project with its value for this customer.

    Raises:
        Invalid: If the customer's id cannot be one.
    """
    unit_id = question.unit_id
    served = sorted((each for each in experiments if is_open(each)), key=lambda each: each.key)
    return {each.key: _feature(each, unit_id, question) for each in served}


def _feature(
    experiment: AssignableExperiment, unit_id: str | None, question: RemoteQuestion
) -> Feature:
    key = experiment.key
    if key in question.forced_features:
        return _forced(question.forced_features[key])
    if key in question.forced_variations:
        return _forced_variation(experiment, question.forced_variations[key])
    if unit_id is None:
        return _NOTHING
    found = assign(experiment, unit_id, question.attributes)
    if found.variant is None:
        return _NOTHING
    value = value_of(experiment, found.variant)
    if found.bucket is None:
        return _forced(value)
    hashed = hash_value(question.attributes, experiment.hash_attribute)
    return _forced(value, [_track(experiment, found, value, hashed)])


def _forced(value: Any, tracks: list[Any] | None = None) -> Feature:
    """A feature with one answer; the Python client knows null only as the default."""
    if value is None:
        return _NOTHING
    rule = {"force": value, "tracks": tracks} if tracks else {"force": value}
    return {"defaultValue": None, "rules": [rule]}


def _forced_variation(experiment: AssignableExperiment, index: int) -> Feature:
    listed = variations(experiment)
    if not 0 <= index < len(listed):
        return _NOTHING
    return _forced(value_of(experiment, listed[index].variant))


def _track(
    experiment: AssignableExperiment, found: Assignment, value: Any, hashed: str | None
) -> dict[str, Any]:
    """What the client reports as met; of the other variants it learns the keys alone."""
    listed, bucket = variations(experiment), found.bucket or 0
    index = next(i for i, each in enumerate(listed) if each.start <= bucket < each.end)
    return {
        "experiment": {
            "key": experiment.key,
            "phase": str(experiment.phase),
            "variations": [each.variant for each in listed],
        },
        "result": {
            "key": found.variant,
            "featureId": experiment.key,
            "variationId": index,
            "value": value,
            "inExperiment": True,
            "hashUsed": True,
            "hashAttribute": experiment.hash_attribute,
            "hashValue": hashed,
            "bucket": bucket / BUCKETS,
            "stickyBucketUsed": False,
        },
    }
