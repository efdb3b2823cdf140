"""What was said in each variant, as plain values: counted, and the newest first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.notes.note import Note

SHOWN = 50


@dataclass(frozen=True)
class Said:
    """Something that was said, in the variant that it belongs to.

    Attributes:
        variant: None: of none of them.
        id: Of a stored note; None of a comment that came as an event.
        event: Type of that event; None of a stored note.
    """

    note: Note
    variant: str | None
    id: int | None = None
    event: str | None = None


@dataclass(frozen=True)
class VariantSaid:
    """What was said in one variant.

    Attributes:
        variant: None: of the test as a whole, or of customers whom it did not meet.
        count: Everything said.
        customers: Who said something, each once.
        by_kind, by_tag: How much of it, the most frequent first; one note may have several tags.
        untagged: How much has no tag.
        newest: The newest, at most ``SHOWN``.
    """

    variant: str | None
    count: int
    customers: int
    by_kind: Mapping[str, int]
    by_tag: Mapping[str, int]
    untagged: int
    newest: tuple[Said, ...]


@dataclass(frozen=True)
class Readings:
    """What was said in a test.

    Attributes:
        variants: Those of the test in their order, then what belongs to none.
        truncated: Whether there were more comments than are read: the newest are.
    """

    variants: tuple[VariantSaid, ...]
    truncated: bool
    as_of: datetime

    @property
    def count(self) -> int:
        """Everything said."""
        return sum(each.count for each in self.variants)


def counted(found: Iterable[Said], variant: str | None) -> VariantSaid:
    """Add up what was said."""
    said = sorted(found, key=_newest_first)
    tags = Counter(tag for each in said for tag in each.note.tags)
    return VariantSaid(
        variant=variant,
        count=len(said),
        customers=len({each.note.unit_id for each in said} - {None}),
        by_kind=_by_count(Counter(each.note.kind for each in said)),
        by_tag=_by_count(tags),
        untagged=sum(not each.note.tags for each in said),
        newest=tuple(said[:SHOWN]),
    )


def by_variant(found: Sequence[Said], variants: Sequence[str]) -> Iterator[VariantSaid]:
    """What was said in each variant in their order, then what belongs to none, if any."""
    for variant in variants:
        yield counted((each for each in found if each.variant == variant), variant)
    rest = [each for each in found if each.variant not in variants]
    if rest:
        yield counted(rest, None)


def _newest_first(said: Said) -> tuple[float, int, str]:
    return -said.note.said_at.timestamp(), -(said.id or 0), said.note.source_id or ""


def _by_count(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
