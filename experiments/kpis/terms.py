"""What a formula counts: which events, what is taken of them, added up for one customer.

The classes hold what a document says; :mod:`experiments.kpis.term_checks` refuses what makes
no sense, with the path in the document.
"""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

OCCURRENCES = ("occurrence", "absence")
COUNTS = ("count", "distinct", "days")
SUMS = ("amount", "number", "message_cost")
VALUES = (*OCCURRENCES, *COUNTS, *SUMS, "series")
"""What may be taken of events.

``occurrence``: 1 if there were ``at_least`` so many, else 0. ``absence``: 1 if there was none.
``count``: how many. ``distinct``: different values of the property ``of``. ``days``: local
days with one. ``amount``: sum of the events' own values, refunds negative. ``number``: sum of the
property ``of``. ``message_cost``: what the messages cost by the project's price list. ``series``:
no events of customers but figures that arrive added up, under the name in ``event``.
"""


@dataclass(frozen=True)
class Filter:
    """A condition on a property of an event: one of four tests.

    Attributes:
        property: Its name.
        one_of: Texts that it may be; numbers and booleans compare as their JSON text.
        over, at_least, below, at_most: Bounds of a number; what is no number fails.
        present: Whether it must be there (and not null), or must not.
    """

    property: str
    _: KW_ONLY
    one_of: tuple[str, ...] = ()
    over: Decimal | None = None
    at_least: Decimal | None = None
    below: Decimal | None = None
    at_most: Decimal | None = None
    present: bool | None = None


@dataclass(frozen=True)
class Events:
    """Which events.

    Attributes:
        event: Their type.
        machine: Whether those flagged as made by a machine count: ``exclude`` or ``include``.
        where: Texts that properties must have, all of them.
        filters: Further conditions on properties, all of which must hold.
        channels: Only those that came by one of them; empty: by whichever.
    """

    event: str
    _: KW_ONLY
    machine: str = "exclude"
    where: dict[str, str] = field(default_factory=dict)
    filters: tuple[Filter, ...] = ()
    channels: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Filter, ...]:
        """``where`` and ``filters`` in one form, by property.

        Examples:
            >>> Events("purchase", where={"store": "online"}).conditions[0].one_of
            ('online',)
        """
        equal = tuple(Filter(name, one_of=(text,)) for name, text in sorted(self.where.items()))
        return equal + self.filters


@dataclass(frozen=True)
class Requirement(Events):
    """What must have happened, or must not have, up to the anchor (at its instant counts too).

    Attributes:
        at_least: How often.
        within_days: So many times 24 hours before the anchor; None: ever before.
        absent: Whether it must not have happened so often.
    """

    _: KW_ONLY
    at_least: int = 1
    within_days: int | None = None
    absent: bool = False


@dataclass(frozen=True)
class Term(Events):
    """What is taken of events, for one customer.

    Attributes:
        value: One of ``VALUES``.
        of: Of ``distinct`` and ``number``: of which property.
        at_least: Of ``occurrence``: how many there must be; None: one.
        times: Factor of the value, such as what one coupon costs; None: one.
        currency: ISO 4217, where stated; it is the document's.
    """

    value: str
    _: KW_ONLY
    of: str | None = None
    at_least: int | None = None
    times: Decimal | None = None
    currency: str | None = None

    @property
    def is_series(self) -> bool:
        """Whether it knows no customers."""
        return self.value == "series"


@dataclass(frozen=True)
class Cap:
    """The largest value that one customer may have; fixed before anybody looks.

    Attributes:
        at: In the KPI's unit, over 0; what is above counts as this.
        source: Where the number comes from, such as a quantile of earlier months.
    """

    at: Decimal
    source: str


@dataclass(frozen=True)
class Quantity(Term):
    """A customer's value: terms added and subtracted, then capped.

    Attributes:
        plus, minus: Further terms. Amounts of refunds are negative already: they are added.
        cap: On the sum.
    """

    _: KW_ONLY
    plus: tuple[Term, ...] = ()
    minus: tuple[Term, ...] = ()
    cap: Cap | None = None

    @property
    def terms(self) -> tuple[tuple[int, Term], ...]:
        """Every term with its sign, 1 or -1; the first is this object itself.

        Examples:
            >>> profit = Quantity("purchase", "amount", minus=(Term("coupon_used", "amount"),))
            >>> [(sign, term.event) for sign, term in profit.terms]
            [(1, 'purchase'), (-1, 'coupon_used')]
        """
        added = ((1, term) for term in self.plus)
        taken = ((-1, term) for term in self.minus)
        return ((1, self), *added, *taken)

    def paths(self, path: str) -> Iterator[tuple[str, Term]]:
        """Every term with its path in the document, below that of this quantity."""
        yield path, self
        for name, terms in (("plus", self.plus), ("minus", self.minus)):
            for index, term in enumerate(terms):
                yield f"{path}.{name}.{index}", term
