"""What marks an event as a program's."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.machine import RULES, Click, clicked_by_scanner, read_rules

AT = datetime(2025, 3, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "agent", "machine"),
    [
        ("open", "Mozilla/5.0", True),
        ("open", " mozilla/5.0 ", True),
        ("click", "Mozilla/5.0", False),
        ("open", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", False),
        ("open", "Mozilla/5.0 (via ggpht.com GoogleImageProxy)", False),
        ("click", "Mozilla/5.0 (compatible; Barracuda Sentinel)", True),
        ("click", "python-requests/2.32", True),
        ("purchase", "python-requests/2.32", False),
        ("open", None, False),
        ("open", ["Mozilla/5.0"], False),
    ],
)
def test_agents(event: str, agent: object, machine: bool) -> None:
    assert RULES.marks(event, agent) is machine


def test_rules_can_be_replaced() -> None:
    rules = read_rules({"agents": [{"has": "Seoul-Scan"}], "links": 5, "seconds": 1})
    assert rules.marks("click", "SEOUL-scan/2")
    assert not rules.marks("open", "Mozilla/5.0")
    assert (rules.links, rules.seconds) == (5, 1)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "machine"),
        ({"agent": []}, "machine"),
        ({"agents": {}}, "machine.agents"),
        ({"agents": [{}]}, "machine.agents.0"),
        ({"agents": [{"has": " "}]}, "machine.agents.0"),
        ({"agents": [{"has": "x", "events": ["purchase"]}]}, "machine.agents.0.events"),
        ({"links": 0}, "machine.links"),
        ({"seconds": True}, "machine.seconds"),
    ],
)
def test_rules_that_are_none_are_refused(document: Any, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_rules(document)
    assert refusal.value.field == field


def clicks(
    *seconds_and_urls: tuple[float, str], message: str = "m", unit: str = "u"
) -> list[Click]:
    return [
        Click(f"{message}{unit}{n}", message, unit, url, AT + timedelta(seconds=second))
        for n, (second, url) in enumerate(seconds_and_urls)
    ]


def test_all_links_within_two_seconds_were_clicked_by_a_scanner_in_any_order() -> None:
    burst = clicks((0, "a"), (1, "b"), (2, "c"), (60, "a"))
    for order in permutations(burst):
        assert clicked_by_scanner(order) == {"mu0", "mu1", "mu2"}


def test_a_person_clicks_more_slowly_or_the_same_link_twice() -> None:
    assert clicked_by_scanner(clicks((0, "a"), (1.5, "b"), (3, "c"))) == set()
    assert clicked_by_scanner(clicks((0, "a"), (0, "a"), (1, "b"), (1, "b"))) == set()


def test_clicks_of_two_messages_or_customers_are_not_put_together() -> None:
    apart = clicks((0, "a"), (0, "b")) + clicks((0, "c"), message="n") + clicks((0, "c"), unit="v")
    assert clicked_by_scanner(apart) == set()
