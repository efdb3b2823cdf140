"""The KPIs of the nine months by month, counted from the draws."""

from collections.abc import Callable
from datetime import date

import numpy as np

from sample_data.audience import Bools, Ints
from sample_data.draws import HOUR
from sample_data.kpi_history import DAYS, FIRST_DAY, Facts, History

MONTHS = tuple(date(2025, month, 1) for month in range(1, 10))
STARTS = [(month - FIRST_DAY).days for month in MONTHS] + [DAYS]
RETURNS = (1, 3, 7, 30)
Parts = dict[str, int]


def in_month(facts: Facts, month: int) -> Bools:
    """Which of the facts are of a month, from 0."""
    found: Bools = (facts.day >= STARTS[month]) & (facts.day < STARTS[month + 1])
    return found


def by_day(made: History) -> Ints:
    """Customers who visited, of every day."""
    pairs = np.unique(made.visits.unit * DAYS + made.visits.day)
    found: Ints = np.bincount(pairs % DAYS, minlength=DAYS)
    return found


def _visitors(made: History, month: int) -> Parts:
    return {"total": np.unique(made.visits.unit[in_month(made.visits, month)]).size}


def _won(made: History, month: int) -> int:
    gross = made.orders_won[in_month(made.orders, month)].sum()
    return int(gross + made.refunds_won[in_month(made.refunds, month)].sum())


def _revenue(made: History, month: int) -> Parts:
    return {"total": _won(made, month)}


def _aov(made: History, month: int) -> Parts:
    here = in_month(made.orders, month)
    return {"numerator": int(made.orders_won[here].sum()), "denominator": int(here.sum())}


def _arppu(made: History, month: int) -> Parts:
    buyers = np.unique(made.orders.unit[in_month(made.orders, month)])
    return {"numerator": _won(made, month), "denominator": buyers.size}


def _new_customers(made: History, month: int) -> Parts:
    before = np.unique(made.orders.unit[made.orders.day < STARTS[month]])
    now = np.unique(made.orders.unit[in_month(made.orders, month)])
    return {"total": np.setdiff1d(now, before).size}


def _media(made: History, month: int) -> int:
    days_of = slice(STARTS[month], STARTS[month + 1])
    return sum(int(won[days_of].sum()) for won in made.media_won.values())


def _roas(made: History, month: int) -> Parts:
    return {"numerator": _won(made, month), "denominator": _media(made, month)}


def _roi(made: History, month: int) -> Parts:
    media = _media(made, month)
    return {"numerator": _won(made, month) - media, "denominator": media}


def _cac(made: History, month: int) -> Parts:
    return {
        "numerator": _media(made, month), "denominator": _new_customers(made, month)["total"],
    }  # fmt: skip


def _cpa(made: History, month: int) -> Parts:
    orders = int(in_month(made.orders, month).sum())
    return {"numerator": _media(made, month), "denominator": orders}


def _firsts(facts: Facts, which: Bools) -> Facts:
    """The first of these facts of each customer."""
    few = facts.only(which)
    order = np.argsort(few.at, kind="stable")
    unit, first = np.unique(few.unit[order], return_index=True)
    return Facts(unit, few.at[order][first])


def _followed(anchors: Facts, facts: Facts, hours: int) -> Bools:
    """Whose anchor is followed by one of the facts within so many hours."""
    found = np.zeros(anchors.unit.size, dtype=np.bool_)
    found[_within(anchors, facts, hours)[0]] = True
    return found


def _within(anchors: Facts, facts: Facts, hours: int) -> tuple[Ints, Ints]:
    """Index of the anchor, and of the fact, of each fact in somebody's window."""
    place = np.full(1 + max(anchors.unit.max(initial=0), facts.unit.max(initial=0)), -1)
    place[anchors.unit] = np.arange(anchors.unit.size)
    mine = place[facts.unit]
    starts = anchors.at[np.maximum(mine, 0)]
    inside = (mine >= 0) & (facts.at >= starts) & (facts.at < starts + hours * HOUR)
    return mine[inside], np.flatnonzero(inside)


def _conversion(made: History, month: int) -> Parts:
    visitors = _firsts(made.visits, in_month(made.visits, month))
    bought = _followed(visitors, made.orders, 168)
    return {"numerator": int(bought.sum()), "denominator": bought.size}


def _arpu(made: History, month: int) -> Parts:
    visitors = _firsts(made.visits, in_month(made.visits, month))
    orders = made.orders_won[_within(visitors, made.orders, 720)[1]].sum()
    back = made.refunds_won[_within(visitors, made.refunds, 720)[1]].sum()
    return {"numerator": int(orders + back), "denominator": visitors.unit.size}


def _push_open(made: History, month: int) -> Parts:
    sent = _firsts(made.sent, in_month(made.sent, month))
    opened = _followed(sent, made.opened, 72)
    return {"numerator": int(opened.sum()), "denominator": opened.size}


def _back_after(after: int) -> Callable[[History, int], Parts]:
    def parts(made: History, month: int) -> Parts:
        joined = made.sign_ups.only(in_month(made.sign_ups, month))
        return returned(made, joined, after)

    return parts


def returned(made: History, joined: Facts, after: int) -> Parts:
    """Who visited on the local day so many after that of signing up."""
    wanted = joined.day + after
    came = np.isin(joined.unit * DAYS * 2 + wanted, made.visits.unit * DAYS * 2 + made.visits.day)
    return {"numerator": int(came.sum()), "denominator": came.size}


def _nps(made: History, month: int) -> Parts:
    """By the last answer of each customer in the month."""
    here = np.flatnonzero(in_month(made.answers, month))
    order = here[np.argsort(-made.answers.at[here], kind="stable")]
    _, last = np.unique(made.answers.unit[order], return_index=True)
    scores = made.scores[order][last]
    return {
        "promoters": int((scores >= 9).sum()),
        "detractors": int((scores <= 6).sum()),
        "answered": scores.size,
    }


def _welcome(made: History, month: int) -> Parts:
    """Visit, cart and order in this order, within 30 days of signing up."""
    joined = made.sign_ups.only(in_month(made.sign_ups, month))
    steps, reached = [joined.unit.size], joined.at
    for facts in (made.visits, made.carts, made.orders):
        reached = _next(joined, reached, facts)
        steps.append(int((reached >= 0).sum()))
    names = ("signed_up", "visited", "put_in_cart", "ordered")
    return dict(zip(names, steps, strict=True))


def _next(joined: Facts, reached: Ints, facts: Facts) -> Ints:
    """When each customer took the next step; -1 if never."""
    anchor, fact = _within(joined, facts, 720)
    fine = (reached[anchor] >= 0) & (facts.at[fact] >= reached[anchor])
    found = np.full(joined.unit.size, np.iinfo(np.int64).max)
    np.minimum.at(found, anchor[fine], facts.at[fact][fine])
    taken: Ints = np.where(found == np.iinfo(np.int64).max, -1, found)
    return taken


BY_MONTH: dict[str, Callable[[History, int], Parts]] = {
    "mau": _visitors,
    "total-revenue": _revenue,
    "aov": _aov,
    "arppu": _arppu,
    "new-customers": _new_customers,
    "roas": _roas,
    "roi": _roi,
    "cac": _cac,
    "cpa": _cpa,
    "purchase-conversion": _conversion,
    "arpu": _arpu,
    "human-open-rate": _push_open,
    "nps": _nps,
    "welcome-funnel": _welcome,
} | {f"retention-d{after}": _back_after(after) for after in RETURNS}
