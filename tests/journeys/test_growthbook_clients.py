"""GrowthBook's Python client, as it is, against a running server."""

import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from growthbook import GrowthBook, feature_repo
from growthbook.plugins import growthbook_tracking_plugin

from tests.acceptance.server import Client, own_server
from tests.journeys.twenty_tests import CASES, TESTERS, Customer, customers, set_up

FEW = 500
MANY = 10_000
SENT_WITHIN_SECONDS = 10


class Service(NamedTuple):
    """A server with the twenty tests, and what an app needs to use it."""

    client: Client
    home: Path
    app_key: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("growthbook") / "home"
    with own_server(home) as client, pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        set_up(client)
        key = client.post("/api/v1/keys", {"name": "app", "kind": "client"})["key"]
        yield Service(client, home, str(key))


@pytest.fixture
def app(service: Service) -> Iterator[GrowthBook]:
    """The client, with the features that the server gives it."""
    feature_repo.clear_cache()
    client = GrowthBook(api_host=service.client.url, client_key=service.app_key)
    client.load_features()
    yield client
    client.destroy()


def answers_of(service: Service, key: str, asked: list[Customer]) -> list[str | None]:
    """The variants over HTTP, in the order of the customers."""
    units = [
        {"unit_id": each["id"], "attributes": {k: v for k, v in each.items() if k != "id"}}
        for each in asked
    ]
    answered = service.client.post("/api/v1/assign/batch", {"experiment": key, "units": units})
    assert answered["rejected"] == []
    return [each["variant"] for each in answered["assignments"]]


def variant_told(client: GrowthBook, key: str, customer: Customer) -> str | None:
    """The variant that the client works out by itself."""
    client.set_attributes(customer)
    found = client.eval_feature(key)
    if found.source == "experiment":
        assert found.experimentResult is not None
        return str(found.experimentResult.key)
    # A tester's: the payload is the key here.
    assert found.source in {"force", "defaultValue", "prerequisite"}
    return None if found.value is None else str(found.value)


def differences(
    service: Service, client: GrowthBook, count: int
) -> tuple[int, dict[str, Counter[str | None]]]:
    asked, wrong, seen = list(customers(count)), 0, {}
    for key in CASES:
        mine = answers_of(service, key, asked)
        theirs = [variant_told(client, key, each) for each in asked]
        wrong += sum(one != other for one, other in zip(mine, theirs, strict=True))
        seen[key] = Counter(mine)
    return wrong, seen


def test_the_client_works_out_what_the_service_answers(service: Service, app: GrowthBook) -> None:
    wrong, seen = differences(service, app, FEW)
    assert wrong == 0
    assert len(seen) == 20
    for key, counts in seen.items():
        assert len(set(counts) - {None}) >= 2, (key, counts)
    for tester, variant in TESTERS["with-testers"].items():
        assert variant_told(app, "with-testers", {"id": tester}) == variant


@pytest.mark.slow
def test_the_client_works_out_what_the_service_answers_for_many(
    service: Service, app: GrowthBook
) -> None:
    wrong, _ = differences(service, app, MANY)
    assert wrong == 0


def test_values_arrive_as_they_were_registered(app: GrowthBook) -> None:
    payloads = CASES["payloads-of-every-kind"]["payloads"]
    key = "payloads-of-every-kind"
    for each in customers(60):
        variant = variant_told(app, key, each)
        value = app.eval_feature(key).value
        assert value == (None if variant is None else payloads[variant])


@pytest.mark.parametrize("unit_id", ["", None, 0, True, ["u1"]])
def test_nobody_is_in_no_test(app: GrowthBook, unit_id: object) -> None:
    assert [variant_told(app, key, {"id": unit_id}) for key in CASES] == [None] * 20


def test_remote_evaluation_gives_the_same(service: Service) -> None:
    asked = list(customers(20))
    mine = {key: answers_of(service, key, asked) for key in CASES}
    for index, customer in enumerate(asked):
        reported: dict[str, str] = {}
        client = GrowthBook(
            api_host=service.client.url,
            client_key=service.app_key,
            attributes=customer,
            remote_eval=True,
            on_experiment_viewed=lambda into=reported, **met: into.update(
                {met["experiment"].key: met["result"].key}
            ),
        )
        client.load_features()
        values = {key: client.eval_feature(key).value for key in CASES}
        testers = {key for key, given in TESTERS.items() if customer["id"] in given}
        met = {key: mine[key][index] for key in CASES if mine[key][index] is not None}
        assert reported == {key: each for key, each in met.items() if key not in testers}
        assert {key for key, value in values.items() if value is not None} == set(met)
        client.destroy()


def test_features_that_did_not_change_are_not_sent_again(
    service: Service, app: GrowthBook, caplog: pytest.LogCaptureFixture
) -> None:
    feature_repo.cache.clear()
    with caplog.at_level(logging.DEBUG, "growthbook"):
        app.load_features()
    assert "304 Not Modified" in caplog.text
    assert set(app.get_features()) >= set(CASES)


def test_what_the_plugin_reports_arrives_once(service: Service) -> None:
    for _ in range(2):
        plugin = growthbook_tracking_plugin(ingestor_host=service.client.url, batch_size=1000)
        client = GrowthBook(
            api_host=service.client.url,
            client_key=service.app_key,
            attributes={"id": "홍길동"},
            plugins=[plugin],
        )
        client.load_features()
        found = client.eval_feature("halves")
        client.log_event("click", {"where": "banner"})
        client.destroy()
    assert found.experimentResult is not None
    assert kept(service.home, expected=3) == Counter(
        {("exposure", "viewed", found.experimentResult.key): 1, ("event", "click", None): 2}
    )


def kept(home: Path, expected: int) -> Counter[tuple[Any, ...]]:
    """What the ledger holds once it holds as many rows."""
    until = time.monotonic() + SENT_WITHIN_SECONDS
    query = "SELECT fact, type, variant FROM ledger WHERE unit_id = '홍길동'"
    while True:
        database = sqlite3.connect(home / "truelift.db")
        rows = database.execute(query).fetchall()
        database.close()
        if len(rows) >= expected or time.monotonic() > until:
            return Counter(rows)
        time.sleep(0.1)
