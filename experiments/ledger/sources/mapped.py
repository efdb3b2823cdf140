"""JSON of any form, by a mapping that says where in an item everything stands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Fact
from experiments.ledger.fields import brief, usual_name
from experiments.ledger.sources.contract import Source, listed
from experiments.ledger.sources.customers import customer_at
from experiments.ledger.sources.messages import Report, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    amount_at,
    at_path,
    flag_at,
    instant_at,
    needed_text,
    source_id,
    text_at,
)


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one item."""
    paths = settings.mapping
    said = needed_text(item, paths["type"])
    event = settings.events[said] if said in settings.events else usual_name(said)
    if event is None:
        return
    # An item whose amount is not a number is refused; one without an amount has none.
    value = amount_at(item, paths["value"]) if "value" in paths else None
    currency = text_at(item, paths["currency"]) if "currency" in paths else None
    yield Report(
        source_id=source_id("mapped", needed_text(item, paths["id"])),
        customer=customer_at(item, settings, *([paths["unit"]] if "unit" in paths else [])),
        event=event,
        at=instant_at(item, paths["time"], paths.get("time_form", "iso")),
        tag=_tag(item, settings),
        channel=None,
        machine="machine" in paths and flag_at(item, paths["machine"]),
        value=value,
        currency=currency if value is not None else None,
    ).fact()


def items_of(body: object, settings: SourceSettings) -> Sequence[object]:
    """The items: the body, or what stands at the mapping's ``items``.

    Raises:
        Invalid: If no list stands there.
    """
    path = settings.mapping.get("items")
    if path is None:
        return listed(body)
    found = at_path(body, path)
    if not isinstance(found, list):
        raise Invalid(field=path, expected="a list", got=brief(found))
    return found


def _tag(item: Mapping[str, Any], settings: SourceSettings) -> Any:
    paths = settings.mapping
    said = {
        settings.experiment: text_at(item, paths["experiment"]) if "experiment" in paths else None,
        settings.variant: text_at(item, paths["variant"]) if "variant" in paths else None,
    }
    return tag_of(settings, said, ids=[said[settings.experiment], said[settings.variant]])


SOURCE = Source(
    name="mapped",
    title="JSON of any form",
    documentation="docs/sources.md",
    facts=facts,
    items=items_of,
)
