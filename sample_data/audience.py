"""The made-up customers, and which arm the product's own hash gives each of them."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from experiments.assignment.buckets import allocate
from experiments.assignment.bulk import arms, buckets
from sample_data.scenario import Scenario

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

VARIANTS = ("a", "b")
SEGMENTS = ("VIP", "일반", "휴면")
SEGMENT_SHARES = (0.10, 0.60, 0.30)
PREFETCH_SHARE = 0.22

_FAMILY_NAMES = tuple("김이박최정강조윤장임한오서신권황안송전홍")
_FIRST_SYLLABLES = tuple("민서지도하예주수현시유은재채준가나다라태")
_SECOND_SYLLABLES = tuple("준연우윤은아현영진호희정빈원민경훈미솔결")


@dataclass(frozen=True)
class Audience:
    """Everyone assigned; arrays of shape (customers,).

    Attributes:
        unit_ids: Customer ids.
        names: Full names, empty where unknown.
        segments: Index into ``SEGMENTS``.
        prefetches: Whether the customer's mail program opens mails by itself.
        arms: Index into ``VARIANTS``.
    """

    unit_ids: list[str]
    names: list[str]
    segments: Ints
    prefetches: Bools
    arms: Ints

    @property
    def nameless(self) -> Bools:
        """Whose name is unknown."""
        return np.array([not name for name in self.names])


def make_audience(scenario: Scenario, customers: int, rng: np.random.Generator) -> Audience:
    """Draw the customers; the hash of their ids alone decides the arm."""
    numbers = range(scenario.first_customer, scenario.first_customer + customers)
    unit_ids = [f"c{number:06d}" for number in numbers]
    halves = allocate(dict.fromkeys(VARIANTS, Decimal("0.5")), Decimal(1))
    arm = arms(halves, buckets(scenario.hash_seed, unit_ids))
    names = _draw_names(customers, rng)
    for index in _draw_nameless(scenario, arm, rng):
        names[index] = ""
    return Audience(
        unit_ids=unit_ids,
        names=names,
        segments=np.searchsorted(np.cumsum(SEGMENT_SHARES[:-1]), rng.random(customers), "right"),
        prefetches=rng.random(customers) < PREFETCH_SHARE,
        arms=arm,
    )


def _draw_names(customers: int, rng: np.random.Generator) -> list[str]:
    parts = [
        [syllables[index] for index in rng.integers(len(syllables), size=customers)]
        for syllables in (_FAMILY_NAMES, _FIRST_SYLLABLES, _SECOND_SYLLABLES)
    ]
    return ["".join(name) for name in zip(*parts, strict=True)]


def _draw_nameless(scenario: Scenario, arm: Ints, rng: np.random.Generator) -> list[int]:
    """The same share of each arm, since a name is known before anyone is assigned."""
    nameless: list[int] = []
    for index in range(len(VARIANTS)):
        members = np.flatnonzero(arm == index)
        count = round(scenario.nameless_share * members.size)
        nameless += rng.permutation(members)[:count].tolist()
    return nameless
