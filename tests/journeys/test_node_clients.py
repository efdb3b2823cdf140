"""Segment's and RudderStack's libraries for Node, as they are, through a kill of the server."""

from pathlib import Path

import pytest

from tests.journeys.npm_clients import SCRIPTS, require_npm_clients
from tests.journeys.segment_calls import (
    COUNT,
    deliver_through_a_kill,
    every_alias_once,
    every_order_once,
    kept,
    sending,
    told,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("library", ["segment", "rudderstack"])
def test_each_event_arrives_once_though_the_server_was_killed(tmp_path: Path, library: str) -> None:
    require_npm_clients()
    home, script = tmp_path / "home", str(SCRIPTS / "segment.mjs")
    deliver_through_a_kill(
        home, lambda url, key: sending("node", script, library, url, key, str(COUNT))
    )
    assert kept(home) == every_order_once()
    assert told(home) == every_alias_once()
