"""Channels, and which canonical events each can report.

An event that no message reports (a purchase, a visit, a withdrawal of consent) comes from
the shop or the app, whatever the channel; only the events in ``MESSAGE_EVENTS`` depend on it.
"""

from collections.abc import Collection

from experiments.errors import Invalid

MESSAGE_EVENTS = frozenset(
    {"sent", "delivered", "bounced", "deferred", "dropped", "open", "click", "complaint"}
)

_TEXT_MESSAGE = frozenset({"sent", "delivered", "bounced", "dropped", "click"})
_PUSH = frozenset({"sent", "delivered", "dropped", "open", "click"})

REPORTS: dict[str, frozenset[str]] = {
    "email": MESSAGE_EVENTS,
    "app_push": _PUSH,
    "web_push": _PUSH,
    "in_app": frozenset({"sent", "delivered", "open", "click"}),
    "sms": _TEXT_MESSAGE,
    "lms": _TEXT_MESSAGE,
    "alimtalk": _TEXT_MESSAGE,
    "friendtalk": _TEXT_MESSAGE,
    "kakao_channel": frozenset({"sent", "delivered", "click"}),
    "web": frozenset({"click"}),
    "popup": frozenset({"open", "click"}),
    "offline": frozenset({"sent", "delivered", "bounced"}),
}
"""The message events that a channel can report of one customer."""

CHANNELS = tuple(REPORTS)

NEAREST: dict[str, tuple[str, ...]] = {
    "open": ("click",),
    "deferred": ("delivered", "sent"),
    "dropped": ("delivered", "sent"),
    "bounced": ("delivered", "sent"),
    "delivered": ("sent",),
    "complaint": ("unsubscribe",),
}
"""What stands in for an event, the best first; a purchase is known everywhere."""

LAST_RESORT = "purchase"


class NotMeasurable(Invalid):
    """No channel of the test reports the event."""

    template = (
        "no channel of this test ({channels}) reports the event {event!r}; "
        "the nearest that works is {nearest!r}"
    )


class OpensNotMeasurable(NotMeasurable):
    """No channel of the test reports opens, yet links can be tagged."""

    template = (
        "no channel of this test ({channels}) reports the event {event!r}; "
        "the nearest that works is {nearest!r}, on a tagged link"
    )


def is_measurable(event: str, channels: Collection[str]) -> bool:
    """Whether one channel at least can report the event.

    Examples:
        >>> is_measurable("open", ["alimtalk"]), is_measurable("open", ["alimtalk", "email"])
        (False, True)
        >>> is_measurable("purchase", ["offline"])
        True
    """
    return event not in MESSAGE_EVENTS or any(event in REPORTS[channel] for channel in channels)


def nearest_measurable(event: str, channels: Collection[str]) -> str:
    """The event to count instead.

    Examples:
        >>> nearest_measurable("open", ["sms"]), nearest_measurable("click", ["offline"])
        ('click', 'purchase')
    """
    instead = (other for other in NEAREST.get(event, ()) if is_measurable(other, channels))
    return next(instead, LAST_RESORT)


def check_measurable(event: str, channels: Collection[str], field: str) -> None:
    """Refuse an event that no channel of the test can report.

    Raises:
        NotMeasurable: Naming ``field`` and the nearest event that works.
    """
    if is_measurable(event, channels):
        return
    nearest = nearest_measurable(event, channels)
    refusal = OpensNotMeasurable if nearest == "click" else NotMeasurable
    raise refusal(field=field, channels=", ".join(channels), event=event, nearest=nearest)
