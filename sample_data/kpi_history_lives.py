"""Further KPIs of the nine months: customer by customer, as one would count them by hand."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median_high, median_low

from sample_data.draws import DAY
from sample_data.kpi_history import SOURCES, Facts, History
from sample_data.kpi_history_counts import MONTHS, STARTS, Parts

Times = list[int]
REFERRAL = SOURCES.index("referral")
ROLLING_DAYS = 30


@dataclass(frozen=True)
class Life:
    """What one customer did: seconds after ``ORIGIN``, in order of time.

    Attributes:
        source: Index into ``SOURCES``.
        won: Of each order; ``back``, below 0, of each refund.
    """

    source: int
    sign_ups: Times = field(default_factory=list)
    visits: Times = field(default_factory=list)
    carts: Times = field(default_factory=list)
    orders: Times = field(default_factory=list)
    won: list[int] = field(default_factory=list)
    refunds: Times = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    sent: Times = field(default_factory=list)
    opened: Times = field(default_factory=list)


def lives(made: History) -> list[Life]:
    """All customers."""
    found = [Life(source) for source in made.sources.tolist()]
    for name in ("sign_ups", "visits", "carts", "orders", "refunds", "sent", "opened"):
        for place, unit, at in _in_time(getattr(made, name)):
            getattr(found[unit], name).append(at)
            if name == "orders":
                found[unit].won.append(int(made.orders_won[place]))
            if name == "refunds":
                found[unit].back.append(int(made.refunds_won[place]))
    return found


def _in_time(facts: Facts) -> list[tuple[int, int, int]]:
    rows = zip(range(facts.unit.size), facts.unit.tolist(), facts.at.tolist(), strict=True)
    return sorted(rows, key=lambda row: row[2])


def first(times: Times, since: int, until: int) -> int | None:
    """The first time from the one on, before the other."""
    place = bisect_left(times, since)
    return times[place] if place < len(times) and times[place] < until else None


def often(times: Times, since: int, until: int) -> int:
    """How many there are from the one on, before the other."""
    return bisect_left(times, until) - bisect_left(times, since)


def spent(life: Life, since: int, until: int) -> int:
    """Won of the orders."""
    return sum(life.won[bisect_left(life.orders, since) : bisect_left(life.orders, until)])


def net(life: Life, since: int, until: int) -> int:
    """Won of the orders less what was paid back."""
    back = life.back[bisect_left(life.refunds, since) : bisect_left(life.refunds, until)]
    return spent(life, since, until) + sum(back)


# What a customer adds to numerator and denominator of a month; None: it is not counted.
Pair = tuple[int, int] | None
Reading = Callable[[Life, int, int], Pair]


def _after(base: str, what: str, days: int, at_least: int = 1) -> Reading:
    """Who did it so often within so many days of the month's first base event."""

    def read(life: Life, since: int, until: int) -> Pair:
        anchor = first(getattr(life, base), since, until)
        if anchor is None:
            return None
        return int(often(getattr(life, what), anchor, anchor + days * DAY) >= at_least), 1

    return read


def _won_after(base: str, days: int) -> Reading:
    def read(life: Life, since: int, until: int) -> Pair:
        anchor = first(getattr(life, base), since, until)
        return None if anchor is None else (net(life, anchor, anchor + days * DAY), 1)

    return read


def _sign_up_conversion(life: Life, since: int, until: int) -> Pair:
    anchor = first(life.visits, since, until)
    if anchor is None or often(life.sign_ups, 0, anchor + 1):
        return None
    return int(often(life.sign_ups, anchor, anchor + 7 * DAY) > 0), 1


def _bought_again(life: Life, anchor: int, days: int) -> bool:
    return often(life.orders, anchor + 1, anchor + days * DAY) > 0


def _repeat_of_new(life: Life, since: int, until: int) -> Pair:
    anchor = first(life.orders, since, until)
    if anchor is None or anchor != life.orders[0]:
        return None
    return int(_bought_again(life, anchor, 90)), 1


def _repeat_of_buyers(life: Life, since: int, until: int) -> Pair:
    times = often(life.orders, since, until)
    return (int(times > 1), 1) if times else None


def _churn(life: Life, since: int, until: int) -> Pair:
    anchor = first(life.orders, since, until)
    return None if anchor is None else (int(not _bought_again(life, anchor, 90)), 1)


def _contacts(life: Life, since: int, until: int) -> Pair:
    times = often(life.sent, since, until)
    return (times, 1) if times else None


