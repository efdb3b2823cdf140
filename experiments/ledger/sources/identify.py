"""Segment's and RudderStack's calls that say who somebody is.

https://segment.com/docs/connections/spec/identify/ and .../spec/alias/. ``identify`` ties the
``anonymousId`` and the traits ``email`` and ``phone`` to the ``userId``; ``alias`` says that
the ``previousId`` became the ``userId``. By Segment's description a ``previousId`` may be the
id of a customer or an anonymous one, which nothing in the call tells apart: it is taken as
both, and the one that it is not is met nowhere. One that is an e-mail address is an alias, kept
as a keyed hash only, and no unit's id. What is said holds from the time of the call.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from experiments.ledger.fields import LONGEST_SOURCE_ID
from experiments.ledger.identity.alias import EMAIL, MERGED, PHONE, Alias, normalised
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import digest_of, is_address, needed_text, text_at

ANONYMOUS = "anonymous"
_KNOWN_BY = ((ANONYMOUS, "anonymousId"), (EMAIL, "traits.email"), (PHONE, "traits.phone"))
_WAS = ((MERGED, "previousId"), (ANONYMOUS, "previousId"))
_WAS_ADDRESS = ((EMAIL, "previousId"), (ANONYMOUS, "previousId"))


def identified(
    item: Mapping[str, Any], settings: SourceSettings, at: datetime
) -> Iterator[AliasFact]:
    """What ``identify`` says; nothing where it names no customer, or nothing to know them by."""
    unit_id = text_at(item, settings.unit or "userId")
    if unit_id is not None:
        yield from _facts(item, _KNOWN_BY, unit_id, at)


def merged(item: Mapping[str, Any], settings: SourceSettings, at: datetime) -> Iterator[AliasFact]:
    """What ``alias`` says; nothing where the customer is who they were.

    Raises:
        Missing: If it lacks either id.
    """
    unit_id = needed_text(item, settings.unit or "userId")
    was = needed_text(item, "previousId")
    if was != unit_id:
        yield from _facts(item, _WAS_ADDRESS if is_address(was) else _WAS, unit_id, at)


def _facts(
    item: Mapping[str, Any], known_by: tuple[tuple[str, str], ...], unit_id: str, at: datetime
) -> Iterator[AliasFact]:
    for kind, path in known_by:
        value = text_at(item, path)
        # A trait that nobody could be known by, such as a telephone number "-", says nothing.
        if value is not None and normalised(kind, value):
            yield AliasFact(Alias(kind, value), unit_id, at, _id(item, kind))


def _id(item: Mapping[str, Any], kind: str) -> str:
    """The call's own id, and which of its facts this is."""
    message = needed_text(item, "messageId")
    whole = f"{message}:{kind}"
    return whole if len(whole) <= LONGEST_SOURCE_ID else digest_of([message, kind])
