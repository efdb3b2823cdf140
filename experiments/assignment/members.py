"""Lists of units, held as sorted digests: a million members take 24 MB and tell no name."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

DIGEST_BYTES = 16
_HALF = 8
Flags = npt.NDArray[np.bool_]
Digests = npt.NDArray[np.uint64]


def digest_of(unit_id: str) -> bytes:
    """The 16 bytes that stand for a unit in a list: BLAKE2b over its UTF-8 bytes.

    Examples:
        >>> digest_of("홍길동").hex()
        '2c5a02d704d0d63409acde0d0605f94d'
    """
    return blake2b(unit_id.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def digests_of(unit_ids: Sequence[str]) -> Digests:
    """The digests of many units as pairs of integers, most significant first, shape (n, 2)."""
    joined = b"".join(map(digest_of, unit_ids))
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64).reshape(-1, 2)


@dataclass(frozen=True)
class UnitList:
    """Units by their digests.

    Attributes:
        id: Row id.
        key: Name in its project.
        kind: suppression, consent, test, capped or cooling.
        revision: Grows with every change of its members.
        digests: Of its members, 16 bytes each, ascending.
    """

    id: int
    key: str
    kind: str
    revision: int = 0
    digests: bytes = b""

    @classmethod
    def of(
        cls, unit_ids: Iterable[str], kind: str = "suppression", key: str = "list"
    ) -> "UnitList":
        """A list of these units, outside any database."""
        return cls(0, key, kind, digests=b"".join(sorted(set(map(digest_of, unit_ids)))))

    def __len__(self) -> int:
        return len(self.digests) // DIGEST_BYTES

    def __contains__(self, unit_id: str) -> bool:
        return self.holds(digest_of(unit_id))

    def holds(self, digest: bytes) -> bool:
        """Whether the unit of that digest is a member."""
        high = int.from_bytes(digest[:_HALF], "big")
        place = bisect_left(self._as_integers, high)
        # More than one step only where two members share their first half.
        while place < len(self) and self._as_integers[place] == high:
            if self.digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES] == digest:
                return True
            place += 1
        return False

    def hold(self, wanted: Digests) -> Flags:
        """Whether the unit of each digest is a member, shape (n,)."""
        found: Flags = np.zeros(len(wanted), dtype=np.bool_)
        low = np.frombuffer(self.digests, dtype=">u8")[1::2]
        first = np.searchsorted(self._high, wanted[:, 0], "left")
        last = np.searchsorted(self._high, wanted[:, 0], "right")
        for step in range(int((last - first).max(initial=0))):
            asked = np.flatnonzero(first + step < last)
            found[asked] |= low[first[asked] + step] == wanted[asked, 1]
        return found

    @cached_property
    def _high(self) -> npt.NDArray[np.uint64]:
        """The first half of each digest as a number: what is searched, 8 MB for a million."""
        return np.frombuffer(self.digests, dtype=">u8")[::2].astype(np.uint64)

    @cached_property
    def _as_integers(self) -> Sequence[int]:
        """The same for one at a time: NumPy's own way there takes several times longer."""
        return memoryview(self._high)  # type: ignore[arg-type] # an array is a buffer
