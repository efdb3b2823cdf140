"""A running server with the twenty tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.server import own_server
from tests.journeys.twenty_tests import set_up
from tests.journeys.ways_to_ask import Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("twenty") / "home"
    with own_server(home) as client, pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        set_up(client)
        key = client.post("/api/v1/keys", {"name": "app", "kind": "client"})["key"]
        yield Service(client, home, str(key))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys start servers, and are slow tests but for those marked ``quick``."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and not _has(item, "quick", "slow", "release"):
            item.add_marker(pytest.mark.slow)


def _has(item: pytest.Item, *marks: str) -> bool:
    return any(item.get_closest_marker(mark) for mark in marks)
