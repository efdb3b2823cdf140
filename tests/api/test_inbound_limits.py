"""How often other tools may deliver, and how often somebody may guess at an address."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from api.app import create_app
from api.client_keys import BURST_SECONDS, RateLimit, TooManyRequests
from api.inbound_limits import GUESSES_PER_SECOND, InboundLimits
from experiments.ledger.inbound.webhooks import NoSuchAddress
from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.test_inbound import OPEN, deliver, made

MOST_GUESSES = int(GUESSES_PER_SECOND * BURST_SECONDS)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def limited(app: Flask, clock: Clock) -> Flask:
    """An application that allows one delivery in ten seconds."""
    settings = app.extensions["truelift"].settings
    return create_app(replace(settings, inbound_rate=0.1, proxies=1), clock)


def test_a_tool_that_delivers_too_often_is_asked_to_wait(limited: Flask, api: Api) -> None:
    here = Api(limited.test_client(), api.key)
    one, other = made(api, "sendgrid"), made(api, "sendgrid")
    from_here = {"X_Forwarded_For": "203.0.113.7"}
    # The first one is a look for the token.
    assert [deliver(here, one, [], **from_here).status_code for _ in range(3)] == [200, 200, 429]
    refused = deliver(here, one, [OPEN], **from_here)
    assert (refused.status_code, 0 < int(refused.headers["Retry-After"]) <= 10) == (429, True)
    assert refused.get_json()["type"] == "/problems/too_many_requests"
    assert deliver(here, other, [], **from_here).status_code == 200
    assert deliver(here, one, [], X_Forwarded_For="203.0.113.8").status_code == 200


def test_an_unknown_token_is_told_no_more_than_404(api: Api) -> None:
    known = made(api, "sendgrid")["path"]
    answers = [
        api.client.post(path, data=b"[]")
        for path in ("/in/sendgrid/nothing", known.replace("sendgrid", "mandrill"), "/in/x/y")
    ]
    for answer in answers:
        told = answer.get_json()
        assert answer.status_code == 404
        assert {**told, "instance": "", "request_id": ""} == {
            **answers[0].get_json(), "instance": "", "request_id": "",
        }  # fmt: skip


def look(limits: InboundLimits, token: str, found: bool, sender: str = "203.0.113.7") -> None:
    with limits.looking("sendgrid", token, sender):
        if not found:
            raise NoSuchAddress


@pytest.fixture
def limits() -> InboundLimits:
    return InboundLimits(RateLimit(0), RateLimit(GUESSES_PER_SECOND, clock=lambda: 0.0))


def outcome(work: Callable[[], None]) -> type[Exception] | None:
    try:
        work()
    except (NoSuchAddress, TooManyRequests) as refusal:
        return type(refusal)
    return None


def test_who_guesses_is_soon_sent_away(limits: InboundLimits) -> None:
    look(limits, "good", found=True)
    told = [
        outcome(lambda number=number: look(limits, f"guess-{number}", found=False))  # type: ignore[misc] # bound at once
        for number in range(MOST_GUESSES + 5)
    ]
    assert told == [NoSuchAddress] * (MOST_GUESSES - 1) + [TooManyRequests] * 6
    # Whatever the token is, and never a delivery that was known before.
    assert outcome(lambda: look(limits, "good, and new", found=True)) is TooManyRequests
    assert outcome(lambda: look(limits, "good", found=True)) is None
    assert outcome(lambda: look(limits, "another", found=True, sender="other")) is None


def test_a_closed_address_that_is_still_used_keeps_nobody_out(limits: InboundLimits) -> None:
    for _ in range(10 * MOST_GUESSES):
        assert outcome(lambda: look(limits, "closed", found=False)) is NoSuchAddress
    assert outcome(lambda: look(limits, "good", found=True)) is None


def test_a_token_that_was_closed_is_known_no_more(limits: InboundLimits) -> None:
    look(limits, "token", found=True)
    assert outcome(lambda: look(limits, "token", found=False)) is NoSuchAddress
    assert outcome(lambda: look(limits, "token", found=True)) is NoSuchAddress
