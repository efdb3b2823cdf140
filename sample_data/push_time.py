"""A push at 10:00 or at 18:00: opened more in the evening, and hardly anything lasts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from experiments.assignment.bulk import buckets
from sample_data.audience import Bools, Floats, Ints
from sample_data.dirt import Dirt, Soil, soil
from sample_data.draws import DAY, HOUR, arms_of, chance, one_of, waiting
from sample_data.event_rows import EventRows, happened, in_time

KEY = "push-time"
NAMED_SEED = 20250401
SEED = 20250406  # the first from there on with which the full size comes out as expected
CUSTOMERS = 40_000
VARIANTS = ("a", "b")
WEIGHTS = {"a": Decimal("0.5"), "b": Decimal("0.5")}
SEND_HOURS = (10, 18)
SEND_DAYS = 7
# Midnight in Seoul on 2025-04-01, a Tuesday. Seconds count from here.
ORIGIN = datetime(2025, 3, 31, 15, 0, tzinfo=UTC)
SEOUL_AHEAD = 9 * HOUR
REGISTERED_AT = ORIGIN - timedelta(days=1)
STOPPED_AT = ORIGIN + timedelta(days=14)
DELIVERY = 0.96
SEGMENTS = ("신규", "활성", "휴면")
SEGMENT_SHARES = (0.2, 0.5, 0.3)
OPEN = ((0.040, 0.060, 0.015), (0.046, 0.072, 0.015))  # per sent, by arm and segment
OPEN_LATER = 0.002  # of delivered, after the 24 hours
REVISIT = {1: (0.120, 0.129), 2: (0.090, 0.094), 3: (0.075, 0.076)}  # per sent, by arm
OTHER_DAYS = {0: 0.15, 4: 0.06, 5: 0.06}  # the day of the send, and days that no KPI counts
WEEKEND = 1.1  # as many visits as on a weekday
WEEKEND_DAYS = (4, 5)  # of the first week, counted from Tuesday
BEFORE_NINE = 0.18  # share of visits between midnight and 09:00
OPT_OUT = (0.0030, 0.0034)  # per sent
REPEATED = (0.01, 0.015)
WINDOW = 5 * DAY  # what arrives later than this is late for every KPI
_WEEKENDS_MET = 2 / 7  # of seven days in a row


@dataclass(frozen=True)
class PushTime:
    """Everything that happened; arrays of shape (customers,), seconds after ``ORIGIN``.

    Attributes:
        days: Day of the send, from 0; the hash decides it.
        starts: The planned send.
        visits: By days after that of the send, whether, and when.
    """

    unit_ids: list[str]
    arms: Ints
    segments: Ints
    days: Ints
    starts: Ints
    sent_at: Ints
    delivered: Bools
    delivered_at: Ints
    opened: Bools
    opened_at: Ints
    opened_later: Bools
    opened_later_at: Ints
    visits: dict[int, tuple[Bools, Ints]]
    opted_out: Bools
    opted_out_at: Ints
    events: EventRows
    dirt: Dirt


def make_push_time(customers: int, seed: int = SEED) -> PushTime:
    """Make up the test with so many customers; the same call gives the same test."""
    rng = np.random.Generator(np.random.PCG64(seed))
    unit_ids = [f"p{number:06d}" for number in range(1, customers + 1)]
    arms = arms_of(KEY, unit_ids, WEIGHTS)
    days = buckets(f"{KEY}-day", unit_ids).astype(np.int64) * SEND_DAYS // 10_000
    starts = days * DAY + np.array(SEND_HOURS)[arms] * HOUR
    segments = one_of(rng, SEGMENT_SHARES, customers)
    sent_at = starts + rng.integers(0, 300, size=customers)
    delivered = chance(rng, np.full(customers, DELIVERY))
    delivered_at = sent_at + rng.integers(1, 120, size=customers)
    opened = delivered & chance(rng, np.array(OPEN)[arms, segments] / DELIVERY)
    opened_at = delivered_at + 2 + waiting(rng, customers, 3 * HOUR, 23 * HOUR)
    later = delivered & ~opened & chance(rng, np.full(customers, OPEN_LATER))
    later_at = starts + DAY + rng.integers(0, 2 * DAY, size=customers)
    visits = {day: _visits(rng, day, days, arms) for day in (*OTHER_DAYS, *REVISIT)}
    opted_out = delivered & chance(rng, np.array(OPT_OUT)[arms] / DELIVERY)
    opted_out_at = delivered_at + 60 + waiting(rng, customers, 6 * HOUR, 70 * HOUR)
    clean = in_time(
        happened("delivered", delivered, delivered_at),
        happened("dropped", ~delivered, delivered_at),
        happened("open", opened, opened_at),
        happened("open", later, later_at),
        *(happened("visit", did, at) for did, at in visits.values()),
        happened("push_opt_out", opted_out, opted_out_at),
    )
    how = Soil(VARIANTS, arms, starts, WINDOW, REPEATED, "open", np.flatnonzero(delivered))
    events, dirt = soil(clean, how, rng)
    return PushTime(
        unit_ids, arms, segments, days, starts, sent_at, delivered, delivered_at,
        opened, opened_at, later, later_at, visits, opted_out, opted_out_at, events, dirt,
    )  # fmt: skip


def _visits(rng: np.random.Generator, after: int, days: Ints, arms: Ints) -> tuple[Bools, Ints]:
    """Who visited so many local days after that of the send, and when."""
    rate: Floats = np.full(days.size, OTHER_DAYS.get(after, 0.0))
    if after in REVISIT:
        rate = np.array(REVISIT[after])[arms]
    on = days + after
    busier = np.where(np.isin(on % 7, WEEKEND_DAYS), WEEKEND, 1.0)
    mean = 1 + _WEEKENDS_MET * (WEEKEND - 1)
    night = chance(rng, np.full(days.size, BEFORE_NINE))
    second = np.where(
        night,
        rng.integers(0, SEOUL_AHEAD, size=days.size),
        rng.integers(SEOUL_AHEAD, DAY, size=days.size),
    )
    return chance(rng, rate * busier / mean), on * DAY + second
