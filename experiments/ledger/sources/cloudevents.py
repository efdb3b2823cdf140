"""CloudEvents 1.0 as JSON, one or a batch.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md: ``source`` with ``id``
tells an event; ``subject`` is the customer unless the settings say where in the event it
stands. The binary form, with its attributes in headers, is not read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Fact
from experiments.ledger.fields import brief, usual_name
from experiments.ledger.sources.contract import Source
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


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:
    """The fact of one event; its ``type`` may be a dotted name that ends with ours."""
    if at_path(item, "specversion") != "1.0":
        raise Invalid(field="specversion", expected="1.0", got=brief(at_path(item, "specversion")))
    said = needed_text(item, "type")
    event = settings.events[said] if said in settings.events else usual_name(said.split(".")[-1])
    if event is None:
        return
    data = at_path(item, "data")
    value = amount_at(data, "value", "amount") if isinstance(data, Mapping) else None
    yield Report(
        source_id=source_id("cloudevents", needed_text(item, "source"), needed_text(item, "id")),
        customer=customer_at(item, settings, "subject"),
        event=event,
        at=instant_at(item, "time") if at_path(item, "time") is not None else now,
        tag=tag_of(settings, data, item),
        channel=None,
        machine=flag_at(data, "machine"),
        value=value,
        currency=text_at(data, "currency") if value is not None else None,
    ).fact()


SOURCE = Source(
    name="cloudevents",
    title="CloudEvents",
    documentation="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md",
    facts=facts,
)
