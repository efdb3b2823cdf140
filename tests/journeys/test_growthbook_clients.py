"""GrowthBook's Python client, as it is, against a running server."""

import logging
from collections.abc import Iterator

import pytest
from growthbook import GrowthBook, feature_repo

from tests.journeys.twenty_tests import CASES, LISTED, TESTERS, customers
from tests.journeys.ways_to_ask import Service, by_batch, variant_told


@pytest.fixture
def app(service: Service) -> Iterator[GrowthBook]:
    """The client, with the features that the server gives it."""
    feature_repo.clear_cache()
    client = GrowthBook(api_host=service.client.url, client_key=service.app_key)
    client.load_features()
    yield client
    client.destroy()


def test_testers_get_the_variant_given_by_hand(app: GrowthBook) -> None:
    for tester, variant in TESTERS["with-testers"].items():
        assert variant_told(app, "with-testers", {"id": tester}) == variant


def test_tests_that_go_by_lists_are_not_told(app: GrowthBook) -> None:
    assert not set(app.get_features()) & set(LISTED)


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
    mine = by_batch(service, CASES, asked)
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
