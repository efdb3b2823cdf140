"""Keys over the interface."""

from collections.abc import Callable
from datetime import datetime

from experiments.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import make_project


def test_a_new_key_works_at_once_and_a_revoked_one_no_more(api: Api) -> None:
    answer = api.post("/api/v1/keys", json={"name": "crm", "scopes": ["admin"]})
    assert answer.status_code == 201, answer.text
    fresh = Api(api.client, answer.json["key"])  # type: ignore[index] # there is a body
    shown = fresh.get("/api/v1/keys").json["items"][-1]  # type: ignore[index] # there is a body
    assert shown["name"] == "crm"
    assert "secret_hash" not in shown
    assert api.delete(f"/api/v1/keys/{shown['id']}").status_code == 204
    assert fresh.get("/api/v1/keys").status_code == 401


def test_a_client_key_has_no_scopes(api: Api) -> None:
    answer = api.post("/api/v1/keys", json={"name": "app", "kind": "client"})
    assert answer.json["key"].startswith("tlc_")  # type: ignore[index] # there is a body


def test_a_bad_key_names_the_field(api: Api) -> None:
    answer = api.post("/api/v1/keys", json={"name": "a", "scopes": ["write"], "colour": "red"})
    assert answer.status_code == 422
    assert {entry["field"] for entry in answer.json["errors"]} == {"scopes.0", "colour"}  # type: ignore[index] # there is a body
    assert api.post("/api/v1/keys", json={"name": "a"}).status_code == 422


def test_another_projects_key_is_as_good_as_absent(
    api: Api, key_for: Callable[..., Api], database: Database, now: datetime
) -> None:
    other = key_for(["admin"], make_project(database, now, "other"))
    theirs = other.get("/api/v1/keys").json["items"][0]["id"]  # type: ignore[index] # there is a body
    foreign, absent = api.delete(f"/api/v1/keys/{theirs}"), api.delete("/api/v1/keys/aaaaaaaa")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert other.get("/api/v1/keys").status_code == 200
