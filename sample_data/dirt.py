"""What is wrong with real event files, added on purpose and counted."""

from dataclasses import dataclass, replace

import numpy as np

from sample_data.audience import Ints
from sample_data.event_rows import EventRows, numbered, rows_of

RECEIVED_LATE = 0.005
NEVER_ASSIGNED = 0.003
BEFORE_THE_SEND = 0.001

_HOUR = 3600


@dataclass(frozen=True)
class Soil:
    """Whose events are to be soiled; times in seconds, on the clock of the events.

    Attributes:
        variants: Keys.
        arms: Index into ``variants`` of every customer.
        starts: When every customer's window opens.
        window: Seconds after which it has closed.
        repeated: Share of the events of each variant that are delivered twice.
        early: Type of the events that are said to have occurred before the window.
        early_units: Customers to choose these from.
        early_won: Amount of each of them.
    """

    variants: tuple[str, ...]
    arms: Ints
    starts: Ints
    window: int
    repeated: tuple[float, ...]
    early: str
    early_units: Ints
    early_won: int = 0


@dataclass(frozen=True)
class Dirt:
    """How many rows of each fault.

    Attributes:
        repeated: Second deliveries of an event, by variant.
        received_late: Events that arrived after the window, though they occurred within it.
        never_assigned: Events of customers that no list held.
        before_the_send: Events that are said to have occurred before the window.
    """

    repeated: dict[str, int]
    received_late: int
    never_assigned: int
    before_the_send: int


def soil(rows: EventRows, how: Soil, rng: np.random.Generator) -> tuple[EventRows, Dirt]:
    """Add the faults to clean rows; the rows come back in the order they were received."""
    early = _before_the_send(round(BEFORE_THE_SEND * rows.size), how, rng)
    strangers = _never_assigned(round(NEVER_ASSIGNED * rows.size), rows, how, rng)
    mixed = rows.followed_by(early).followed_by(strangers)
    whole = numbered(mixed.take(np.argsort(mixed.occurred, kind="stable")))
    whole, late = _received(whole, how, rng)
    again = [_repeated(whole, how, arm, rng) for arm in range(len(how.variants))]
    for repeats in again:
        whole = whole.followed_by(repeats)
    dirt = Dirt(
        repeated={variant: rows.size for variant, rows in zip(how.variants, again, strict=True)},
        received_late=late,
        never_assigned=strangers.size,
        before_the_send=early.size,
    )
    return whole.take(np.argsort(whole.received, kind="stable")), dirt


def _before_the_send(count: int, how: Soil, rng: np.random.Generator) -> EventRows:
    """Events by a clock that is wrong, minutes to a day before the window opens."""
    units = rng.permutation(how.early_units)[:count]
    occurred = how.starts[units] - rng.integers(60, 24 * _HOUR, size=units.size)
    return rows_of(how.early, units, occurred, won=np.full(units.size, how.early_won))


def _never_assigned(count: int, rows: EventRows, how: Soil, rng: np.random.Generator) -> EventRows:
    """Events like the others, of customers beyond the audience."""
    like = rows.take(rng.integers(rows.size, size=count))
    return replace(like, unit=how.arms.size + np.arange(count))


def _received(rows: EventRows, how: Soil, rng: np.random.Generator) -> tuple[EventRows, int]:
    """Most arrive within half a minute, some only after the window has closed."""
    received = rows.occurred + rng.integers(1, 30, size=rows.size)
    known = rows.unit < how.arms.size
    starts = np.where(known, how.starts[np.where(known, rows.unit, 0)], 0)
    within = known & (rows.occurred >= starts) & (rows.occurred < starts + how.window)
    late = rng.permutation(np.flatnonzero(within))[: round(RECEIVED_LATE * rows.size)]
    received[late] = starts[late] + how.window + rng.integers(1, 48 * _HOUR, size=late.size)
    return replace(rows, received=received), late.size


def _repeated(rows: EventRows, how: Soil, arm: int, rng: np.random.Generator) -> EventRows:
    """The same events once more, within the hour."""
    assigned = np.flatnonzero(rows.unit < how.arms.size)
    members: Ints = assigned[how.arms[rows.unit[assigned]] == arm]
    again = rows.take(rng.permutation(members)[: round(how.repeated[arm] * members.size)])
    return replace(again, received=again.received + rng.integers(1, _HOUR, size=again.size))
