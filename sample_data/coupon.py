"""A coupon for now or for the next purchase: more money, fewer buyers, more people leaving."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from sample_data.audience import Bools, Ints
from sample_data.dirt import Dirt, Soil, soil
from sample_data.draws import DAY, HOUR, arms_of, chance, one_of, order_values, waiting
from sample_data.event_rows import TYPES, EventRows, happened, in_time, rows_of

KEY = "coupon"
SEED = NAMED_SEED = 20250501
CUSTOMERS = 60_000
VARIANTS = ("a", "b")
WEIGHTS = {"a": Decimal("0.5"), "b": Decimal("0.5")}
# 2025-05-07 10:00 in Seoul. Seconds count from here.
SENT_AT = datetime(2025, 5, 7, 1, 0, tzinfo=UTC)
REGISTERED_AT = SENT_AT - timedelta(days=2)
STOPPED_AT = SENT_AT + timedelta(days=31)
CHANNELS = ("app_push", "email", "friendtalk")
CHANNEL_SHARES = (0.5, 0.3, 0.2)
PURCHASE = (0.060, 0.052)  # within 7 days
FIRST_ORDER = (42_000, 48_000)  # mean, won
REPEAT = (0.18, 0.27)  # of buyers, within 30 days
REPEAT_ORDER = (40_000, 46_000)
SIGMA = 0.8
COUPON = (5_000, 7_000)  # of the first purchase in A, of the repeated one in B
REFUND = 0.03  # of orders, as many days later
REFUND_AFTER = 5 * DAY
UNSUBSCRIBE = (0.0040, 0.0065)
RESELLER = 0.01  # of buyers
RESELLS = 20  # times the first order
DOLLARS = 5  # events in another currency
REPEATED = (0.01, 0.02)
WINDOW = 30 * DAY
# Refunds of repeated orders fall within the 30 days, so that they count whole.
LAST_REPEAT = WINDOW - REFUND_AFTER - DAY // 2


@dataclass(frozen=True)
class Coupon:
    """Everything that happened; arrays of shape (customers,), seconds after ``SENT_AT``.

    Attributes:
        first_won, repeat_won: Values of the orders; they mean something where there was one.
        first_back, repeat_back: Whether the order was refunded.
        resellers: Buyers whose first order is multiplied in ``outliers``.
        events: Of the base file.
        outliers: The same events with the resellers' first orders as they really were.
    """

    unit_ids: list[str]
    arms: Ints
    channels: Ints
    bought: Bools
    bought_at: Ints
    first_won: Ints
    first_back: Bools
    repeated: Bools
    repeated_at: Ints
    repeat_won: Ints
    repeat_back: Bools
    left: Bools
    left_at: Ints
    resellers: Bools
    events: EventRows
    outliers: EventRows
    dirt: Dirt

    @property
    def coupon_won(self) -> Ints:
        """What each customer's coupon cost."""
        spent = np.where(self.arms == 0, self.bought, self.repeated)
        found: Ints = spent * np.array(COUPON)[self.arms]
        return found

    def first_orders(self, *, outliers: bool) -> Ints:
        """Value of each customer's first order; 0 without one."""
        times = np.where(self.resellers & outliers, RESELLS, 1)
        found: Ints = self.bought * self.first_won * times
        return found

    def net_won(self, *, outliers: bool) -> Ints:
        """Each customer's orders of 30 days less refunds."""
        first = self.first_orders(outliers=outliers) * ~self.first_back
        found: Ints = first + self.repeated * self.repeat_won * ~self.repeat_back
        return found

    def profit_won(self, *, outliers: bool) -> Ints:
        """The same less the coupon, which stays spent."""
        return self.net_won(outliers=outliers) - self.coupon_won


