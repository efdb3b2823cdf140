"""A note: a survey answer, a comment, something that somebody noticed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_TEXT, check_choice, check_text
from experiments.ledger.batch import MOST_ITEMS, BatchTooLong
from experiments.ledger.fields import Missing, UnknownField, brief, check_source_id
from experiments.ledger.instants import check_instant, read_instant
from experiments.ledger.money import check_amount, scaled
from experiments.names import check_key
from experiments.units import check_unit_id

KINDS = ("survey", "comment", "note")
MOST_TAGS = 20
LONGEST_TAG = 40
FIELDS = (
    "source_id", "kind", "unit_id", "experiment", "variant", "kpi", "score", "text", "said_at",
    "tags",
)  # fmt: skip


class OfNothing(Invalid):
    """A note that names neither a customer nor a test nor a KPI."""

    template = "a note is of a customer, a test or a KPI: give unit_id, experiment or kpi"


@dataclass(frozen=True)
class Note:
    """A note, as reported.

    Attributes:
        text: What was said; personal data, whoever it is of.
        said_at: When; aware.
        kind: ``survey`` (an answer to a question), ``comment`` (beside a score) or ``note``.
        unit_id: Of which customer.
        experiment, variant: Of which test, and which of its variants; of a customer, the
            variant is found from what the test showed them.
        kpi: Key of the KPI that it explains.
        score: The number of an answer.
        source_id: The source's own id; a note counts once under it.
        tags: What it is about, each once.
    """

    text: str
    said_at: datetime
    kind: str = "note"
    unit_id: str | None = None
    experiment: str | None = None
    variant: str | None = None
    kpi: str | None = None
    score: Decimal | int | None = None
    source_id: str | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_text(self.text, "text", shortest=1, longest=LONGEST_TEXT)
        check_instant(self.said_at, "said_at")
        check_choice(self.kind, KINDS, "kind")
        if self.unit_id is None and self.experiment is None and self.kpi is None:
            raise OfNothing(field="unit_id")
        if self.unit_id is not None:
            check_unit_id(self.unit_id)
        for name in ("experiment", "variant", "kpi"):
            if getattr(self, name) is not None:
                check_key(getattr(self, name), name)
        if self.variant is not None and self.experiment is None:
            raise Invalid(field="variant", expected="none without an experiment", got=self.variant)
        if self.source_id is not None:
            check_source_id(self.source_id)
        if self.score is not None:
            check_amount(self.score, None, "score")
            scaled(self.score, None, "score")
        check_tags(self.tags)


def check_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Give the tags back, each once and in order, if they are some.

    Raises:
        Invalid: Naming ``tags`` or the place of one.

    Examples:
        >>> check_tags(["price", "delivery", "price"])
        ('delivery', 'price')
    """
    if len(tags) > MOST_TAGS:
        raise Invalid(field="tags", expected=f"at most {MOST_TAGS}", got=len(tags))
    for place, tag in enumerate(tags):
        name = f"tags.{place}"
        if not isinstance(tag, str):
            raise Invalid(field=name, expected="a string", got=brief(tag))
        check_text(tag, name, shortest=1, longest=LONGEST_TAG)
        if not tag.isprintable() or tag != tag.strip() or "," in tag:
            raise Invalid(field=name, expected="words without a comma", got=brief(tag))
    return tuple(sorted(set(tags)))


@dataclass(frozen=True)
class RejectedNote:
    """A note that was not kept: its place in the batch, from 0, and why."""

    index: int
    id: str | None
    error: Invalid


@dataclass
class ReadNotes:
    """Notes as read, with their places in the batch, and the rest."""

    notes: list[tuple[int, Note]] = field(default_factory=list)
    rejected: list[RejectedNote] = field(default_factory=list)


def read_notes(items: Sequence[object], now: datetime) -> ReadNotes:
    """Read items, each for itself.

    Args:
        items: JSON values.
        now: When those were said that do not say it.

    Raises:
        BatchTooLong: If there are more than ``MOST_ITEMS``.
    """
    if len(items) > MOST_ITEMS:
        raise BatchTooLong(got=len(items), most=MOST_ITEMS)
    read = ReadNotes()
    for index, item in enumerate(items):
        try:
            read.notes.append((index, read_note(item, now)))
        except Invalid as error:
            read.rejected.append(RejectedNote(index, source_id_of(item), error))
    return read


def read_note(item: object, now: datetime) -> Note:
    """A note out of its JSON object.

    Raises:
        Invalid: Naming the field.
    """
    if not isinstance(item, Mapping):
        raise Invalid(expected="a JSON object", got=brief(item))
    for name in item:
        if name not in FIELDS:
            raise UnknownField(field=str(name)[:60], known=", ".join(FIELDS))
    if item.get("text") is None:
        raise Missing(field="text")
    given: dict[str, Any] = {name: item[name] for name in FIELDS if item.get(name) is not None}
    for name, value in given.items():
        if name not in {"score", "tags"} and not isinstance(value, str):
            raise Invalid(field=name, expected="a string", got=brief(value))
    said = given.pop("said_at", None)
    tags = given.pop("tags", [])
    if not isinstance(tags, list | tuple):
        raise Invalid(field="tags", expected="a list of strings", got=brief(tags))
    at = now if said is None else read_instant(said, "said_at")
    return Note(**given, said_at=at, tags=check_tags(tags))


def source_id_of(item: object) -> str | None:
    """The item's own id, if it has one that can be told."""
    found = item.get("source_id") if isinstance(item, Mapping) else None
    return found[:256] if isinstance(found, str) else None
