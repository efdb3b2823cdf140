"""What the upload of a file calls kinds of files, and what their columns may be."""


def marked(message: str) -> str:
    """The message as it is; looked up when it is shown."""
    return message


STATES = {
    "waiting": marked("Waiting"),
    "running": marked("Reading"),
    "paused": marked("Paused"),
    "done": marked("Done"),
    "failed": marked("Failed"),
    "withdrawing": marked("Being withdrawn"),
    "withdrawn": marked("Withdrawn"),
}
KINDS = {
    "recipients": marked("One row per customer (export of a mail tool)"),
    "events": marked("One row per event"),
    "messages": marked("One row per event of a message"),
    "sends": marked("One row per sent message"),
    "aliases": marked("Who has which address"),
}
ROLES = {
    "unit_id": marked("Customer id"),
    "email": marked("E-mail address of the customer"),
    "phone": marked("Telephone number of the customer"),
    "variant": marked("Variant"),
    "experiment": marked("Test"),
    "at": marked("Time of sending"),
    "occurred_at": marked("Time"),
    "type": marked("Kind of event"),
    "source_id": marked("The tool's own id of the row"),
    "value": marked("Amount"),
    "cost": marked("What the message cost"),
    "currency": marked("Currency"),
    "channel": marked("Channel"),
    "machine": marked("Whether a program did it"),
    "suppressed_reason": marked("Why nothing was sent"),
    "campaign": marked("Id of the campaign"),
    "bounce": marked("Kind of bounce"),
    "url": marked("Link that was clicked"),
    "valid_from": marked("Since when"),
    "delivered": marked("Delivered: whether or how often"),
    "delivered@": marked("Delivered: when"),
    "open": marked("Opened: whether or how often"),
    "open@": marked("Opened: when"),
    "click": marked("Clicked: whether or how often"),
    "click@": marked("Clicked: when"),
    "bounced": marked("Bounced: whether"),
    "bounced@": marked("Bounced: when"),
    "unsubscribe": marked("Unsubscribed: whether"),
    "unsubscribe@": marked("Unsubscribed: when"),
    "complaint": marked("Reported as spam: whether"),
    "complaint@": marked("Reported as spam: when"),
    "purchase": marked("Amount of a purchase"),
    "property": marked("A property, such as segment or grade"),
    "kept": marked("As the text below says"),
}
DATE_ORDERS = {
    "ymd": marked("Year first"),
    "mdy": marked("Month, day, year"),
    "dmy": marked("Day, month, year"),
}
FACTS = {
    "exposure": marked("sent"),
    "event": marked("event"),
    "alias": marked("address"),
}