def make_coupon(customers: int, seed: int = SEED) -> Coupon:
    """Make up the test with so many customers; the same call gives the same test."""
    rng = np.random.Generator(np.random.PCG64(seed))
    unit_ids = [f"k{number:06d}" for number in range(1, customers + 1)]
    arms = arms_of(KEY, unit_ids, WEIGHTS)
    channels = one_of(rng, CHANNEL_SHARES, customers)
    bought = chance(rng, np.array(PURCHASE)[arms])
    bought_at = 60 + waiting(rng, customers, 2 * DAY, 7 * DAY - 120)
    first_won = order_values(rng, np.array(FIRST_ORDER, dtype=float)[arms], SIGMA)
    first_back = bought & chance(rng, np.full(customers, REFUND))
    repeated = bought & chance(rng, np.array(REPEAT)[arms])
    repeated_at = rng.integers(8 * DAY, LAST_REPEAT, size=customers)
    repeat_won = order_values(rng, np.array(REPEAT_ORDER, dtype=float)[arms], SIGMA)
    repeat_back = repeated & chance(rng, np.full(customers, REFUND))
    left = chance(rng, np.array(UNSUBSCRIBE)[arms])
    left_at = 60 + waiting(rng, customers, DAY, 29 * DAY)
    resellers = bought & chance(rng, np.full(customers, RESELLER))
    made = Coupon(
        unit_ids, arms, channels, bought, bought_at, first_won, first_back, repeated, repeated_at,
        repeat_won, repeat_back, left, left_at, resellers, _NOTHING, _NOTHING, _CLEAN,
    )  # fmt: skip
    how = Soil(
        variants=VARIANTS,
        arms=arms,
        starts=np.zeros(customers, dtype=np.int64),
        window=WINDOW,
        repeated=REPEATED,
        early="purchase",
        early_units=np.arange(customers),
        early_won=30_000,
    )
    events, dirt = soil(_clean_rows(made, rng), how, rng)
    return replace(made, events=events, outliers=_with_outliers(events, made), dirt=dirt)


_NOTHING = rows_of("purchase", np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
_CLEAN = Dirt({}, 0, 0, 0)


def _clean_rows(made: Coupon, rng: np.random.Generator) -> EventRows:
    spent = np.where(made.arms == 0, made.bought, made.repeated)
    spent_at = np.where(made.arms == 0, made.bought_at, made.repeated_at)
    return in_time(
        happened("purchase", made.bought, made.bought_at, won=made.first_won),
        happened("purchase", made.repeated, made.repeated_at, won=made.repeat_won),
        happened("coupon_used", spent, spent_at, won=np.array(COUPON)[made.arms]),
        happened("refund", made.first_back, made.bought_at + REFUND_AFTER, won=-made.first_won),
        happened("refund", made.repeat_back, made.repeated_at + REFUND_AFTER, won=-made.repeat_won),
        happened("unsubscribe", made.left, made.left_at),
        _in_dollars(made, rng),
    )


def _in_dollars(made: Coupon, rng: np.random.Generator) -> EventRows:
    """A few purchases in another currency, by customers who bought twice in won anyway."""
    units = rng.permutation(np.flatnonzero(made.repeated))[:DOLLARS]
    at = rng.integers(9 * DAY, 29 * DAY, size=units.size)
    rows = rows_of("purchase", units, at, won=rng.integers(20, 90, size=units.size))
    return replace(rows, dollars=np.ones(units.size, dtype=np.bool_))


def _with_outliers(events: EventRows, made: Coupon) -> EventRows:
    """First orders of resellers, and their refunds, as large as they really were."""
    known = events.unit < made.arms.size
    unit = np.where(known, events.unit, 0)
    ordered = (events.type == TYPES.index("purchase")) & (events.occurred == made.bought_at[unit])
    returned_at = made.bought_at[unit] + REFUND_AFTER
    returned = (events.type == TYPES.index("refund")) & (events.occurred == returned_at)
    larger = known & made.resellers[unit] & (ordered | returned) & ~events.dollars
    return replace(events, won=np.where(larger, events.won * RESELLS, events.won))


def pooled_quantile(values: Ints, share: float) -> int:
    """The value below which such a share of the customers lies, to the next thousand won."""
    return int(np.ceil(np.quantile(values, share) / 1_000) * 1_000)


HOURS_7_DAYS, HOURS_30_DAYS = 7 * DAY // HOUR, 30 * DAY // HOUR
