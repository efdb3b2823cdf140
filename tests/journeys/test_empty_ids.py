"""An empty id is a customer nowhere: refused by its protocol's name, or without a variant."""

from typing import Any

import pytest
from openfeature import api as openfeature
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode

from tests.journeys import npm_clients
from tests.journeys.list_files import as_csv, as_ndjson
from tests.journeys.npm_clients import require_npm_clients
from tests.journeys.twenty_tests import CASES
from tests.journeys.ways_to_ask import Service, by_growthbook

NOBODY = {"id": "", "country": "KR", "age": 30}


def test_one_unit(service: Service) -> None:
    question = {"experiment": "halves", "unit_id": ""}
    address = f"{service.client.url}/api/v1/assign"
    with service.session() as session:
        for answer in (session.post(address, json=question), session.get(address, params=question)):
            assert answer.status_code == 422
            assert "unit_id" in answer.text


@pytest.mark.parametrize("unit", ["", {"unit_id": ""}])
def test_a_unit_of_a_batch(service: Service, unit: Any) -> None:
    question = {"experiment": "halves", "units": ["u1", unit]}
    answer = service.client.post("/api/v1/assign/batch", question)
    assert [each["unit_id"] for each in answer["assignments"]] == ["u1"]
    assert [each["index"] for each in answer["rejected"]] == [1]


@pytest.mark.parametrize(("write", "line"), [(as_csv, 3), (as_ndjson, 2)])
def test_a_row_of_a_list(service: Service, write: Any, line: int) -> None:
    given = write([{**NOBODY, "id": "u1"}, NOBODY])
    with service.session() as session:
        answer = session.post(
            f"{service.client.url}/api/v1/experiments/halves/assignments",
            data={"unit_column": "id", "form": given.form, "answer": "summary"},
            files={"file": (f"list.{given.form}", given.content)},
        ).json()
    assert sum(answer["reasons"].values()) == 1
    assert [(each["line"], each["field"]) for each in answer["rejects"]] == [(line, "id")]


@pytest.mark.parametrize("path", ["/ofrep/v1/evaluate/flags/halves", "/ofrep/v1/evaluate/flags"])
def test_openfeature(service: Service, path: str) -> None:
    with service.session() as session:
        answer = session.post(service.client.url + path, json={"context": {"targetingKey": ""}})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "TARGETING_KEY_MISSING")


def test_openfeature_from_pypi(service: Service) -> None:
    headers = {"Authorization": f"Bearer {service.client.key}"}
    openfeature.set_provider(OFREPProvider(service.client.url, headers_factory=lambda: headers))
    found = openfeature.get_client().get_string_details("halves", "own", EvaluationContext(""))
    openfeature.clear_providers()
    assert (found.value, found.error_code) == ("own", ErrorCode.TARGETING_KEY_MISSING)


def test_growthbook_from_pypi(service: Service) -> None:
    told = by_growthbook(service, list(CASES), [NOBODY])
    assert told == {key: [None] for key in CASES}


def test_growthbook_from_npm(service: Service) -> None:
    require_npm_clients()
    asked = [{**NOBODY, "id": unit} for unit in ("", None, 0, True, ["u1"])]
    told = npm_clients.by_growthbook(service, list(CASES), asked)
    assert told == {key: [None] * len(asked) for key in CASES}


def test_growthbook_remotely(service: Service) -> None:
    question = {"attributes": NOBODY}
    features = service.client.post(f"/api/eval/{service.app_key}", question)["features"]
    assert all(features[key] == {"defaultValue": None} for key in CASES)
