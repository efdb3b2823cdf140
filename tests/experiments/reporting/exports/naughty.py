"""Names that have broken other people's exports."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.reporting.report import Report
from tests.experiments.reporting.factories import CLICKS, Case, report_of

CORPUS = Path(__file__).resolve().parents[5] / "shared" / "corpora" / "blns.json"


def naughty_names() -> list[str]:
    """The Big List of Naughty Strings; the test skips where it is not there."""
    if not CORPUS.exists():
        pytest.skip(f"no corpus of names at {CORPUS.name}")
    names: list[str] = json.loads(CORPUS.read_text(encoding="utf-8"))
    return names


def report_named(names: Sequence[str]) -> Report:
    """A report whose test and variants are called that, two variants for each KPI."""
    report = report_of(Case(kpis=(replace(CLICKS, role="primary"),)))
    goal = report.goals[0]
    named = dict(zip(keys_of(names), names, strict=True))
    arms = tuple(
        replace(goal.arms[place % 2], variant=key, name=name, control=key == "a")
        for place, (key, name) in enumerate(named.items())
    )
    goals = (replace(goal, arms=arms),)
    return replace(report, name=names[0], goals=goals, variants=named)


def keys_of(names: Sequence[str]) -> list[str]:
    """Keys of the variants with those names; the first two are compared."""
    return ["a", "b", *(f"v{place}" for place in range(2, len(names)))]
