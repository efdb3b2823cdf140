"""A KPI as what is to be taken of which events, and how the parts add up, in whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from experiments.kpis.document import KpiDocument
from experiments.kpis.kinds import KINDS
from experiments.kpis.terms import Events, Quantity
from experiments.ledger.money import MINOR_UNIT_DECIMALS, NUMBER_DECIMALS
from experiments.registry.message_costs import MessageCost

SENT = "sent"
# Of a message: where they name a test, they are of that test's message and of no other.
MESSAGE_EVENTS = (
    "sent", "delivered", "bounced", "deferred", "dropped", "open", "click", "unsubscribe",
    "complaint",
)  # fmt: skip
_COUNTED = frozenset({"occurrence", "absence", "count"})


@dataclass(frozen=True)
class Selection:
    """Some events, and what is taken of each.

    Attributes:
        place: Among the selections of the KPI.
        events: Which.
        value: What, one of ``experiments.kpis.terms.VALUES``.
        of: Of ``distinct`` and ``number``: of which property.
        decimals: Of what is taken, that are kept as whole numbers.
        of_this_test: Whether those of another test's message are left out.
    """

    place: int
    events: Events
    value: str
    of: str | None
    decimals: int
    of_this_test: bool

    @property
    def column(self) -> str:
        """Name of what is taken, in tables."""
        return f"v{self.place}"

    @property
    def is_counted(self) -> bool:
        """Whether events are only counted."""
        return self.value in _COUNTED


@dataclass(frozen=True)
class Part:
    """One term of a sum: what was taken times a whole number.

    Attributes:
        times: Less than nothing where it is subtracted.
        at_least: Of an occurrence: how many events there must be.
    """

    selection: Selection
    times: int
    at_least: int


@dataclass(frozen=True)
class Amount:
    """A customer's value: parts that add up, to at most a cap, over a scale.

    Attributes:
        scale: What the whole number is divided by.
        cap: In the same whole numbers.
    """

    parts: tuple[Part, ...]
    scale: int
    cap: int | None


@dataclass(frozen=True)
class Plan:
    """How a KPI is measured.

    Attributes:
        selections: All, in the order of the formula.
        value: The amount; of a ratio the numerator.
        below: Of a ratio: the denominator.
        since: Of a time to an event that does not begin at the anchor.
        steps: Of a funnel.
    """

    kpi: KpiDocument
    selections: tuple[Selection, ...]
    value: Amount
    below: Amount | None
    since: Selection | None
    steps: tuple[Selection, ...]

    @property
    def types(self) -> tuple[str, ...]:
        """Types of the events that are looked at after the anchor, each once."""
        return tuple(dict.fromkeys(each.events.event for each in self.selections))

    @property
    def has_local_days(self) -> bool:
        """Whether anything of it goes by the project's days."""
        by_day = any(each.value == "days" for each in self.selections)
        return by_day or self.kpi.formula.days is not None

    @property
    def in_order(self) -> bool:
        """Whether the order of a customer's events matters."""
        return self.since is not None or bool(self.steps)


@lru_cache(maxsize=256)
def _plan(kpi: "_ByIdentity", costs: tuple[MessageCost, ...]) -> Plan:
    return _planned(kpi.document, costs)


class _ByIdentity:
    """A document as a key: it holds dictionaries, which have no hash."""

    def __init__(self, document: KpiDocument) -> None:
        self.document = document
        self._key = repr(document)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


def plan_of(kpi: KpiDocument, costs: tuple[MessageCost, ...] = ()) -> Plan:
    """Plan how a KPI is measured.

    Args:
        kpi: Without series.
        costs: Of the project's messages.

    Examples:
        >>> from experiments.kpis.document import Formula, Term, Text
        >>> name, back = Text("매출", "Revenue"), Term("refund", "amount")
        >>> spent = Formula("purchase", "amount", 24, plus=(back,))
        >>> plan = plan_of(KpiDocument("s", name, "mean", spent, "money", currency="USD"))
        >>> plan.value.scale, plan.types
        (100, ('purchase', 'refund'))
    """
    return _plan(_ByIdentity(kpi), costs)


def _planned(kpi: KpiDocument, costs: tuple[MessageCost, ...]) -> Plan:
    formula = kpi.formula
    selections: list[Selection] = []

    def selection(events: Events, value: str, of: str | None = None) -> Selection:
        # A mean of messages is about all that a customer got, a ratio to them about the test's own.
        of_all = events.event == SENT and KINDS[kpi.kind].of_all_tests
        mine = events.event in MESSAGE_EVENTS and not of_all
        place, decimals = len(selections), _decimals(value, kpi.currency, costs)
        selections.append(Selection(place, events, value, of, decimals, mine))
        return selections[-1]

    def amount(quantity: Quantity) -> Amount:
        taken = [selection(term, term.value, term.of) for _, term in quantity.terms]
        return _amount(quantity, taken)

    value = amount(formula)
    below = None if formula.denominator is None else amount(formula.denominator)
    since = None if formula.since is None else selection(formula.since, "occurrence")
    later = tuple(selection(events, "occurrence") for events in formula.then)
    steps = (value.parts[0].selection, *later) if later else ()
    return Plan(kpi, tuple(selections), value, below, since, steps)


def _amount(quantity: Quantity, taken: Sequence[Selection]) -> Amount:
    terms = list(zip(quantity.terms, taken, strict=True))
    needed = [each.decimals + places_of(term.times) for (_, term), each in terms]
    cap = None if quantity.cap is None else quantity.cap.at
    decimals = max(*needed, 0 if cap is None else places_of(cap), 0)
    parts = tuple(
        Part(
            each,
            sign * int((term.times or Decimal(1)).scaleb(decimals - each.decimals)),
            term.at_least or 1,
        )
        for (sign, term), each in terms
    )
    return Amount(parts, 10**decimals, None if cap is None else int(cap.scaleb(decimals)))


def _decimals(value: str, currency: str | None, costs: tuple[MessageCost, ...]) -> int:
    if value == "number" or (value == "amount" and currency is None):
        return NUMBER_DECIMALS
    if currency is None or value not in {"amount", "message_cost"}:
        return 0
    minor = MINOR_UNIT_DECIMALS[currency]
    if value == "amount":
        return minor
    return max([minor, *(places_of(each.cost) for each in costs if each.currency == currency)])


def places_of(number: Decimal | None) -> int:
    """Decimals that a number is written with, zeros at its end not counted.

    Examples:
        >>> places_of(Decimal("8.90")), places_of(Decimal("3E+2")), places_of(None)
        (1, 0, 0)
    """
    if not number:
        return 0
    exponent = number.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - finite, so not a letter
    return max(0, -exponent)