def _referred(life: Life, since: int, until: int) -> Pair:
    return (int(life.source == REFERRAL), 1) if often(life.sign_ups, since, until) else None


def _stickiness(life: Life, since: int, until: int) -> Pair:  # noqa: ARG001 - every reading's signature
    rolling = until - ROLLING_DAYS * DAY
    places = slice(bisect_left(life.visits, rolling), bisect_left(life.visits, until))
    days = len({at // DAY for at in life.visits[places]})
    return (days, ROLLING_DAYS) if days else None


QUOTIENTS: dict[str, Reading] = {
    "open-rate": _after("sent", "opened", 3),
    "conversion": _after("sent", "orders", 7),
    "revenue-per-recipient": _won_after("sent", 7),
    "repeat-purchase": _after("sent", "orders", 30, at_least=2),
    "contacts-per-customer": _contacts,
    "sign-up-conversion": _sign_up_conversion,
    "first-purchase-conversion": _after("sign_ups", "orders", 7),
    "ltv-90": _won_after("sign_ups", 90),
    "referral-share": _referred,
    "cart-to-purchase": _after("carts", "orders", 7),
    "repeat-purchase-of-buyers": _repeat_of_buyers,
    "repeat-purchase-of-new": _repeat_of_new,
    "churn": _churn,
    "stickiness": _stickiness,
}


def _days_until(life: Life, anchor: int, from_then: int, most: int) -> int:
    """Whole days until the next order, at most so many."""
    after = first(life.orders, from_then, anchor + most * DAY)
    return most if after is None else (after - anchor) // DAY


def _to_first_purchase(life: Life, since: int, until: int) -> Pair:
    anchor = first(life.sign_ups, since, until)
    return None if anchor is None else (_days_until(life, anchor, anchor, 90), 1)


def _purchase_cycle(life: Life, since: int, until: int) -> Pair:
    anchor = first(life.orders, since, until)
    return None if anchor is None else (_days_until(life, anchor, anchor + 1, 180), 1)


TIMES: dict[str, Reading] = {
    "days-to-first-purchase": _to_first_purchase,
    "purchase-cycle": _purchase_cycle,
}


def _visited(life: Life, since: int, until: int) -> Pair:
    return int(often(life.visits, since, until) > 0), 0


def _active(life: Life, since: int, until: int) -> Pair:  # noqa: ARG001 - every reading's signature
    return _visited(life, until - ROLLING_DAYS * DAY, until)


TOTALS: dict[str, Reading] = {"unique-visitors": _visited, "active-customers": _active}


def _median_spend(all_lives: Sequence[Life], since: int, until: int) -> Parts:
    """The one or two values in the middle of what buyers spent."""
    values = [spent(life, since, until) for life in all_lives if often(life.orders, since, until)]
    return {"low": median_low(values), "high": median_high(values)} if values else {}


def _funnel(all_lives: Sequence[Life], since: int, until: int) -> Parts:
    """Visit, cart and order in this order, within 7 days of the month's first visit."""
    counts = {"visited": 0, "put_in_cart": 0, "ordered": 0}
    for life in all_lives:
        at = first(life.visits, since, until)
        if at is None:
            continue
        ends, taken = at + 7 * DAY, 1
        for times in (life.carts, life.orders):
            at = first(times, at, ends) if at is not None else None
            taken += at is not None
        for name in list(counts)[:taken]:
            counts[name] += 1
    return counts


OTHERS = {"median-spend": _median_spend, "purchase-funnel": _funnel}


def counted_by_hand(made: History) -> dict[str, list[Parts]]:
    """Every KPI of this page by month."""
    known = lives(made)
    return {name: list(_by_month(known, name)) for name in (*QUOTIENTS, *TIMES, *TOTALS, *OTHERS)}


def _by_month(known: Sequence[Life], name: str) -> Iterator[Parts]:
    for month in range(len(MONTHS)):
        since, until = STARTS[month] * DAY, STARTS[month + 1] * DAY
        if name in OTHERS:
            yield OTHERS[name](known, since, until)
            continue
        read = {**QUOTIENTS, **TIMES, **TOTALS}[name]
        pairs = [pair for life in known if (pair := read(life, since, until)) is not None]
        above = sum(pair[0] for pair in pairs)
        if name in TOTALS:
            yield {"total": above}
        elif name in TIMES:
            yield {"days": above, "customers": len(pairs)}
        else:
            yield {"numerator": above, "denominator": sum(pair[1] for pair in pairs)}
