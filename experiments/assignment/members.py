"""Lists of units, held as sorted digests: a million members take 16 MB and tell no name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

DIGEST_BYTES = 16
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
        digests, low, high = self.digests, 0, len(self)
        while low < high:
            middle = (low + high) // 2
            at = digests[middle * DIGEST_BYTES : (middle + 1) * DIGEST_BYTES]
            if at < digest:
                low = middle + 1
            elif at == digest:
                return True
            else:
                high = middle
        return False

    def hold(self, wanted: Digests) -> Flags:
        """Whether the unit of each digest is a member, shape (n,)."""
        if not self.digests:
            return np.zeros(len(wanted), dtype=np.bool_)
        pairs = np.frombuffer(self.digests, dtype=">u8").reshape(-1, 2)
        high, low = pairs[:, 0].astype(np.uint64), pairs[:, 1].astype(np.uint64)
        first = np.searchsorted(high, wanted[:, 0], "left")
        last = np.searchsorted(high, wanted[:, 0], "right")
        found: Flags = np.zeros(len(wanted), dtype=np.bool_)
        # More than one step only where two members share their first 8 bytes.
        for step in range(int((last - first).max(initial=0))):
            place = np.minimum(first + step, len(high) - 1)
            found |= (first + step < last) & (low[place] == wanted[:, 1])
        return found
