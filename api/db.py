"""Transactions of a request."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from api.runtime import runtime


@contextmanager
def transaction() -> Iterator[Connection]:
    """A transaction; once committed, this process knows a changed configuration at once."""
    with runtime().database.transaction() as db:
        yield db
    runtime().keeper.refresh()


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for reads."""
    with runtime().database.reading() as db:
        yield db
