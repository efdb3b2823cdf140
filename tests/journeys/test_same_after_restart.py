"""The served answer: the same for 100,000 customers before and after a restart."""

from pathlib import Path

from tests.acceptance.server import Client, create_key, sign_in, started
from tests.acceptance.study import kpi

BATCH = 10_000
UNITS = [f"고객-{number}" for number in range(100_000)]
DRAFT = {
    "key": "same",
    "name": "Same",
    "anchor": "sent",
    "shape": "one_blast",
    "channels": ["email"],
    "variants": [
        {"key": "a", "name": "A", "weight": 0.5, "control": True},
        {"key": "b", "name": "B", "weight": 0.3},
        {"key": "c", "name": "C", "weight": 0.2},
    ],
    "goals": [{"kpi": "click", "role": "primary"}],
    "coverage": 0.9,
}


def variants(client: Client) -> list[str | None]:
    """What the server answers for every customer, in order."""
    found: list[str | None] = []
    for first in range(0, len(UNITS), BATCH):
        asked = [{"unit_id": unit} for unit in UNITS[first : first + BATCH]]
        body = {"experiment": "same", "units": asked}
        answer = client.post("/api/v1/assign/batch", body)
        found += [entry["variant"] for entry in answer["assignments"]]
    return found


def test_a_restart_moves_nobody(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with started(home) as (_, url, printed):
        client = Client(url)
        sign_in(client, printed)
        client.key = create_key(client)
        client.post("/api/v1/kpis", kpi("click", "Clickers per sent", "click"))
        client.post("/api/v1/experiments", DRAFT)
        client.post("/api/v1/experiments/same/start")
        before = variants(client)
    with started(home) as (_, url, _):
        after = variants(Client(url, client.key))
    assert len(before) == len(UNITS)
    assert set(before) == {"a", "b", "c", None}
    assert before == after
