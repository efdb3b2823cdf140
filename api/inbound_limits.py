"""How often other tools may deliver, and how often somebody may guess at an address.

Tools send in bursts, so the first bound is generous and counts for each token and sender. Who
asks with ever new tokens is soon sent away (429) without a look, whatever the token: that
tells no more of it than a 404. A token that was closed and is still delivered to counts once,
and so never keeps a good one of the same sender out.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from flask import Flask, current_app, request

from api.client_keys import RateLimit, address_of
from api.runtime import runtime
from experiments.ledger.inbound.webhooks import NoSuchAddress

GUESSES_PER_SECOND = 5.0
MOST_REMEMBERED = 20_000


@dataclass
class InboundLimits:
    """Counts deliveries and guesses.

    Attributes:
        deliveries: By token and sender.
        guesses: By sender.
    """

    deliveries: RateLimit
    guesses: RateLimit
    _unknown: OrderedDict[bytes, None] = field(default_factory=OrderedDict, repr=False)
    _known: OrderedDict[bytes, None] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @contextmanager
    def looking(self, source: str, token: str, sender: str) -> Iterator[None]:
        """Around the look for a token: whether it was found is remembered.

        Raises:
            TooManyRequests: If one sender delivers too often with it, or guesses.
            NoSuchAddress: If it is known to open nothing.
        """
        name = hashlib.sha256(f"{source}\0{token}".encode("utf-8", "surrogatepass")).digest()
        if name in self._unknown:
            raise NoSuchAddress
        if name in self._known:
            self.deliveries.take(name.hex(), sender)
        else:
            self.guesses.take("", sender)
        try:
            yield
        except NoSuchAddress:
            self._remember(self._unknown, name)
            with self._lock:
                self._known.pop(name, None)
            raise
        self._remember(self._known, name)

    def _remember(self, names: OrderedDict[bytes, None], name: bytes) -> None:
        with self._lock:
            names[name] = None
            names.move_to_end(name)
            if len(names) > MOST_REMEMBERED:
                names.popitem(last=False)


def register(app: Flask, per_second: float) -> None:
    """Give the application its counts."""
    app.extensions["truelift.inbound_limits"] = InboundLimits(
        RateLimit(per_second), RateLimit(GUESSES_PER_SECOND)
    )


@contextmanager
def looking(source: str, token: str) -> Iterator[None]:
    """As :meth:`InboundLimits.looking`, of this request."""
    limits: InboundLimits = current_app.extensions["truelift.inbound_limits"]
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    sender = address_of(request.remote_addr or "", forwarded, runtime().settings.proxies)
    with limits.looking(source, token, sender):
        yield
