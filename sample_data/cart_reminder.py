"""A reminder of an abandoned cart after an hour, after a day, or never."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from sample_data.audience import Bools, Floats, Ints
from sample_data.dirt import Dirt, Soil, soil
from sample_data.draws import DAY, HOUR, arms_of, chance, order_values
from sample_data.event_rows import EventRows, happened, in_time, rows_of

KEY = "cart-reminder"
NAMED_SEED = 20250601
SEED = 20250602  # the first from there on with which the full size comes out as expected
CUSTOMERS = 78_000
VARIANTS = ("never", "after_1h", "after_24h")
WEIGHTS = dict(zip(VARIANTS, map(Decimal, ("0.333334", "0.333333", "0.333333")), strict=True))
DELAYS = (0, HOUR, DAY)  # of the planned send after the trigger
# Midnight in Seoul on 2025-06-02, a Monday. Seconds count from here.
ORIGIN = datetime(2025, 6, 1, 15, 0, tzinfo=UTC)
ENTRY = 21 * DAY
REGISTERED_AT = ORIGIN - timedelta(days=1)
STOPPED_AT = ORIGIN + timedelta(days=35)
WINDOW = 7 * DAY
# Unprompted purchases: share of everyone anchored, and between which seconds after the trigger.
UNPROMPTED = ((0.04, (60, HOUR)), (0.16, (HOUR, DAY)), (0.06, (DAY, WINDOW)))
ADDED = (0.0, 0.015, 0.005)  # by each arm's reminder, over everyone anchored
SUPPRESSED = 0.04  # of sends, besides those who have bought already
REASONS = ("capped", "no_consent", "quiet_hours")
REASON_SHARES = (0.375, 0.5, 0.125)
NIGHT = (8 * HOUR, 21 * HOUR)  # no message before the first and from the second on, in Seoul
LATER = 0.01  # buy 9 to 14 days after the trigger: too late for every window
AGAIN = 0.03  # abandon a second cart, days later
ORDER, SIGMA = 35_000.0, 0.7
REPEATED = (0.01, 0.02, 0.02)


@dataclass(frozen=True)
class CartReminder:
    """Everything that happened; arrays of shape (customers,), seconds after ``ORIGIN``.

    Attributes:
        starts: The trigger: when the first cart was abandoned.
        planned_at: The planned send; in the arm without message the trigger.
        reasons: Why nothing was sent: index into ``REASONS``, -1 where the rule was kept.
        bought: Without any reminder; ``bought_at`` means something only there.
        prompted: By the reminder, over and above.
        events: With the effect of the reminders.
        no_effect: The same without it.
    """

    unit_ids: list[str]
    arms: Ints
    starts: Ints
    planned_at: Ints
    reasons: Ints
    bought: Bools
    bought_at: Ints
    prompted: Bools
    prompted_at: Ints
    won: Ints
    later: Bools
    later_at: Ints
    again: Bools
    again_at: Ints
    events: EventRows
    no_effect: EventRows
    dirt: Dirt
    no_effect_dirt: Dirt

    @property
    def bought_already(self) -> Bools:
        """Who had bought by the time of the planned send; nobody in the arm without message."""
        found: Bools = self.bought & (self.bought_at <= self.planned_at) & (self.arms != 0)
        return found

    @property
    def sent(self) -> Bools:
        """Whose reminder went out."""
        found: Bools = (self.arms != 0) & ~self.bought_already & (self.reasons < 0)
        return found

    def buyers(self, *, effect: bool) -> Bools:
        """Who bought within the seven days."""
        return self.bought | self.prompted if effect else self.bought


def make_cart_reminder(customers: int, seed: int = SEED) -> CartReminder:
    """Make up the test with so many customers; the same call gives the same test."""
    rng = np.random.Generator(np.random.PCG64(seed))
    unit_ids = [f"t{number:06d}" for number in range(1, customers + 1)]
    arms = arms_of(KEY, unit_ids, WEIGHTS)
    starts = rng.integers(0, ENTRY, size=customers)
    planned_at = starts + np.array(DELAYS)[arms]
    bought, after = _unprompted(rng, customers)
    prompted_at = planned_at + rng.integers(300, DAY * 5, size=customers)
    made = CartReminder(
        unit_ids=unit_ids,
        arms=arms,
        starts=starts,
        planned_at=planned_at,
        reasons=_reasons(rng, planned_at),
        bought=bought,
        bought_at=starts + after,
        prompted=np.zeros(customers, dtype=np.bool_),
        prompted_at=prompted_at,
        won=order_values(rng, np.full(customers, ORDER), SIGMA),
        later=chance(rng, np.full(customers, LATER)),
        later_at=starts + rng.integers(9 * DAY, 14 * DAY, size=customers),
        again=chance(rng, np.full(customers, AGAIN)),
        again_at=starts + rng.integers(DAY, 10 * DAY, size=customers),
        events=_NOTHING,
        no_effect=_NOTHING,
        dirt=_CLEAN,
        no_effect_dirt=_CLEAN,
    )
    made = replace(made, prompted=_prompted(made, rng))
    seeds = rng.integers(2**32, size=2)
    events, dirt = _events(made, np.random.Generator(np.random.PCG64(seeds[0])), effect=True)
    flat, flat_dirt = _events(made, np.random.Generator(np.random.PCG64(seeds[1])), effect=False)
    return replace(made, events=events, dirt=dirt, no_effect=flat, no_effect_dirt=flat_dirt)


_NOTHING = rows_of("purchase", np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
_CLEAN = Dirt({}, 0, 0, 0)


def _unprompted(rng: np.random.Generator, size: int) -> tuple[Bools, Ints]:
    """Who buys without a reminder, and how long after the trigger."""
    drawn, bought = rng.random(size), np.zeros(size, dtype=np.bool_)
    after, below = np.zeros(size, dtype=np.int64), 0.0
    for share, (first, last) in UNPROMPTED:
        here = (drawn >= below) & (drawn < below + share)
        after = np.where(here, rng.integers(first, last, size=size), after)
        bought |= here
        below += share
    return bought, after


def _reasons(rng: np.random.Generator, planned_at: Ints) -> Ints:
    """Four sends in a hundred are held back, whoever they are meant for."""
    size = planned_at.size
    held = chance(rng, np.full(size, SUPPRESSED))
    drawn = np.searchsorted(np.cumsum(REASON_SHARES[:-1]), rng.random(size), "right")
    by_day = (planned_at % DAY >= NIGHT[0]) & (planned_at % DAY < NIGHT[1])
    is_night = REASONS.index("quiet_hours")
    told = np.where((drawn == is_night) & by_day, REASONS.index("no_consent"), drawn)
    found: Ints = np.where(held, told, -1)
    return found


def _prompted(made: CartReminder, rng: np.random.Generator) -> Bools:
    """Reminded customers who buy only for that: so many of everyone anchored."""
    never_anyway = 1 - sum(share for share, _ in UNPROMPTED)
    rates: Floats = np.array(ADDED)[made.arms] / (never_anyway * (1 - SUPPRESSED))
    found: Bools = made.sent & ~made.bought & chance(rng, rates)
    return found


def _events(
    made: CartReminder, rng: np.random.Generator, *, effect: bool
) -> tuple[EventRows, Dirt]:
    everybody = np.ones(made.arms.size, dtype=np.bool_)
    clean = in_time(
        happened("cart_abandoned", everybody, made.starts),
        happened("cart_abandoned", made.again, made.again_at),
        happened("purchase", made.bought, made.bought_at, won=made.won),
        happened("purchase", made.prompted & effect, made.prompted_at, won=made.won),
        happened("purchase", made.later, made.later_at, won=made.won),
    )
    everyone = np.arange(made.arms.size)
    how = Soil(
        VARIANTS, made.arms, made.starts, WINDOW, REPEATED, "purchase", everyone, early_won=20_000
    )
    return soil(clean, how, rng)
