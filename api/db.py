"""Transactions of a request: each its own, or all of them one.

A request that names an Idempotency-Key keeps to one transaction, so that its effect and the
answer kept for its repetition are committed together. It is opened when it is first needed;
every other one of that request is a savepoint in it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from flask import g
from sqlalchemy import Connection

from api.runtime import runtime


@dataclass
class OneTransaction:
    """The one transaction of a request.

    Attributes:
        begin: Done first in it; what it raises ends the request.
        db: The connection, once there is a transaction.
        stack: What ends it.
    """

    begin: Callable[[Connection], None]
    db: Connection | None = None
    stack: ExitStack = field(default_factory=ExitStack, repr=False)

    @contextmanager
    def joined(self) -> Iterator[Connection]:
        """A part of it: taken back by itself if it fails."""
        if self.db is None:
            db = self.stack.enter_context(runtime().database.transaction())
            self.begin(db)
            self.db = db
        with self.db.begin_nested():
            yield self.db


@contextmanager
def one_transaction(begin: Callable[[Connection], None]) -> Iterator[OneTransaction]:
    """Let every transaction of this request be part of one, committed at the end.

    Raises:
        DatabaseUnavailable: If it could not be committed; nothing is kept then.
    """
    one = OneTransaction(begin)
    g.one_transaction = one
    try:
        with one.stack:
            yield one
    finally:
        del g.one_transaction
    if one.db is not None:
        runtime().keeper.refresh()


def keeps_to_one() -> bool:
    """Whether all that this request writes has to go through :func:`transaction`."""
    return "one_transaction" in g


@contextmanager
def transaction() -> Iterator[Connection]:
    """A transaction; once committed, this process knows a changed configuration at once."""
    if keeps_to_one():
        with g.one_transaction.joined() as db:
            yield db
        return
    with runtime().database.transaction() as db:
        yield db
    runtime().keeper.refresh()


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for reads; in a request that keeps to one, it sees what was written."""
    one: OneTransaction | None = g.get("one_transaction")
    if one is not None and one.db is not None:
        yield one.db
        return
    with runtime().database.reading() as db:
        yield db
