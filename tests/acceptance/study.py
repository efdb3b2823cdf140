"""A published experiment: how to register it, and what the report must say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ArmFact:
    """A number of one variant that must be met exactly."""

    kpi: str
    variant: str
    units: int
    total: float


@dataclass(frozen=True)
class LiftFact:
    """A difference with its unadjusted interval, in the KPI's unit, and how near is near."""

    kpi: str
    variant: str
    difference: float
    lower: float
    upper: float
    significant: bool
    tolerance: float


@dataclass(frozen=True)
class Study:
    """All of it.

    Attributes:
        file: Name of the published file.
        verdict: The state of the evidence, and the variant that it is about.
        prepared: Makes of the published file, in a folder, the one to import; None: itself.
        two_variants: Customers that the report says met two variants.
    """

    file: str
    kpis: tuple[dict[str, Any], ...]
    experiment: dict[str, Any]
    mapping: dict[str, Any]
    arms: tuple[ArmFact, ...]
    lifts: tuple[LiftFact, ...]
    split_p_value: float
    verdict: tuple[str, str]
    prepared: Callable[[Path, Path], Path] | None = None
    two_variants: int = 0


def kpi(key: str, name: str, event: str, **changes: Any) -> dict[str, Any]:
    """A KPI document: a rate unless said otherwise."""
    document = {
        "key": key,
        "name": name,
        "kind": "proportion",
        "formula": {"event": event, "value": "occurrence", "window_hours": 336},
        "unit_of_measure": "rate",
        "source": "import",
    }
    return document | changes


def experiment(key: str, name: str, variants: list[dict[str, Any]], goals: list[dict[str, Any]],
               channel: str) -> dict[str, Any]:  # fmt: skip
    """A test that another tool assigned."""
    return {
        "key": key,
        "name": name,
        "anchor": "assignment",
        "shape": "one_blast",
        "channels": [channel],
        "allocation": "external",
        "variants": variants,
        "goals": goals,
    }
