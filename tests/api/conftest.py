"""An application on a real database, and callers of every kind."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import equip, routed_app
from api.settings import Settings
from experiments.access import keys, users
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project

PASSWORD = "a long password"


@dataclass
class Clock:
    """A clock that tests set."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Api:
    """A client that shows one key."""

    client: FlaskClient
    key: str

    def get(self, path: str, **kwargs: object) -> TestResponse:
        return self._open("GET", path, **kwargs)

    def post(self, path: str, **kwargs: object) -> TestResponse:
        return self._open("POST", path, **kwargs)

    def put(self, path: str, **kwargs: object) -> TestResponse:
        return self._open("PUT", path, **kwargs)

    def delete(self, path: str, **kwargs: object) -> TestResponse:
        return self._open("DELETE", path, **kwargs)

    def _open(self, method: str, path: str, **kwargs: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", **kwargs.pop("headers", {})}  # type: ignore[dict-item] # a mapping
        return self.client.open(path, method=method, headers=headers, **kwargs)  # type: ignore[arg-type] # werkzeug's own


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture(scope="session")
def routed() -> Flask:
    """The application with its routes and pages, put together once for each worker."""
    return routed_app()


@pytest.fixture
def app(
    routed: Flask, database: Database, project: Project, clock: Clock, tmp_path: Path
) -> Iterator[Flask]:
    """The application, without background work, in a project ``shop``."""
    settings = Settings(
        home=tmp_path,
        database_url=database.engine.url.render_as_string(hide_password=False),
        secret_key="k" * 32,
        background=False,
    )
    standing = {name: dict(getattr(routed, name)) for name in ("config", "extensions")}
    equip(routed, settings, clock)
    routed.testing = True
    yield routed
    routed.extensions["truelift"].stop()
    for name, kept in standing.items():
        getattr(routed, name).clear()
        getattr(routed, name).update(kept)


@pytest.fixture
def key_for(
    app: Flask, database: Database, project: Project, actor: Actor, now: datetime
) -> Callable[..., Api]:
    """Makes a client with a secret key of the given scopes, in ``shop`` or another project."""

    def make(scopes: Collection[str], in_project: Project = project) -> Api:
        with database.transaction() as db:
            text = keys.create_secret_key(
                db, in_project, name="test", scopes=scopes, actor=actor, now=now
            )
        app.extensions["truelift"].keeper.refresh()
        return Api(app.test_client(), text)

    return make


@pytest.fixture
def api(key_for: Callable[..., Api]) -> Api:
    """A client whose key may do everything."""
    return key_for(["admin"])


@pytest.fixture
def browser_for(
    app: Flask, database: Database, project: Project, actor: Actor, now: datetime
) -> Callable[[str], FlaskClient]:
    """Makes a browser signed in with a role; CSRF tokens are not asked of it."""

    def make(role: str) -> FlaskClient:
        email = f"{role}@example.com"
        with database.transaction() as db:
            made = users.create_user(
                db, email=email, name=role, password=PASSWORD, actor=actor, now=now
            )
            users.grant(db, project, made, role, actor=actor, now=now)
        app.config["WTF_CSRF_ENABLED"] = False
        browser = app.test_client()
        answer = browser.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return browser

    return make


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL the interface runs among the slow tests.

    What depends on the database is below the interface, and tested there on both every time.
    """
    here = Path(__file__).parent
    for item in items:
        called = getattr(item, "callspec", None)
        on = called.params.get("database") if called else None
        if on == "postgresql" and item.path.is_relative_to(here):
            item.add_marker(pytest.mark.slow)
