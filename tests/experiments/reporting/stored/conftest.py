"""Kept reports, made again: on PostgreSQL among the slow tests."""

from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is kept and compared does not depend on the database; reading it is tested on both."""
    here = Path(__file__).parent
    for item in items:
        called = getattr(item, "callspec", None)
        on = called.params.get("database") if called else None
        if on == "postgresql" and item.path.is_relative_to(here):
            item.add_marker(pytest.mark.slow)
