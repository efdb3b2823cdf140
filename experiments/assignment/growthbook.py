"""What a client makes of a payload: GrowthBook's evaluation, for the fields that we emit.

A payload is ``{"features": {key: feature}, "savedGroups": {id: list}}``. Of a feature we
emit ``defaultValue`` and ``rules``; of a rule ``force`` with its ``condition``,
``parentConditions``, ``filters`` and ``tracks``, or ``variations`` with their ``ranges`` and
``meta`` and how to hash. Coverage, weights and namespaces are always written as ranges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.assignment.buckets import choose_variation, get_bucket_ranges
from experiments.assignment.conditions import matches
from experiments.assignment.hash_values import hash_value
from experiments.assignment.hashing import gb_hash
from experiments.assignment.results import ExperimentResult, FeatureResult

Document = Mapping[str, Any]

_RULE_FIELDS = (
    "variations", "hashAttribute", "meta", "ranges", "name", "phase", "seed", "hashVersion",
    "filters", "condition",
)  # fmt: skip


@dataclass(frozen=True)
class _Question:
    """Who asks, of which payload."""

    payload: Document
    attributes: Document
    forced: Mapping[str, int] = field(default_factory=dict)

    def matches(self, condition: Document) -> bool:
        return matches(condition, self.attributes, self.payload.get("savedGroups"))


def eval_feature(
    payload: Document, attributes: Document, key: str, forced: Mapping[str, int] | None = None
) -> FeatureResult:
    """The value of a feature for somebody.

    Args:
        payload: Features by key, and saved groups by id.
        attributes: What is known of the customer.
        key: Of the feature.
        forced: Index of the variation to give, by experiment key.

    Examples:
        >>> rule = {"variations": ["A", "B"], "ranges": [[0, 0.5], [0.5, 1]], "hashVersion": 2}
        >>> eval_feature({"features": {"seed": {"rules": [rule]}}}, {"id": "홍길동"}, "seed").value
        'A'
    """
    return _feature(_Question(payload, attributes, forced or {}), key, frozenset())


def run(
    experiment: Document,
    attributes: Document,
    payload: Document | None = None,
    forced: Mapping[str, int] | None = None,
) -> ExperimentResult:
    """Which variation of an experiment somebody gets.

    Args:
        experiment: ``key`` and ``variations``, and the other fields of a rule.
        attributes: What is known of the customer.
        payload: Where features that it depends on, and saved groups, are found.
        forced: Index of the variation to give, by experiment key.

    Examples:
        >>> run({"key": "my-test", "variations": [0, 1]}, {"id": "1"}).variation_id
        1
    """
    question = _Question(payload or {}, attributes, forced or {})
    return _run(question, experiment, None, frozenset())


def _feature(question: _Question, key: str, above: frozenset[str]) -> FeatureResult:
    feature = question.payload.get("features", {}).get(key)
    if feature is None:
        return FeatureResult(None, "unknownFeature")
    if key in above:
        return FeatureResult(None, "cyclicPrerequisite")
    for rule in feature.get("rules") or ():
        found = _by_rule(question, rule, key, above | {key})
        if found is not None:
            return found
    return FeatureResult(feature.get("defaultValue"), "defaultValue")


def _by_rule(
    question: _Question, rule: Document, key: str, above: frozenset[str]
) -> FeatureResult | None:
    """What the rule decides; None if the next one is to."""
    failed = _failed_parent(question, rule.get("parentConditions") or (), above)
    if failed is not None:
        return FeatureResult(None, failed) if failed else None
    if not _passes_filters(question, rule.get("filters") or ()):
        return None
    if "force" in rule:
        return _forced(question, rule)
    return _tested(question, rule, key, above) if "variations" in rule else None


def _forced(question: _Question, rule: Document) -> FeatureResult | None:
    if not question.matches(rule.get("condition", {})):
        return None
    tracks = rule.get("tracks") or ()
    return FeatureResult(rule["force"], "force", rule.get("id", ""), tracks=tracks)


def _tested(
    question: _Question, rule: Document, key: str, above: frozenset[str]
) -> FeatureResult | None:
    own = {name: rule[name] for name in _RULE_FIELDS if name in rule}
    experiment = {**own, "key": rule.get("key") or key}
    result = _run(question, experiment, key, above)
    if not result.in_experiment or result.passthrough:
        return None
    return FeatureResult(result.value, "experiment", rule.get("id", ""), experiment, result)


def _failed_parent(
    question: _Question, parents: Sequence[Document], above: frozenset[str]
) -> str | None:
    """The source to answer with, empty if only this rule is out; None if no parent fails."""
    groups = question.payload.get("savedGroups")
    for parent in parents:
        found = _feature(question, parent["id"], above)
        if found.source == "cyclicPrerequisite":
            return found.source
        if not matches(parent["condition"], {"value": found.value}, groups):
            return "prerequisite" if parent.get("gate") else ""
    return None


def _run(
    question: _Question, experiment: Document, feature: str | None, above: frozenset[str]
) -> ExperimentResult:
    forced = question.forced.get(experiment["key"])
    if forced is not None and len(experiment["variations"]) > 1:
        return _result(question, experiment, feature, forced)
    place = _place(question, experiment, above)
    ranges = experiment.get("ranges") or get_bucket_ranges(len(experiment["variations"]), 1)
    index = -1 if place is None else choose_variation(place, ranges)
    if index >= 0 and "force" in experiment:
        return _result(question, experiment, feature, experiment["force"])
    return _result(question, experiment, feature, index, place)


def _place(question: _Question, experiment: Document, above: frozenset[str]) -> float | None:
    """Where the customer falls, a fraction in [0, 1); None for somebody it is not for."""
    hashed = hash_value(question.attributes, _attribute(experiment))
    if len(experiment["variations"]) < 2 or hashed is None:
        return None
    if not _passes_filters(question, experiment.get("filters") or ()):
        return None
    if not question.matches(experiment.get("condition", {})):
        return None
    if _failed_parent(question, experiment.get("parentConditions") or (), above) is not None:
        return None
    seed = experiment.get("seed") or experiment["key"]
    return gb_hash(seed, hashed, experiment.get("hashVersion") or 1)


def _passes_filters(question: _Question, filters: Sequence[Document]) -> bool:
    """Whether the customer falls into a range of every filter: their slots of each layer."""
    for each in filters:
        hashed = hash_value(question.attributes, each.get("attribute") or "id")
        place = (
            None if hashed is None else gb_hash(each["seed"], hashed, each.get("hashVersion", 2))
        )
        if place is None or choose_variation(place, each["ranges"]) < 0:
            return False
    return True


def _result(
    question: _Question,
    experiment: Document,
    feature: str | None,
    index: int,
    place: float | None = None,
) -> ExperimentResult:
    """The result for a variation; for an index that is none, of being left out."""
    variations = experiment["variations"]
    taken = 0 <= index < len(variations)
    chosen = index if taken else 0
    meta = (experiment.get("meta") or [])[chosen : chosen + 1]
    described = meta[0] if meta else {}
    attribute = _attribute(experiment)
    return ExperimentResult(
        key=described.get("key", str(chosen)),
        variation_id=chosen,
        value=variations[chosen] if variations else None,
        in_experiment=taken,
        hash_used=taken and place is not None,
        hash_attribute=attribute,
        hash_value=hash_value(question.attributes, attribute) or "",
        feature=feature,
        bucket=place if taken else None,
        passthrough=bool(described.get("passthrough")),
    )


def _attribute(experiment: Document) -> str:
    return str(experiment.get("hashAttribute") or "id")
