"""What each customer does with the mail: rates by arm and segment, and when."""

from dataclasses import dataclass

import numpy as np

from sample_data.audience import Audience, Bools, Floats, Ints
from sample_data.scenario import Scenario

DELIVERY = 0.985
HUMAN_OPEN = (0.180, 0.207)  # of delivered, arm A and arm B
SEGMENT_MULTIPLIERS = (1.8, 1.1, 0.16 / 0.3)  # weighted by the segments' shares: 1
MACHINE_OPEN = 0.95  # of the delivered mails of customers whose program prefetches
CLICK = 0.12  # of human openers
PURCHASE = 0.08  # of clickers
UNSUBSCRIBE = 0.0025  # of delivered
SCANNED = 0.01  # of delivered: a security scanner follows every link

_HOUR = 3600
_MEDIAN_ORDER = 38_000
_ORDER_SIGMA = 0.6


@dataclass(frozen=True)
class Outcomes:
    """What happened to each customer; arrays of shape (customers,).

    The ``_after`` ones are seconds after the send, the rest says whether it happened; seconds
    mean something only where it did.
    """

    sent: Bools
    delivered: Bools
    delivered_after: Ints
    machine_open: Bools
    machine_open_after: Ints
    human_open: Bools
    human_open_after: Ints
    click: Bools
    click_after: Ints
    purchase: Bools
    purchase_after: Ints
    order_won: Ints
    unsubscribe: Bools
    unsubscribe_after: Ints
    scanned: Bools


def draw_outcomes(scenario: Scenario, audience: Audience, rng: np.random.Generator) -> Outcomes:
    """Draw everything that follows the assignment; all of it falls within the 72 hours."""
    size = audience.arms.size
    sent = np.ones(size, dtype=np.bool_)
    if scenario.drops_nameless_control:
        sent = ~(audience.nameless & (audience.arms == 0))
    delivered = sent & _chance(rng, np.full(size, DELIVERY))
    delivered_after = rng.integers(2, 90, size=size)
    human_open = delivered & _chance(rng, _open_rates(audience))
    human_open_after = delivered_after + 30 + _waiting(rng, size, 5 * _HOUR, 60 * _HOUR)
    click = human_open & _chance(rng, np.full(size, CLICK))
    click_after = human_open_after + 5 + _waiting(rng, size, 120, _HOUR)
    purchase = click & _chance(rng, np.full(size, PURCHASE))
    return Outcomes(
        sent=sent,
        delivered=delivered,
        delivered_after=delivered_after,
        machine_open=delivered & audience.prefetches & _chance(rng, np.full(size, MACHINE_OPEN)),
        machine_open_after=delivered_after + rng.integers(1, 60, size=size),
        human_open=human_open,
        human_open_after=human_open_after,
        click=click,
        click_after=click_after,
        purchase=purchase,
        purchase_after=click_after + 60 + _waiting(rng, size, 2 * _HOUR, 9 * _HOUR),
        order_won=_order_values(rng, size),
        unsubscribe=delivered & _chance(rng, np.full(size, UNSUBSCRIBE)),
        unsubscribe_after=delivered_after + 60 + _waiting(rng, size, 8 * _HOUR, 60 * _HOUR),
        scanned=delivered & _chance(rng, np.full(size, SCANNED)),
    )


def _open_rates(audience: Audience) -> Floats:
    rates: Floats = np.array(HUMAN_OPEN)[audience.arms]
    multiplied: Floats = rates * np.array(SEGMENT_MULTIPLIERS)[audience.segments]
    return multiplied


def _chance(rng: np.random.Generator, rates: Floats) -> Bools:
    happened: Bools = rng.random(rates.size) < rates
    return happened


def _waiting(rng: np.random.Generator, size: int, mean: int, longest: int) -> Ints:
    """Whole seconds, exponential with the mean, cut off at the longest."""
    reached = -np.expm1(-longest / mean)
    seconds: Ints = (-mean * np.log1p(-rng.random(size) * reached)).astype(np.int64)
    return seconds


def _order_values(rng: np.random.Generator, size: int) -> Ints:
    """Won, log-normal, to the nearest hundred."""
    values = _MEDIAN_ORDER * np.exp(_ORDER_SIGMA * rng.standard_normal(size))
    won: Ints = (np.round(values / 100) * 100).astype(np.int64)
    return won
