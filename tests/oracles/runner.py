"""Running oracle values: each names a method, its inputs and what they must give."""

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tests.oracles

Calls = Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]

SKIPPED_WITHOUT_A_CALL = {
    "diff_wald": "no interval of unpooled variances: it is (0, 0) where nobody converted",
    "diff_wald_cc": "no interval of unpooled variances, corrected or not",
    "diff_agresti_caffo": "it belongs to no test and can exceed 1",
    "relative_delta": "its p-value changes with the labels; Fieller's interval is used",
    "cs_relative_delta_means": "an always-valid interval of the delta method's lift is not shown",
    "cs_relative_delta_proportions": "an always-valid interval of that lift is not shown",
    "bayes_relative_flat": "the posterior of a delta-method lift is another product's",
    "bayes_relative_normal_prior": "the posterior of a delta-method lift is another product's",
    "n_evan_miller": "sizes use the pooled rate, not the control's variance alone",
    "n_arcsine": "sizes use the pooled rate, not the arcsine scale",
    "power_arcsine_unequal": "power uses the pooled rate, not the arcsine scale",
    "cs_rho_growthbook": "sequences are tuned to the plan by the exact optimum",
}


@dataclass(frozen=True)
class Result:
    """What became of one oracle.

    Attributes:
        name: Its id and method.
        failures: One line for each key that was not reproduced; empty if all were.
        skipped: Why it was not tried; None if it was.
    """

    name: str
    failures: tuple[str, ...] = ()
    skipped: str | None = None


@dataclass(frozen=True)
class Oracles:
    """The oracles of a file, and what it says of methods without any."""

    entries: tuple[dict[str, Any], ...]
    also_dispatched: tuple[str, ...] = ()

    @classmethod
    def read(cls, file: Path) -> "Oracles":
        """Read a file of the form ``{"oracles": [{id, method, inputs, expected, tolerance}]}``."""
        document = json.loads(file.read_text(encoding="utf-8"))
        return cls(tuple(document["oracles"]), tuple(document.get("also_dispatched", ())))


def collected_calls() -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    """Collect ``CALLS`` of every module of this package.

    Raises:
        ValueError: If two modules call one method.
    """
    found: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
    for module in pkgutil.iter_modules(tests.oracles.__path__, "tests.oracles."):
        if not module.name.endswith("__main__"):
            calls: Calls = getattr(importlib.import_module(module.name), "CALLS", {})
            if twice := found.keys() & calls.keys():
                raise ValueError(f"{module.name} calls {sorted(twice)}, which another module does")
            found |= calls
    return found


def run(oracles: Oracles, calls: Calls) -> tuple[Result, ...]:
    """Run every oracle."""
    return tuple(check(oracle, calls) for oracle in oracles.entries)


def check(oracle: Mapping[str, Any], calls: Calls) -> Result:
    """Run one oracle; whatever goes wrong is a failure that says so."""
    method = str(oracle.get("method"))
    name = f"{oracle.get('id')} {method}"
    if method not in calls:
        if method in SKIPPED_WITHOUT_A_CALL:
            return Result(name, skipped=SKIPPED_WITHOUT_A_CALL[method])
        return Result(name, (f"{name}: no method of this name is known",))
    try:
        answer = calls[method](oracle["inputs"])
        return Result(name, tuple(_wrong(name, oracle, answer)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other oracles are still run
        return Result(name, (f"{name}: {type(error).__name__}: {error}",))


def _wrong(name: str, oracle: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    if not oracle["expected"]:
        yield f"{name}: nothing is expected of it"
    for key, expected in oracle["expected"].items():
        tolerance = oracle["tolerance"]
        within = tolerance[key] if isinstance(tolerance, Mapping) else tolerance
        got = answer.get(key, "no such key")
        if not is_near(got, expected, within):
            yield f"{name} {key}: expected {expected}, got {got}, tolerance {within}"


def is_near(got: Any, expected: Any, within: float) -> bool:
    """Say whether a value, or each value of a list, is as near as it must be.

    Examples:
        >>> is_near([0.1, float("inf")], [0.1004, "inf"], 0.001)
        True
        >>> is_near(float("nan"), 0.1, 1.0), is_near([1.0], [1.0, 2.0], 1.0)
        (False, False)
    """
    if _is_list(expected):
        return (
            _is_list(got)
            and len(got) == len(expected)
            and all(is_near(one, other, within) for one, other in zip(got, expected, strict=True))
        )
    if expected is None or got is None or _is_list(got):
        return got is None and expected is None
    try:
        value, target = float(got), float(expected)
    except (TypeError, ValueError):
        return bool(got == expected)
    return value == target or abs(value - target) <= within


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
