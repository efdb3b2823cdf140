"""Idempotency-Key: a request that is sent again does nothing again and is answered the same.

Claim, effect and answer are committed in one transaction (``api.db.one_transaction``): whoever
comes later under the key finds all of them or none.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, request

from api.auth import SAFE_METHODS
from api.db import OneTransaction, one_transaction
from api.kept_answers import HEADER, AnsweredMeanwhile, IdempotencyKeyInUse, KeyedRequest

# Routes that do nothing twice, since they do nothing once: the header changes nothing there.
CHANGES_NOTHING: Mapping[str, str] = {
    "assignment.assign_by_body": "answered from memory, whatever the database does",
    "assignment.assign_batch": "answered from memory, whatever the database does",
    "assigned_lists.assign_rows": "answered from memory; the answer is a stream",
    "calculators.plan": "works out figures that come with the request",
    "calculators.analyse": "works out figures that come with the request",
    "inbound.try_out": "tells how a payload would be read, and keeps nothing",
    "lists.check": "tells who is on a list",
    "identity.lookup": "tells who an alias is",
    "funnels.look": "tells how far customers came, and keeps nothing",
    "imports.preview": "tells how a file would be read, and keeps nothing",
    "tracking.preview": "looks a KPI's past up, and keeps nothing",
    "sending.check": "tells what would refuse a start",
    "privacy.erase": "does nothing more the second time; works in several transactions",
}

View = Callable[..., Any]


class _NothingToKeep(Exception):
    """The view answered with a refusal: what it did is taken back."""


@dataclass
class UnderWay:
    """The requests with a key that this process is working on."""

    names: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Be the only one under the name.

        Raises:
            IdempotencyKeyInUse: If there is one.
        """
        with self.lock:
            if name in self.names:
                raise IdempotencyKeyInUse
            self.names.add(name)
        try:
            yield
        finally:
            with self.lock:
                self.names.discard(name)


def register(app: Flask) -> None:
    """Let every route of the interface that changes something honour the header."""
    for endpoint in sorted({endpoint for _, _, endpoint in changing(app)}):
        if endpoint not in CHANGES_NOTHING:
            app.view_functions[endpoint] = honouring(app.view_functions[endpoint])


def changing(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Method, address and endpoint of every route of the interface that is not for reading."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            for method in sorted((rule.methods or set()) - SAFE_METHODS):
                yield method, rule.rule, rule.endpoint


def honouring(view: View) -> View:
    """The view, answering a request with a known key as it was answered before."""

    @wraps(view)
    def answer(**arguments: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None or request.method in SAFE_METHODS:
            return view(**arguments)
        keyed = KeyedRequest.of_this(key)
        under_way: UnderWay = current_app.extensions["truelift.under_way"]
        with under_way.alone(keyed.name):
            return keyed.answered() or _first(keyed, view, arguments)

    return answer


def _first(keyed: KeyedRequest, view: View, arguments: Mapping[str, Any]) -> Response:
    try:
        with one_transaction(keyed.claim) as one:
            found = current_app.make_response(view(**arguments))
            _keep(one, keyed, found)
    except _NothingToKeep:
        return found
    except AnsweredMeanwhile:
        answered = keyed.answered()
        if answered is None:
            # The other one was taken back after all.
            raise IdempotencyKeyInUse from None
        return answered
    return found


def _keep(one: OneTransaction, keyed: KeyedRequest, found: Response) -> None:
    if one.db is None:
        return
    if found.status_code >= 400:
        raise _NothingToKeep
    keyed.keep(one.db, found)
