"""What is wrong with real event files, added on purpose and counted."""

from dataclasses import dataclass, replace

import numpy as np

from sample_data.audience import VARIANTS, Audience, Ints
from sample_data.event_rows import EventRows, numbered, rows_of
from sample_data.outcomes import Outcomes
from sample_data.scenario import WINDOW_SECONDS

REPEATED = (0.01, 0.03)  # of the events of arm A and arm B
RECEIVED_LATE = 0.005
NEVER_ASSIGNED = 0.003
BEFORE_THE_SEND = 0.001

_HOUR = 3600


@dataclass(frozen=True)
class Dirt:
    """How many rows of each fault.

    Attributes:
        repeated: Second deliveries of an event, by variant.
        received_late: Events that arrived after the window, though they occurred within it.
        never_assigned: Events of customers that no list held.
        before_the_send: Opens that are said to have occurred before the mail was sent.
    """

    repeated: dict[str, int]
    received_late: int
    never_assigned: int
    before_the_send: int


def soil(
    rows: EventRows, audience: Audience, outcomes: Outcomes, rng: np.random.Generator
) -> tuple[EventRows, Dirt]:
    """Add the faults to clean rows; the rows come back in the order they were received."""
    early = _before_the_send(round(BEFORE_THE_SEND * rows.size), outcomes, rng)
    strangers = _never_assigned(round(NEVER_ASSIGNED * rows.size), rows, audience, rng)
    mixed = rows.followed_by(early).followed_by(strangers)
    whole = numbered(mixed.take(np.argsort(mixed.occurred, kind="stable")))
    whole, late = _received(whole, audience, rng)
    again = [_repeated(whole, audience, arm, rng) for arm in range(len(VARIANTS))]
    for repeats in again:
        whole = whole.followed_by(repeats)
    dirt = Dirt(
        repeated={variant: rows.size for variant, rows in zip(VARIANTS, again, strict=True)},
        received_late=late,
        never_assigned=strangers.size,
        before_the_send=early.size,
    )
    return whole.take(np.argsort(whole.received, kind="stable")), dirt


def _before_the_send(count: int, outcomes: Outcomes, rng: np.random.Generator) -> EventRows:
    """Opens by a clock that is wrong, minutes to a day before the send."""
    units = rng.permutation(np.flatnonzero(outcomes.delivered))[:count]
    return rows_of("open", units, -rng.integers(60, 24 * _HOUR, size=units.size))


def _never_assigned(
    count: int, rows: EventRows, audience: Audience, rng: np.random.Generator
) -> EventRows:
    """Events like the others, of customers beyond the audience."""
    like = rows.take(rng.integers(rows.size, size=count))
    return replace(like, unit=audience.arms.size + np.arange(count))


def _received(
    rows: EventRows, audience: Audience, rng: np.random.Generator
) -> tuple[EventRows, int]:
    """Most arrive within half a minute, some only after the window has closed."""
    received = rows.occurred + rng.integers(1, 30, size=rows.size)
    ours = (rows.unit < audience.arms.size) & (rows.occurred >= 0)
    late = rng.permutation(np.flatnonzero(ours))[: round(RECEIVED_LATE * rows.size)]
    received[late] = WINDOW_SECONDS + rng.integers(1, 48 * _HOUR, size=late.size)
    return replace(rows, received=received), late.size


def _repeated(rows: EventRows, audience: Audience, arm: int, rng: np.random.Generator) -> EventRows:
    """The same events once more, within the hour."""
    assigned = np.flatnonzero(rows.unit < audience.arms.size)
    members: Ints = assigned[audience.arms[rows.unit[assigned]] == arm]
    again = rows.take(rng.permutation(members)[: round(REPEATED[arm] * members.size)])
    return replace(again, received=again.received + rng.integers(1, _HOUR, size=again.size))
