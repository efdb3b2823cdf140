"""Published studies of counts and moments alone: every number, and the course of the batch."""

from importlib import import_module
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["asos", "upworthy"])
def test_every_published_number_is_reproduced(name: str) -> None:
    study = import_module(f"tests.acceptance.{name}")
    file = SHARED / name / study.FILE
    if not file.exists():
        pytest.skip(f"the shared file of {name} is not beside the repository")
    assert [line for held, line in study.checked(file) if not held] == []
