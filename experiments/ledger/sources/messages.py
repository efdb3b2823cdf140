"""Facts about a message, joined to the test and the variant that it belongs to.

The join is by custom arguments, else by the id of a campaign or a message variation that
the settings name, else by the tags of the link that was clicked, else by the customer alone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from experiments.ledger.allocated import KnownExperiment
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.resolve import Resolved, resolve
from experiments.ledger.sources.settings import SourceSettings, Tag
from experiments.ledger.sources.values import text_at
from experiments.names import KEY

_LONGEST_URL = 2000
_ENCODE = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True)
class Report:
    """What a source says of a message or a customer, in our words.

    Attributes:
        event: Our name of it.
        tag: Of the message, if it is known.
        value: As the source tells it; of a refund with either sign.
        currency: Left out where there is no value.
        properties: Those that are None are left out.
    """

    source_id: str
    unit_id: str
    event: str
    at: datetime
    tag: Tag | None = None
    channel: str | None = "email"
    machine: bool = False
    value: Decimal | int | None = None
    currency: str | None = None
    properties: Mapping[str, Any] | None = None

    def fact(self) -> Fact:
        """The fact: a tagged message that was sent is an exposure, all else an event.

        Raises:
            Invalid: If it cannot be kept.
        """
        properties = {
            name: value for name, value in (self.properties or {}).items() if value is not None
        }
        if self.event == "sent" and self.tag is not None:
            return Exposure(
                source_id=self.source_id, experiment=self.tag.experiment, unit_id=self.unit_id,
                type="sent", occurred_at=self.at, variant=self.tag.variant, channel=self.channel,
                properties=properties,
            )  # fmt: skip
        tag = self.tag
        return Event(
            source_id=self.source_id, unit_id=self.unit_id, type=self.event, occurred_at=self.at,
            value=self._amount(), currency=self.currency if self.value is not None else None,
            machine=self.machine, properties=properties, experiment=tag.experiment if tag else None,
            variant=tag.variant if tag else None, channel=self.channel,
        )  # fmt: skip

    def _amount(self) -> Decimal | int | None:
        """Refunds are told as what was paid back, and kept as what was lost."""
        is_positive = self.value is not None and self.value > 0
        return -self.value if self.value and is_positive and self.event == "refund" else self.value


def tag_of(
    settings: SourceSettings,
    *arguments: object,
    ids: Iterable[str | None] = (),
    url: str | None = None,
) -> Tag | None:
    """The tag of a message; what cannot be a key is no tag.

    Args:
        settings: Name the arguments and the ids.
        arguments: Objects in which custom arguments may stand.
        ids: Of its message variation, its campaign and the like, the closest first.
        url: That was clicked.

    Examples:
        >>> tag_of(SourceSettings(), url="https://x.example/?utm_campaign=spring&utm_content=b")
        Tag(experiment='spring', variant='b')
    """
    for each in arguments:
        found = _tag(text_at(each, settings.experiment), text_at(each, settings.variant))
        if found:
            return found
    for id_ in ids:
        if id_ is not None and id_ in settings.tags:
            return settings.tags[id_]
    return _tag_of_link(url) if url else None


def link(url: str | None) -> str | None:
    """A link as it is kept: not beyond what properties hold."""
    return url and url[:_LONGEST_URL]


def _tag_of_link(url: str) -> Tag | None:
    try:
        query = parse_qs(urlsplit(url[:_LONGEST_URL]).query, max_num_fields=100)
    except ValueError:
        return None
    campaign, content = query.get("utm_campaign", [None])[0], query.get("utm_content", [None])[0]
    return _tag(campaign, content) if content else None


def _tag(experiment: str | None, variant: str | None) -> Tag | None:
    if experiment is None or not KEY.fullmatch(experiment):
        return None
    return Tag(experiment, variant if variant and KEY.fullmatch(variant) else None)


def place(fact: Fact, experiments: Mapping[str, KnownExperiment], currency: str) -> Resolved:
    """As ``resolve``, but a tag that is no test of ours costs the tag and not the event.

    Links and campaigns carry names of their own. What the source said stays in the digest
    and, where it led nowhere, in the properties.

    Raises:
        Invalid: Naming the field that does not fit the experiment.
    """
    fitting = _fitting(fact, experiments)
    return resolve(fitting, experiments, currency)._replace(digest=digest(fact))


def digest(fact: Fact) -> bytes:
    """What tells a repetition of a fact from another fact with its id, 32 bytes."""
    return hashlib.sha256(_ENCODE(fact)).digest()


def _fitting(fact: Fact, experiments: Mapping[str, KnownExperiment]) -> Fact:
    if fact.experiment is None or (isinstance(fact, Exposure) and fact.type != "sent"):
        return fact
    known = experiments.get(fact.experiment)
    if known is not None and (fact.variant is None or fact.variant in known.variants):
        return fact
    said = {"experiment": fact.experiment, "variant": fact.variant}
    properties = {**fact.properties, "tag": said}
    if isinstance(fact, Event):
        return replace(fact, experiment=None, variant=None, properties=properties)
    return Event(
        fact.source_id, fact.unit_id, "sent", fact.occurred_at,
        channel=fact.channel, properties=properties,
    )  # fmt: skip
