"""Nine months of a shop: visits, carts, orders, pushes, answers, and what the media cost."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from sample_data.audience import Bools, Floats, Ints
from sample_data.draws import DAY, HOUR, chance, one_of, order_values, waiting

SEED = NAMED_SEED = 20250101
CUSTOMERS = 20_000
FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2025, 9, 30)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
# Midnight in Seoul on 2025-01-01, a Wednesday. Seconds count from here.
ORIGIN = datetime(2024, 12, 31, 15, 0, tzinfo=UTC)

ALREADY_THERE = 0.6  # of the customers, on the first day; the others sign up during the months
SOURCES = ("organic", "search_ad", "social_ad", "referral")
SOURCE_SHARES = (0.4, 0.3, 0.2, 0.1)
ACTIVITY, ACTIVITY_SHAPE, MOST_ACTIVE = 0.07, 1.2, 0.6  # visits a day: gamma over customers
WEEKDAYS = (0.95, 0.97, 1.00, 1.00, 1.05, 1.08, 0.95)  # Monday first
TREND = 0.0008  # a day
HOLIDAYS = {
    date(2025, 1, 28): 0.6, date(2025, 1, 29): 0.6, date(2025, 1, 30): 0.6,
    date(2025, 5, 5): 0.75, date(2025, 5, 6): 0.75, date(2025, 8, 15): 0.8,
}  # fmt: skip
OUTAGE = {date(2025, 3, 19): 0.15}
CAMPAIGN = {date(2025, 6, 10) + timedelta(days=day): 1.35 for day in range(7)}
WELCOME, WELCOME_DAYS = 2.0, 5.0  # so much likelier just after signing up, fading
BEFORE_NINE = 0.18  # share of visits between midnight and 09:00
CART, ORDER = 0.12, 0.40  # of visits, of carts
MEAN_ORDER, SIGMA = 45_000.0, 0.6
REFUND, REFUND_AFTER = 0.04, 3 * DAY
PUSH_FIRST, PUSH_EVERY, PUSH_AT = 6, 14, 18 * HOUR  # Tuesdays
PUSH_SHARE, PUSH_OPEN = 0.20, 0.05
ANSWER = 0.007  # of visits
SCORES = (0.02, 0.01, 0.02, 0.02, 0.03, 0.07, 0.08, 0.15, 0.22, 0.18, 0.20)  # 0 to 10
COMMENTS = (
    "배송이 늦었어요", "앱이 자꾸 멈춰요", "가격이 조금 비싸요", "그냥 그래요", "쓸 만합니다",
    "쿠폰이 좋아요", "고르기 쉬워요", "추천할게요",
)  # fmt: skip
COMMENTED = 0.4  # of answers
MEDIA = {"search_ad": 150_000.0, "social_ad": 90_000.0}  # won a day
MEDIA_NOISE, MEDIA_CAMPAIGN = 0.15, 2.0
REPEATED = 0.01


@dataclass(frozen=True)
class Facts:
    """Some events of one type; arrays of shape (events,), seconds after ``ORIGIN``."""

    unit: Ints
    at: Ints

    @property
    def day(self) -> Ints:
        """The local day, from 0."""
        return self.at // DAY

    def only(self, which: Bools) -> "Facts":
        """Those of them."""
        return Facts(self.unit[which], self.at[which])


@dataclass(frozen=True)
class History:
    """Everything that happened.

    Attributes:
        sources: Of every customer: index into ``SOURCES``.
        orders_won: Value of each order; refunds have that of theirs, below 0.
        scores: Of each answer.
        comments: Index into ``COMMENTS`` of each answer; -1 without one.
        media_won: By channel, won of each day.
    """

    unit_ids: list[str]
    sources: Ints
    sign_ups: Facts
    visits: Facts
    carts: Facts
    orders: Facts
    orders_won: Ints
    refunds: Facts
    refunds_won: Ints
    sent: Facts
    opened: Facts
    answers: Facts
    scores: Ints
    comments: Ints
    media_won: dict[str, Ints]


def days() -> list[date]:
    """All local days."""
    return [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]


def day_factors() -> Floats:
    """How busy each day is, beside one without anything special."""
    factors = [
        WEEKDAYS[day.weekday()]
        * (1 + TREND * index)
        * HOLIDAYS.get(day, 1.0)
        * OUTAGE.get(day, 1.0)
        * CAMPAIGN.get(day, 1.0)
        for index, day in enumerate(days())
    ]
    found: Floats = np.array(factors)
    return found


def make_history(customers: int, seed: int = SEED) -> History:
    """Make up the months of so many customers; the same call gives the same months."""
    rng = np.random.Generator(np.random.PCG64(seed))
    joined = np.where(chance(rng, np.full(customers, ALREADY_THERE)), -1, _joining(rng, customers))
    new = np.flatnonzero(joined >= 0)
    sign_ups = Facts(new, joined[new] * DAY + rng.integers(8 * HOUR, 22 * HOUR, size=new.size))
    visits = _visits(rng, joined, sign_ups)
    carts = _after(rng, visits, CART, 60, 300)
    orders = _after(rng, carts, ORDER, 120, 1_800)
    won = order_values(rng, np.full(orders.unit.size, MEAN_ORDER), SIGMA)
    back = chance(rng, np.full(won.size, REFUND)) & (orders.at + REFUND_AFTER < DAYS * DAY)
    refunds = Facts(orders.unit[back], orders.at[back] + REFUND_AFTER)
    sent = _sent(rng, joined)
    opened = _after(rng, sent, PUSH_OPEN, 60, 40 * HOUR)
    answers = _after(rng, visits, ANSWER, 30, 600)
    spoken = chance(rng, np.full(answers.unit.size, COMMENTED))
    said = rng.integers(len(COMMENTS), size=spoken.size)
    return History(
        unit_ids=[f"h{number:06d}" for number in range(1, customers + 1)],
        sources=one_of(rng, SOURCE_SHARES, customers),
        sign_ups=sign_ups,
        visits=visits,
        carts=carts,
        orders=orders,
        orders_won=won,
        refunds=refunds,
        refunds_won=-won[back],
        sent=sent,
        opened=opened,
        answers=answers,
        scores=one_of(rng, SCORES, answers.unit.size),
        comments=np.where(spoken, said, -1),
        media_won={channel: _media(rng, mean) for channel, mean in MEDIA.items()},
    )


def _joining(rng: np.random.Generator, customers: int) -> Ints:
    """On which day each would sign up: busier days bring more."""
    shares = day_factors() / day_factors().sum()
    found: Ints = rng.choice(DAYS, size=customers, p=shares).astype(np.int64)
    return found


def _visits(rng: np.random.Generator, joined: Ints, sign_ups: Facts) -> Facts:
    """One visit a day at most, and one with every sign-up."""
    scale = ACTIVITY / ACTIVITY_SHAPE
    active = np.minimum(rng.gamma(ACTIVITY_SHAPE, scale, size=joined.size), MOST_ACTIVE)
    units, ats = [sign_ups.unit], [sign_ups.at + 60]
    for day, factor in enumerate(day_factors().tolist()):
        since = day - joined
        fresh = (joined >= 0) & (since > 0)
        welcome = np.where(fresh, 1 + WELCOME * np.exp(-since / WELCOME_DAYS), 1.0)
        there = (joined < 0) | fresh
        came = there & chance(rng, np.minimum(active * factor * welcome, 1.0))
        unit = np.flatnonzero(came)
        night = chance(rng, np.full(unit.size, BEFORE_NINE))
        early = rng.integers(0, 9 * HOUR, size=unit.size)
        second = np.where(night, early, rng.integers(9 * HOUR, DAY - HOUR, size=unit.size))
        units.append(unit)
        ats.append(day * DAY + second)
    unit, at = np.concatenate(units), np.concatenate(ats)
    order = np.lexsort((unit, at))
    return Facts(unit[order], at[order])


def _after(rng: np.random.Generator, facts: Facts, rate: float, first: int, last: int) -> Facts:
    """What follows some of the facts, soon."""
    did = chance(rng, np.full(facts.unit.size, rate))
    wait = first + waiting(rng, facts.unit.size, (last - first) / 3, last - first)
    return Facts(facts.unit[did], (facts.at + wait)[did])


def _sent(rng: np.random.Generator, joined: Ints) -> Facts:
    """A push every other Tuesday to a fifth of those who are there."""
    units, ats = [], []
    for day in range(PUSH_FIRST, DAYS - 10, PUSH_EVERY):
        unit = np.flatnonzero((joined < day) & chance(rng, np.full(joined.size, PUSH_SHARE)))
        units.append(unit)
        ats.append(day * DAY + PUSH_AT + rng.integers(0, 600, size=unit.size))
    return Facts(np.concatenate(units), np.concatenate(ats))


def _media(rng: np.random.Generator, mean: float) -> Ints:
    """Won of each day, to the next hundred; twice as much in the campaign."""
    factor = np.array([MEDIA_CAMPAIGN if day in CAMPAIGN else 1.0 for day in days()])
    noise = np.exp(MEDIA_NOISE * rng.standard_normal(DAYS))
    won: Ints = (np.round(mean * factor * noise / 100) * 100).astype(np.int64)
    return won
