"""What clients evaluate by themselves: the running tests of a project as GrowthBook features.

A feature per test, under the test's key: a variation for each range of buckets (a variant with
two ranges stands there twice, under one ``meta`` key), so never coverage or weights. Names,
hypotheses, KPIs and targets are not in it. A test that goes by lists of customers is left out:
no client can know the lists, and one that did not ask them would give variants to the wrong
people. Such a test is answered by remote evaluation and over HTTP.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import UNIT, AssignableExperiment
from experiments.assignment.gates import HELD_OUT, Holdout, Layer
from experiments.assignment.hashing import BUCKETS

HOLDOUT_PREFIX = "$holdout:"
HASH_VERSION = 2
# What clients see of a customer whom no holdout concerns.
NOT_HELD = "genpop"


@dataclass(frozen=True)
class Payload:
    """Features as they go out.

    Attributes:
        features: By key.
        digest: SHA-256 of the features' text, in hexadecimal: the same for the same features.
    """

    features: Mapping[str, Any]
    digest: str


def build_payload(experiments: Iterable[AssignableExperiment]) -> Payload:
    """The features of one project's tests; the same tests give the same bytes.

    Args:
        experiments: Of one project, in any state and order.
    """
    served = [each for each in experiments if is_open(each) and not each.by_list]
    served.sort(key=lambda each: each.key)
    holdouts = {each.key: each for test in served for each in test.holdouts}
    features = {each.key: _feature(each) for each in served}
    features |= {HOLDOUT_PREFIX + key: _holdout_feature(holdouts[key]) for key in sorted(holdouts)}
    text = json.dumps(features, allow_nan=False)
    return Payload(features, hashlib.sha256(text.encode()).hexdigest())


def is_open(experiment: AssignableExperiment) -> bool:
    """Whether the test gives variants at all now."""
    return experiment.compiled.closed is None


def variations(experiment: AssignableExperiment) -> tuple[BucketRange, ...]:
    """The test's variations in the order in which clients number them.

    Its ranges in their order, and after them, with no bucket, each variant that has none:
    clients take an experiment of less than two variations for none.

    Examples:
        >>> one = AssignableExperiment(
        ...     1, "k", 1, "running", "k", (BucketRange("b", 0, 10),), {"a": None, "b": None})
        >>> [each.variant for each in variations(one)]
        ['b', 'a']
    """
    owned = tuple(each for each in experiment.ranges if each.start < each.end)
    owning = {each.variant for each in owned}
    rest = (BucketRange(key, 0, 0) for key in experiment.payloads if key not in owning)
    return (*owned, *rest)


def value_of(experiment: AssignableExperiment, variant: str) -> Any:
    """What an app gets for the variant: its payload, or its key where it has none."""
    payload = experiment.payloads.get(variant)
    return variant if payload is None else payload


def _feature(experiment: AssignableExperiment) -> dict[str, Any]:
    rules = [*_override_rules(experiment), *map(_holdout_rule, experiment.holdouts)]
    return {"defaultValue": None, "rules": [*rules, _test_rule(experiment)]}


def _override_rules(experiment: AssignableExperiment) -> list[dict[str, Any]]:
    """A variant given by hand is forced, and so never told to have been met."""
    units: dict[str, list[str]] = {}
    for unit_id in sorted(experiment.overrides):
        units.setdefault(experiment.overrides[unit_id], []).append(unit_id)
    return [
        {"condition": {UNIT: {"$in": units[variant]}}, "force": value_of(experiment, variant)}
        for variant in sorted(units)
    ]


def _holdout_rule(holdout: Holdout) -> dict[str, Any]:
    """Ends the evaluation without a value for whoever is held out.

    A gate, since the Python client skips a rule that forces null.
    """
    condition = {"value": {"$ne": HELD_OUT}}
    return {
        "parentConditions": [
            {"id": HOLDOUT_PREFIX + holdout.key, "condition": condition, "gate": True}
        ]
    }


def _test_rule(experiment: AssignableExperiment) -> dict[str, Any]:
    ranges = variations(experiment)
    rule = {
        "key": experiment.key,
        "seed": experiment.seed,
        "hashAttribute": experiment.hash_attribute,
        "hashVersion": HASH_VERSION,
        "phase": str(experiment.phase),
        "variations": [value_of(experiment, each.variant) for each in ranges],
        "meta": [{"key": each.variant} for each in ranges],
        "ranges": [_fractions(each.start, each.end) for each in ranges],
    }
    if experiment.layer is not None:
        rule["filters"] = [_filter(experiment.layer, experiment.hash_attribute)]
    conditions = [*_hashable(experiment.hash_attribute)]
    if experiment.condition is not None:
        conditions.append(experiment.condition)
    if conditions:
        rule["condition"] = conditions[0] if len(conditions) == 1 else {"$and": conditions}
    return rule


def _hashable(attribute: str) -> list[Mapping[str, Any]]:
    """That the attribute is a text or a number: the JavaScript client hashes whatever it is.

    A name with a dot cannot be asked for: clients read it as a path.
    """
    kinds = [{attribute: {"$type": kind}} for kind in ("string", "number")]
    return [] if "." in attribute else [{"$or": kinds}]


def _filter(layer: Layer, attribute: str) -> dict[str, Any]:
    return {
        "seed": layer.seed,
        "attribute": attribute,
        "hashVersion": HASH_VERSION,
        "ranges": [_fractions(layer.start, layer.end)],
    }


def _holdout_feature(holdout: Holdout) -> dict[str, Any]:
    """A pseudo feature whose value says on which side of the holdout a customer is."""
    rule = {
        "key": HOLDOUT_PREFIX + holdout.key,
        "seed": holdout.seed,
        "hashAttribute": UNIT,
        "hashVersion": HASH_VERSION,
        "phase": "0",
        "variations": [variation for variation, _, _ in holdout.ranges],
        "meta": [{"key": str(index)} for index in range(len(holdout.ranges))],
        "ranges": [_fractions(start, end) for _, start, end in holdout.ranges],
    }
    return {"defaultValue": NOT_HELD, "rules": [rule]}


def _fractions(start: int, end: int) -> list[float]:
    return [start / BUCKETS, end / BUCKETS]
