"""Delivery rates given sent: said, and what they do to rates per delivered."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from experiments.registry.plan import Plan
from experiments.reporting.health import compare_all_deliveries
from experiments.reporting.redaction import redacted
from experiments.reporting.report import Report, State
from experiments.reporting.wording import say, say_quality
from experiments.storage.database import Database
from stats.samples import BinomialSample
from tests.conftest import make_project
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, Row, event
from tests.experiments.reporting.factories import CASES, QUALITY, report_of
from tests.experiments.reporting.test_depth_flow import facts, filled, registered
from tests.experiments.reporting.test_depth_flow import reported as measured


def reported(reached: int) -> Report:
    samples = {"a": BinomialSample(30_000, 29_550), "b": BinomialSample(30_000, reached)}
    report = report_of(CASES[State.WIN])
    facts = compare_all_deliveries("a", samples)
    return replace(report, health=replace(report.health, quality=QUALITY, delivery=facts))


def said_of(report: Report, language: str) -> tuple[str, str]:
    [note] = [each for each in say_quality(report, language) if each.topic == "delivery"]
    return note.tone, " ".join(note.sentences)


def test_a_difference_is_said_and_the_verdict_stays_per_sent() -> None:
    report = reported(29_100)
    [fact] = report.health.delivery
    assert (fact.variant, fact.rates, fact.differs) == ("b", {"a": 0.985, "b": 0.97}, True)
    for language, words in (
        ("en", ("98.5%", "97.0%", "cannot be compared", "1.5%", "everybody sent to")),
        ("ko", ("98.5%", "97.0%", "견줄 수 없습니다", "1.5%", "발송한 고객 모두")),
    ):
        tone, said = said_of(report, language)
        assert tone == "caution"
        assert all(each in said for each in words), said
    assert say(report, "en") == say(report_of(CASES[State.WIN]), "en")


def test_rates_that_are_alike_are_no_reason_to_worry() -> None:
    report = reported(29_540)
    assert not report.health.delivery[0].differs
    assert said_of(report, "en")[0] == said_of(report, "ko")[0] == "good"


def test_a_variant_that_nobody_was_sent_is_left_out() -> None:
    samples = {"a": BinomialSample(10, 9), "b": BinomialSample(0, 0)}
    assert compare_all_deliveries("a", samples) == ()
    assert compare_all_deliveries("b", samples) == ()


def test_names_of_variants_are_taken_out_of_it() -> None:
    report = redacted(reported(29_100), frozenset({"names"}))
    [fact] = report.health.delivery
    assert fact.variant in report.variants
    assert set(fact.rates) == set(report.variants)


@pytest.mark.slow  # a report measured from facts
def test_deliveries_of_the_ledger_are_in_the_report(
    sqlite_database: Database, tmp_path: Path
) -> None:
    shop = make_project(sqlite_database, SENT_AT - timedelta(days=40))
    filled(sqlite_database, facts(registered(sqlite_database, shop, Plan())))
    assert measured(sqlite_database, shop, tmp_path / "one").health.delivery == ()
    filled(sqlite_database, delivered())
    [fact] = measured(sqlite_database, shop, tmp_path / "two").health.delivery
    assert fact.rates == {"a": 1.0, "b": 0.8}
    assert fact.differs


def delivered() -> Iterator[Row]:
    """Everybody of A, four of five of B."""
    for n in range(1200):
        if n % 10 not in {1, 0} or n % 2 == 0:
            at = SENT + (n // 100 * 24 + 1) * HOUR
            yield event(f"d{n}", f"u{n:04d}", "delivered", occurred_at=at)
