"""Data quality as facts: planted faults are told, and nothing else is."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from experiments.measurement.contacts import Contacts
from experiments.measurement.exposures import ExposureCounts
from experiments.measurement.measure import Measurement
from experiments.reporting.quality import Machines, Quality
from experiments.reporting.quality_facts import (
    arrivals_of,
    contact_pressure,
    machines_of,
    two_variants_of,
)
from experiments.reporting.report import State
from experiments.reporting.wording import say_quality
from stats.samples import MeanSample
from tests.experiments.reporting.factories import CASES, QUALITY, report_of

AT = datetime(2025, 3, 12, tzinfo=UTC)


def met(units: dict[str, int], two_variants: dict[str, int]) -> ExposureCounts:
    return ExposureCounts((), units, two_variants, {}, {}, 0, None, "")


@pytest.mark.parametrize(
    ("two_variants", "level"),
    [
        ({"a": 0, "b": 0}, "fine"),
        ({"a": 45, "b": 50}, "fine"),
        ({"a": 60, "b": 55}, "warning"),
        ({"a": 5, "b": 60}, "alarm"),
        ({"a": 105, "b": 5}, "alarm"),
    ],
)
def test_customers_in_two_variants_are_warned_of_above_one_per_cent(
    two_variants: dict[str, int], level: str
) -> None:
    assert two_variants_of(met({"a": 5_000, "b": 5_000}, two_variants)).level == level


def test_nine_customers_in_two_variants_are_not_warned_of() -> None:
    found = two_variants_of(met({"a": 10, "b": 10}, {"a": 9, "b": 0}))
    assert (found.units, found.share, found.level) == (9, 0.45, "fine")
    assert two_variants_of(met({}, {})).share is None


def measurement(units: int, by_machines: dict[str, int], **other: Any) -> Measurement:
    usual = {"analysed": dict.fromkeys(by_machines, units), "by_machines": by_machines}
    return cast("Measurement", SimpleNamespace(**usual | other))


def test_machines_that_differ_between_variants_are_told() -> None:
    same = measurement(10_000, {"a": 2_000, "b": 2_010})
    other = measurement(10_000, {"a": 500, "b": 1_000})
    opens, clicks = machines_of("a", [("open", same), ("purchase", other), ("click", other)])
    assert (opens.event, opens.differs, opens.shares) == ("open", False, {"a": 0.2, "b": 0.201})
    assert (clicks.event, clicks.differs) == ("click", True)


def test_machines_of_nobody_are_no_difference() -> None:
    [found] = machines_of("a", [("open", measurement(0, {"a": 0, "b": 0}))])
    assert (found.shares, found.p_value, found.differs) == ({}, None, False)


def contacts(units: int, total: int, squares: int) -> Contacts:
    return Contacts(units, units * 0.5, {"email": total}, MeanSample(units, total, squares))


def test_variants_that_are_written_to_more_often_are_told() -> None:
    found = {"a": contacts(1_000, 1_100, 1_400), "b": contacts(1_000, 1_900, 4_300)}
    pressure = contact_pressure("a", found)
    assert pressure.differs
    assert pressure.per_week == {"a": {"email": 2.2}, "b": {"email": 3.8}}
    assert not contact_pressure("a", {"a": found["a"], "b": found["a"]}).differs


def test_one_message_for_each_is_no_difference_and_none_for_a_silent_arm_is() -> None:
    one, none = contacts(1_000, 1_000, 1_000), contacts(1_000, 0, 0)
    assert contact_pressure("a", {"a": one, "b": one}).p_value is None
    assert contact_pressure("a", {"a": none, "b": one}).differs
    assert contact_pressure("a", {}).per_week == {}


def test_the_late_are_a_share_of_the_used() -> None:
    arrived = SimpleNamespace(delay=None, watermark=AT)
    counts = SimpleNamespace(used=200, late=3)
    found = measurement(0, {}, accounting=counts, arrivals=arrived)
    [fact] = arrivals_of([("open", found), ("open", found)])
    assert (fact.late_share, fact.delay_seconds, fact.watermark) == (0.015, None, AT)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_fact_is_said_in_both_languages(language: str) -> None:
    report = report_of(replace(CASES[State.WIN], quality=QUALITY))
    notes = say_quality(report, language)
    assert [note.topic for note in notes] == [
        "two_variants", "merged_apart", "machines", "machines", "scanners", "contacts",
        "arrivals", "left_out",
    ]  # fmt: skip
    tones = [note.tone for note in notes]
    assert tones == [
        "bad", "caution", "caution", "quiet", "quiet", "caution", "quiet", "caution",
    ]  # fmt: skip
    assert isinstance(report.health.quality, Quality)
    assert "2,000" in notes[-1].sentences[1]
    assert say_quality(report_of(CASES[State.NO_DATA]), language) == ()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_is_said_of_the_clicks_of_nobody(language: str) -> None:
    nobody = replace(QUALITY, machines=(Machines("click", {}, None, differs=False),))
    report = report_of(replace(CASES[State.WIN], quality=nobody))
    assert "machines" not in {note.topic for note in say_quality(report, language)}
