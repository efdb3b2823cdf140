"""What of an experiment is worked out once, for all units."""

from typing import Any, NamedTuple

# Variant, its payload, reason.
Answer = tuple[str | None, Any, str]


class Compiled(NamedTuple):
    """What of an experiment is the same for every unit.

    Attributes:
        closed: Why nobody is assigned; None where the rules decide.
        by_unit: Whether the unit's own id is hashed.
        gated: Whether anything but buckets decides.
        plain: Whether nothing but the bucket of the unit's own id decides.
        start: Hash of the seed.
        answers: Variant, payload and reason of each bucket.
        variants: Keys of the variants that own any.
    """

    closed: str | None
    by_unit: bool
    gated: bool
    plain: bool
    start: int
    answers: tuple[Answer, ...]
    variants: tuple[str, ...]
