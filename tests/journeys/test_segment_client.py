"""Segment's Python library, as it is, against a server that is killed while it sends."""

from pathlib import Path

import pytest

from tests.acceptance.server import ROOT
from tests.journeys.segment_calls import (
    COUNT,
    deliver_through_a_kill,
    every_alias_once,
    every_order_once,
    kept,
    sending,
    told,
)

PYTHON = ROOT / ".venv" / ".clients" / "bin" / "python"
SCRIPT = Path(__file__).with_name("segment_client.py")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="the clients are not installed: make setup"),
]


@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_each_event_arrives_once_though_the_server_was_killed(tmp_path: Path, form: str) -> None:
    home = tmp_path / "home"
    deliver_through_a_kill(
        home, lambda url, key: sending(str(PYTHON), str(SCRIPT), url, key, str(COUNT), form)
    )
    assert kept(home) == every_order_once()
    assert told(home) == every_alias_once()
