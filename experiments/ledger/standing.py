"""What stands in the ledger under an id."""

from typing import NamedTuple


class Standing(NamedTuple):
    """A fact that was there before.

    Attributes:
        digest: 32 bytes; see ``Resolved``.
        import_id: Of the import that it came with, if it came with one.
    """

    digest: bytes
    import_id: int | None
