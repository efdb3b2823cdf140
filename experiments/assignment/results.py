"""What evaluating a payload gives, as clients tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ExperimentResult:
    """What an experiment gave.

    Attributes:
        key: Of the variation: its ``meta`` key, or its index as text.
        variation_id: Index of the variation; 0 where there is none.
        in_experiment: Whether the customer takes part.
        hash_used: Whether by hash, and not because somebody forced it.
        hash_value: As it is hashed; empty where there is none.
        bucket: The hash, a fraction in [0, 1); None unless it was used.
    """

    key: str
    variation_id: int
    value: Any
    in_experiment: bool
    hash_used: bool
    hash_attribute: str
    hash_value: str
    feature: str | None = None
    bucket: float | None = None
    passthrough: bool = False


@dataclass(frozen=True)
class FeatureResult:
    """What a feature gave.

    Attributes:
        value: Any JSON.
        source: unknownFeature, defaultValue, force, experiment, prerequisite or
            cyclicPrerequisite.
        rule_id: Of the rule that decided, if it has one.
        experiment: As run, where one decided.
        result: What it gave.
        tracks: What a client reports as met, beside a forced value.
    """

    value: Any
    source: str
    rule_id: str = ""
    experiment: Mapping[str, Any] | None = None
    result: ExperimentResult | None = None
    tracks: Sequence[Mapping[str, Any]] = ()

    @property
    def on(self) -> bool:
        """Whether the value counts as on in JavaScript."""
        return bool(self.value) or isinstance(self.value, list | dict)
