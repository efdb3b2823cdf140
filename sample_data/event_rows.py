"""The events that a sending tool and a shop would have written down, as columns."""

from dataclasses import dataclass, fields, replace

import numpy as np

from sample_data.audience import Bools, Ints
from sample_data.outcomes import Outcomes

TYPES = (
    "delivered", "bounced", "open", "click", "purchase", "unsubscribe",
    "dropped", "visit", "push_opt_out", "coupon_used", "refund", "cart_abandoned",
    "cart_add", "sent", "sign_up", "nps_answer",
)  # fmt: skip
LINKS_IN_MAIL = 3


@dataclass(frozen=True)
class EventRows:
    """One element per event; arrays of shape (events,).

    Attributes:
        unit: Index of the customer; from the audience's size on: someone never assigned.
        type: Index into ``TYPES``.
        occurred: Seconds after the send.
        received: Seconds after the send.
        machine: Whether a machine did it, and is flagged as one.
        won: Amount, of a refund below 0; 0 where there is none.
        dollars: Whether the amount is in US dollars, and not in won.
        number: The event's own number; rows that repeat an event share it.
    """

    unit: Ints
    type: Ints
    occurred: Ints
    received: Ints
    machine: Bools
    won: Ints
    dollars: Bools
    number: Ints

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.unit.size

    def take(self, indices: Ints) -> "EventRows":
        """The rows at these places."""
        return EventRows(*(getattr(self, column.name)[indices] for column in fields(self)))

    def followed_by(self, other: "EventRows") -> "EventRows":
        """These rows, then the other ones."""
        return EventRows(
            *(
                np.concatenate([getattr(self, column.name), getattr(other, column.name)])
                for column in fields(self)
            )
        )


def rows_of(
    kind: str, unit: Ints, occurred: Ints, *, machine: bool = False, won: Ints | None = None
) -> EventRows:
    """Events of one type, not yet numbered or received."""
    nothing = np.zeros(unit.size, dtype=np.int64)
    return EventRows(
        unit=unit,
        type=np.full(unit.size, TYPES.index(kind)),
        occurred=occurred,
        received=nothing,
        machine=np.full(unit.size, machine),
        won=nothing if won is None else won,
        dollars=np.zeros(unit.size, dtype=np.bool_),
        number=nothing,
    )


def clean_rows(outcomes: Outcomes) -> EventRows:
    """Every event once, scanners' clicks among them, ordered by time of occurrence."""
    told = outcomes
    return in_time(
        happened("delivered", told.delivered, told.delivered_after),
        happened("bounced", told.sent & ~told.delivered, told.delivered_after),
        happened("open", told.machine_open, told.machine_open_after, machine=True),
        happened("open", told.human_open, told.human_open_after),
        happened("click", told.click, told.click_after),
        _scanner_clicks(told),
        happened("purchase", told.purchase, told.purchase_after, won=told.order_won),
        happened("unsubscribe", told.unsubscribe, told.unsubscribe_after),
    )


def in_time(first: EventRows, *more: EventRows) -> EventRows:
    """All of these rows, ordered by time of occurrence."""
    rows = first
    for each in more:
        rows = rows.followed_by(each)
    return rows.take(np.argsort(rows.occurred, kind="stable"))


def numbered(rows: EventRows) -> EventRows:
    """The rows with numbers from 1 on, in their order."""
    return replace(rows, number=np.arange(1, rows.size + 1))


def happened(
    kind: str, to: Bools, at: Ints, *, machine: bool = False, won: Ints | None = None
) -> EventRows:
    """Events of one type, of the customers to whom it happened, at their own second."""
    units = np.flatnonzero(to)
    amounts = None if won is None else won[units]
    return rows_of(kind, units, at[units], machine=machine, won=amounts)


def _scanner_clicks(told: Outcomes) -> EventRows:
    """A scanner follows all links of the mail within two seconds of its delivery."""
    units = np.repeat(np.flatnonzero(told.scanned), LINKS_IN_MAIL)
    seconds = np.tile(np.arange(LINKS_IN_MAIL), int(told.scanned.sum()))
    return rows_of("click", units, told.delivered_after[units] + seconds, machine=True)
