"""What proves a list afterwards: one number of the configuration, the units and their variants.

SHA-256 over the configuration's own digest and then, row by row in the list's order, the unit
id and its variant (nothing where it has none), each ended by a NUL, which neither can hold.
Whoever has the list and the configuration works it out again, without the service.
"""

import hashlib
from collections.abc import Sequence

_FORM = b"truelift-list 1\n"


class ListDigest:
    """Grows with every batch of a list.

    Args:
        configuration: SHA-256 of the configuration that decided, in hexadecimal.

    Examples:
        >>> digest = ListDigest("00" * 32)
        >>> digest.add(["홍길동", "김민지"], ["b", ""])
        >>> digest.hex()[:16]
        '7e3c804dd1201bcf'
    """

    def __init__(self, configuration: str) -> None:
        self._hash = hashlib.sha256(_FORM + configuration.encode() + b"\n")

    def add(self, unit_ids: Sequence[str], variants: Sequence[str]) -> None:
        """Take in the rows of a batch."""
        parts = [""] * (2 * len(unit_ids))
        parts[::2], parts[1::2] = unit_ids, variants
        self._hash.update("\0".join((*parts, "")).encode())

    def hex(self) -> str:
        """The digest so far, in hexadecimal."""
        return self._hash.hexdigest()
