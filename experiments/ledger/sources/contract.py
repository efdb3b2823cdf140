"""What a source is: a name, how its body falls into items, and the facts of an item.

A source is one module that yields our exposures and events. An item that cannot be kept
is told with its place and its reason, and refuses no other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.batch import MOST_ITEMS, Batch, BatchTooLong, RejectedItem
from experiments.ledger.facts import Fact
from experiments.ledger.fields import LONGEST_SOURCE_ID, brief
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import text_at
from experiments.units import is_storable

Rejected = RejectedItem


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact, and the place of its item in the body."""

    index: int
    fact: Fact


class Unstorable(Invalid):
    """A text that no database keeps."""

    template = "a text holds NUL or half of a surrogate pair"


class UnknownEvent(Invalid):
    """The source has an event that we do not know; its settings can name it."""

    template = "no event {name!r} is known of this source; its settings can name it"


def listed(body: object, settings: SourceSettings | None = None) -> Sequence[object]:  # noqa: ARG001 - the contract's
    """The items of a body that is a list, or of one that is a single item."""
    return body if isinstance(body, list) else [body]


@dataclass(frozen=True)
class Source:
    """Something that reports events in its own form.

    Attributes:
        name: In addresses and in front of source ids.
        title: As its maker writes it.
        documentation: Where its form is described.
        facts: The facts that an item states, given the settings and when it arrived; none
            if it states nothing that is kept.
        items: The items of a body.
        id_path: Where an item has its id, to be shown with a refusal.
        form_field: The field of a form that holds the body; None where the body is JSON.
    """

    name: str
    title: str
    documentation: str
    facts: Callable[[Mapping[str, Any], SourceSettings, datetime], Iterable[Fact]]
    items: Callable[[object, SourceSettings], Sequence[object]] = listed
    id_path: str = "id"
    form_field: str | None = None

    def read(
        self, body: object, settings: SourceSettings, now: datetime
    ) -> Iterator[Placed | Rejected]:
        """Read a body, each item for itself.

        Args:
            body: A JSON value.
            settings: Of the address that it came to.
            now: When it arrived.

        Raises:
            BatchTooLong: If there are more items than fit.
            Invalid: If the body is none of this source's.
        """
        items = self.items(body, settings)
        if len(items) > MOST_ITEMS:
            raise BatchTooLong(got=len(items), most=MOST_ITEMS)
        for index, item in enumerate(items):
            try:
                yield from [Placed(index, fact) for fact in self._facts(item, settings, now)]
            except Invalid as error:
                yield Rejected(index, self._id(item), error)

    def _facts(self, item: object, settings: SourceSettings, now: datetime) -> Iterable[Fact]:
        if not isinstance(item, Mapping):
            raise Invalid(expected="an object", got=brief(item))
        if not _all_storable(item):
            raise Unstorable
        return list(self.facts(item, settings, now))

    def _id(self, item: object) -> str | None:
        found = text_at(item, self.id_path)
        return found[:LONGEST_SOURCE_ID] if found and is_storable(found) else None


@dataclass(frozen=True)
class Received:
    """A body as read.

    Attributes:
        batch: What goes into the ledger, and what cannot.
        ignored: How many items say nothing that is kept.
    """

    batch: Batch
    ignored: int


def received(source: Source, body: object, settings: SourceSettings, now: datetime) -> Received:
    """Read a whole body; as ``Source.read``."""
    found = list(source.read(body, settings, now))
    facts = tuple((each.index, each.fact) for each in found if isinstance(each, Placed))
    rejected = tuple(each for each in found if isinstance(each, Rejected))
    spoken = {each.index for each in found}
    return Received(Batch(facts, rejected), len(source.items(body, settings)) - len(spoken))


def event_name(said: str, own: Mapping[str, str | None], settings: SourceSettings) -> str | None:
    """Our name of a source's event; None if it is not kept.

    Args:
        said: The source's name of it.
        own: Our names of those that the source is known to have.
        settings: May name further ones, and others differently.

    Raises:
        UnknownEvent: If neither knows it.
    """
    if said in settings.events:
        return settings.events[said]
    if said in own:
        return own[said]
    raise UnknownEvent(field="event", name=brief(said))


def _all_storable(value: object) -> bool:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text) if not is_storable(text):
                return False
            case Mapping() as entries:
                waiting.extend(entries)
                waiting.extend(entries.values())
            case list(items):
                waiting.extend(items)
            case _:
                pass
    return True
