"""Calls of the tests over segments."""

from collections.abc import Callable
from typing import Any

from stats.interactions import check_common_effect, compare_differences
from stats.samples import BinomialSample
from tests.oracles.answers import Answer, Inputs


def _segments(inputs: Inputs) -> list[tuple[BinomialSample, BinomialSample]]:
    """Read the control and the treatment of each segment, in the order of the file."""
    return [_pair(segment) for segment in inputs.values() if isinstance(segment, dict)]


def _pair(segment: dict[str, Any]) -> tuple[BinomialSample, BinomialSample]:
    control, treatment = (
        BinomialSample(n, x) for n, x in zip(segment["n"], segment["x"], strict=True)
    )
    return control, treatment


def _common_effect(inputs: Inputs) -> Answer:
    found = check_common_effect(_segments(inputs))
    return {"chi2": found.chi_square, "p": found.p_value}


def _interaction(inputs: Inputs) -> Answer:
    found = compare_differences(_segments(inputs))
    return {"z": found.z, "p": found.p_value}


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "cochran_mantel_haenszel": _common_effect,
    "interaction_risk_difference": _interaction,
}
