"""Salesforce Marketing Cloud: Sent, Opens, Clicks, Bounces and Unsubs of a tracking extract.

https://help.salesforce.com/s/articleView?id=mktg.mc_as_tracking_extract.htm
The columns are those of that page and of the page on each file (ClickImpression names its own).
Its times are the system's, six hours behind UTC all year, unless the extract was made with a
zone of its own; that, the spelling of ``EventType`` but for Click and Bounce, and the order of
dates are unverified. A file has no id of an event: the row's own is used.
"""

from typing import Any

from experiments.ledger.imports.presets.contract import Columns, Preset

_NAME = "salesforce"
# Six hours behind UTC, as the zone data write it.
SYSTEM_ZONE = "Etc/GMT+6"
_TYPES = {
    "Sent": "sent", "NotSent": "dropped", "Open": "open", "Click": "click", "Bounce": "bounced",
    "Unsubscribe": "unsubscribe", "Complaint": "complaint",
}  # fmt: skip
_BOUNCES = {
    "Hard bounce": "hard", "Soft bounce": "soft", "Block bounce": "soft",
    "Technical/Other bounce": "soft", "Unknown bounce": None,
}  # fmt: skip


def propose(columns: Columns) -> dict[str, Any]:
    """A row per event.

    Raises:
        NotThisExport: If the columns are others.
    """
    fields = {
        "unit_id": columns.needed(("SubscriberKey",), _NAME),
        "type": columns.needed(("EventType",), _NAME),
        "occurred_at": columns.needed(("EventDate",), _NAME),
    }
    values: dict[str, Any] = {"type": _TYPES}
    campaign = columns.find(("SendID", "JobID"))
    if campaign is not None:
        fields["campaign"] = campaign
    url, category = columns.find(("URL",)), columns.find(("BounceCategory",))
    if url is not None:
        fields["url"] = url
    if category is not None:
        fields["bounce"] = category
        # A category of another name is no reason to lose the bounce.
        values["bounce"] = {**_BOUNCES, "*": None}
    return {
        "form": "long", "preset": _NAME, "fact": "message", "columns": fields, "values": values,
        "constants": {"channel": "email"}, "zone": SYSTEM_ZONE, "date_order": "mdy",
    }  # fmt: skip


PRESET = Preset(
    name=_NAME,
    title="Salesforce Marketing Cloud",
    documentation="https://help.salesforce.com/s/articleView?id=mktg.mc_as_tracking_extract.htm",
    unverified="the zone and form of times, some names of events and of bounces",
    propose=propose,
    telling=(("SubscriberKey",), ("EventType",), ("EventDate",)),
)
