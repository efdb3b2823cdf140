"""What a client key opens, and how often one address may use it.

Such a key stands in the code of apps and is no secret, so anybody may send requests with it:
each key has, for each address, a bucket of requests that fills up again steadily.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic

from experiments.access.keys import StoredKey
from experiments.assignment.snapshot import Snapshot
from experiments.errors import TrueliftError

# A bucket holds the requests of so many seconds.
BURST_SECONDS = 10.0
# Beyond, the bucket that was used longest ago is forgotten, and so full again.
MOST_BUCKETS = 50_000
_LONGEST_ADDRESS = 64
_ROUNDING = 1e-6


class ClientKeyRefused(TrueliftError):
    """The client key in the address opens nothing."""

    template = "this client key is not known, revoked or expired"


class TooManyRequests(TrueliftError):
    """One address asks too often."""

    template = "too many requests from one address; try again in {seconds} s"


def opened_by(text: str, snapshot: Snapshot, now: datetime) -> StoredKey:
    """The client key that the text is.

    Raises:
        ClientKeyRefused: If it is none, or does not hold any more.
    """
    stored = snapshot.keys.get(text)
    if stored is None or stored.kind != "client" or not stored.holds(now):
        raise ClientKeyRefused
    return stored


class RateLimit:
    """A bucket of requests for each client key and address; several threads may take from it.

    Args:
        per_second: How many requests a bucket regains a second; 0 for no limit at all.
        clock: Seconds that never go back.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._seconds_each = 1 / per_second if per_second else 0.0
        self._clock = clock
        # Per key and address: when its bucket will be full again.
        self._full_at: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str, address: str) -> None:
        """Count a request.

        Raises:
            TooManyRequests: If the bucket is empty; the request is not counted then.
        """
        if not self._seconds_each:
            return
        now, who = self._clock(), (key, address)
        with self._lock:
            full_at = max(self._full_at.get(who, now), now) + self._seconds_each
            wait = full_at - now - max(BURST_SECONDS, self._seconds_each)
            if wait > _ROUNDING:
                self._full_at.move_to_end(who)
                raise TooManyRequests(seconds=math.ceil(wait))
            self._full_at[who] = full_at
            self._full_at.move_to_end(who)
            if len(self._full_at) > MOST_BUCKETS:
                self._full_at.popitem(last=False)


def address_of(peer: str, forwarded: str, proxies: int) -> str:
    """Whose bucket a request is taken from.

    Args:
        peer: Who opened the connection.
        forwarded: ``X-Forwarded-For``, to which every proxy adds whom it saw.
        proxies: How many proxies of our own stand in front; what is said of others is not
            believed.

    Returns:
        The address; of IPv6 the network, since one customer has a whole network of them.

    Examples:
        >>> address_of("127.0.0.1", "6.6.6.6, 203.0.113.7", proxies=1)
        '203.0.113.7'
        >>> address_of("2001:db8:1:2:3::4", "", proxies=0)
        '2001:db8:1:2::'
    """
    seen = [each.strip() for each in forwarded.split(",")]
    address = seen[-proxies] if 0 < proxies <= len(seen) and seen[-proxies] else peer
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:_LONGEST_ADDRESS]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
