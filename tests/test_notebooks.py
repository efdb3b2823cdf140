"""The notebooks of the documentation, run as they stand against a server with the samples."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.server import ROOT, Client, create_key, sign_in, started

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def cells(path: Path) -> list[dict[str, Any]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_what_it_printed(path: Path) -> None:
    assert [cell["outputs"] for cell in cells(path)] == [[]] * len(cells(path))
    assert {cell["execution_count"] for cell in cells(path)} == {None}


@pytest.mark.slow
def test_a_report_is_read_into_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with started(tmp_path / "home", None, "--sample") as (_, url, printed):
        client = Client(url)
        sign_in(client, printed)
        monkeypatch.setenv("TRUELIFT_URL", url)
        monkeypatch.setenv("TRUELIFT_KEY", create_key(client))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        names: dict[str, Any] = {}
        for cell in cells(ROOT / "docs" / "notebooks" / "read-a-report.ipynb"):
            exec("".join(cell["source"]), names)
    assert len(names["rows"]) > 100
    assert names["table"]["difference"].notna().any()
    assert names["per_10000"].shape[1] == 3
    assert names["missing"]["reason_said"].notna().all()
