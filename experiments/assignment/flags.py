"""A test as a feature flag: what OpenFeature's clients are told of it (OFREP)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.assignment.payload import is_open, value_of

# OpenFeature's words for ours; a customer without a variant has none of its own.
_REASONS = {"assigned": "SPLIT", "override": "TARGETING_MATCH"}
_CLOSED = frozenset({"paused", "stopped", "not_started", "external"})


@dataclass(frozen=True)
class Flag:
    """A test, evaluated for one unit.

    Attributes:
        key: Of the test.
        variant: Key of the variant; None where the unit gets none, and the app's own default
            applies.
        value: The variant's payload, or its key where it has none.
        reason: One of the protocol's five.
        metadata: Our reason, phase and bucket.
    """

    key: str
    variant: str | None
    value: Any
    reason: str
    metadata: Mapping[str, str | int]

    def document(self) -> dict[str, Any]:
        """The flag as the protocol writes it; without ``value`` the app uses its default.

        ``variant`` is always there: a client in use fails without it.
        """
        told = {
            "key": self.key,
            "reason": self.reason,
            "variant": self.variant,
            "metadata": dict(self.metadata),
        }
        return told if self.variant is None else {**told, "value": self.value}


def evaluate_flag(
    experiment: AssignableExperiment, unit_id: str, attributes: Mapping[str, object]
) -> Flag:
    """Evaluate a test for one unit.

    Args:
        experiment: From the snapshot.
        unit_id: Checked by ``experiments.units.check_unit_id``.
        attributes: The evaluation context.

    Examples:
        >>> from experiments.assignment.buckets import BucketRange
        >>> ranges = (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10000))
        >>> running = AssignableExperiment(1, "subject", 1, "running", "subject", ranges)
        >>> flag = evaluate_flag(running, "홍길동", {})
        >>> flag.value, flag.reason
        ('b', 'SPLIT')
    """
    found = assign(experiment, unit_id, attributes)
    metadata: dict[str, str | int] = {"reason": found.reason, "phase": experiment.phase}
    if found.bucket is not None:
        metadata["bucket"] = found.bucket
    value = None if found.variant is None else value_of(experiment, found.variant)
    reason = _REASONS.get(found.reason, "DISABLED" if found.reason in _CLOSED else "UNKNOWN")
    return Flag(experiment.key, found.variant, value, reason, metadata)


def evaluate_flags(
    experiments: Iterable[AssignableExperiment], unit_id: str, attributes: Mapping[str, object]
) -> list[Flag]:
    """Evaluate every test that gives variants now, by key."""
    served = sorted((each for each in experiments if is_open(each)), key=lambda each: each.key)
    return [evaluate_flag(each, unit_id, attributes) for each in served]
