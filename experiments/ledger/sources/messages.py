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
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.ledger.sources.customers import Customer, named, without_value
from experiments.ledger.sources.settings import SourceSettings, Tag
from experiments.ledger.sources.values import text_at, without_addresses
from experiments.names import KEY

_LONGEST_URL = 2000
_LONGEST_REASON = 500
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
    customer: Customer
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
        if isinstance(self.customer, Alias):
            properties = without_value(properties, self.customer)
        if self.event == "sent" and self.tag is not None:
            return Exposure(
                source_id=self.source_id, experiment=self.tag.experiment, type="sent",
                occurred_at=self.at, variant=self.tag.variant, channel=self.channel,
                properties=properties, **named(self.customer),
            )  # fmt: skip
        tag = self.tag
        return Event(
            source_id=self.source_id, type=self.event, occurred_at=self.at,
            value=self._amount(), currency=self.currency if self.value is not None else None,
            machine=self.machine, properties=properties, experiment=tag.experiment if tag else None,
            variant=tag.variant if tag else None, channel=self.channel, **named(self.customer),
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
    """A link as it is kept: not beyond what properties hold, and with nobody's address in it."""
    return url and without_addresses(url[:_LONGEST_URL])


def reason(said: str | None) -> str | None:
    """Why something failed, as it is kept: servers repeat the address that they refuse."""
    return without_addresses(said[:_LONGEST_REASON]) if said else None


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


def place(fact: Fact, context: Context) -> Resolved:
    """As ``resolve``, but a tag that is no test of ours costs the tag and not the event.

    Links and campaigns carry names of their own. What the source said stays in the digest
    and, where it led nowhere, in the properties.

    Raises:
        Invalid: Naming the field that does not fit the experiment.
    """
    fitting = _fitting(fact, context.experiments)
    return resolve(fitting, context)._replace(digest=digest(fact, context))


def digest(fact: Fact, context: Context) -> bytes:
    """What tells a repetition of a fact from another fact with its id, 32 bytes.

    Raises:
        AliasesNotTaken: If the customer is named by an alias, and there is no key.
    """
    if isinstance(fact, AliasFact):
        return resolve(fact, context).digest
    if fact.alias is not None:
        # What was said of the customer must not be found out by trying.
        fact = replace(fact, unit_id=context.hashed(fact.alias), alias=None)
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
        channel=fact.channel, properties=properties, alias=fact.alias,
    )  # fmt: skip
