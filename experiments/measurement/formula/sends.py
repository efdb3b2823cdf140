"""Messages that were sent: exposures of tests and events of mail providers, each message once.

An exposure ``sent`` without a reason why not, and an event ``sent``. Of one test, customer and
channel, the provider's first event is the first exposure's message, the second the second's,
and so on: it is left out. What came with a withdrawn import is nobody's message, and hides
none. What a message cost, it says itself, or the project's price list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from experiments.ledger.instants import microseconds
from experiments.ledger.money import MINOR_UNIT_DECIMALS
from experiments.measurement.formula.plan import SENT
from experiments.measurement.identity import WITHDRAWN
from experiments.measurement.properties import text_at
from experiments.registry.message_costs import MessageCost

SUPPRESSED = "suppressed"
SAME_MESSAGE = "same_message"
# Of a message: the property that names its kind within the channel.
KIND = "kind"
_MESSAGE = ["unit_id", "experiment_id", "channel"]
_MAYBE = ("doubt", "known_as")
_COLUMNS = (
    "position", "source_id", "occurred_at", "received_at", "unit_id", "type", "channel",
    "experiment_id", "properties", "value", "currency", "machine",
)  # fmt: skip


def with_sends(events: Table, exposures: Table, as_of: datetime) -> Table:
    """The events with exposures ``sent`` among them.

    Returns:
        The columns that both have, those of an event besides, and ``unsent``: why a message
        is none, ``suppressed`` or ``same_message``; null of everything else.
    """
    shared = [name for name in _MAYBE if name in {*events.columns, *exposures.columns}]
    columns = [*_COLUMNS, *shared]
    events = _with(events, shared)
    others = events.filter(events.type != SENT)
    told = events.filter(events.type == SENT)
    sent = _with(exposures.filter(exposures.type == SENT), shared)
    sent = sent.mutate(machine=ibis.literal(False), silent=sent.suppressed_reason.notnull())
    both = told.select(*columns, reported=ibis.literal(True), silent=ibis.literal(False)).union(
        sent.select(*columns, "silent", reported=ibis.literal(False)).relocate(
            "reported", before="silent"
        )
    )
    messages = _numbered(both, as_of).select(*columns, "unsent")
    return others.select(*columns, unsent=ibis.null("string")).union(messages)


def _numbered(both: Table, as_of: datetime) -> Table:
    """The messages with ``unsent``."""
    gone = _gone(both)
    shown = ~both.reported & ~both.silent & ~gone & (both.occurred_at <= microseconds(as_of))
    both = both.mutate(gone=gone)
    in_time = ibis.window(
        group_by=[*_MESSAGE, "reported", "silent", "gone"], order_by=["occurred_at", "source_id"]
    )
    numbered = both.mutate(
        shown=shown.cast("int64").sum().over(ibis.window(group_by=_MESSAGE)),
        number=ibis.row_number().over(in_time),
    )
    same = numbered.reported & numbered.experiment_id.notnull() & numbered.unit_id.notnull()
    same &= ~numbered.gone & (numbered.number < numbered.shown)
    return numbered.mutate(
        unsent=ibis.cases(
            (numbered.silent, SUPPRESSED), (same, SAME_MESSAGE), else_=ibis.null("string")
        )
    )


def _gone(facts: Table) -> BooleanValue:
    """Whether each came with an import that was withdrawn."""
    if "doubt" not in facts.columns:
        return ibis.literal(False)
    found: BooleanValue = (facts.doubt == WITHDRAWN).fill_null(False)
    return found


def _with(facts: Table, names: Sequence[str]) -> Table:
    missing = {name: ibis.null("string") for name in names if name not in facts.columns}
    if "known_as" in missing:
        missing["known_as"] = facts.unit_id
    return facts.mutate(**missing) if missing else facts


@dataclass(frozen=True)
class PriceList:
    """What messages cost, in one currency.

    Attributes:
        costs: Of the project.
        currency: Of the KPI.
        decimals: That are kept of a cost.
    """

    costs: tuple[MessageCost, ...]
    currency: str
    decimals: int

    def cost(self, messages: Table) -> IntegerValue:
        """Of each message, as whole numbers; null if nobody said, or in another currency."""
        finer = 10 ** (self.decimals - MINOR_UNIT_DECIMALS[self.currency])
        own = (messages.currency == self.currency).ifelse(messages.value * finer, _nothing())
        listed = self._listed(
            messages,
            [
                (each, self._whole(each.cost) if each.currency == self.currency else None)
                for each in self.costs
            ],
        )
        found: IntegerValue = messages.value.notnull().ifelse(own, listed)
        return found

    def in_other_money(self, messages: Table) -> BooleanValue:
        """Whether a cost is known, in another currency."""
        listed = self._listed(
            messages, [(each, int(each.currency != self.currency)) for each in self.costs]
        )
        own = (messages.currency != self.currency).fill_null(True)
        found: BooleanValue = messages.value.notnull().ifelse(own, listed.fill_null(0) == 1)
        return found

    def _listed(
        self, messages: Table, said: Sequence[tuple[MessageCost, int | None]]
    ) -> IntegerValue:
        """What the list says, as `MessageCosts.cost_at`: of the kind, else of the channel."""
        ordered = sorted(
            said, key=lambda each: (each[0].kind is not None, each[0].valid_from), reverse=True
        )
        if not ordered:
            return _nothing()
        kind = text_at(messages.properties, KIND)
        cases = []
        for cost, value in ordered:
            applies = (messages.channel == cost.channel) & (
                messages.occurred_at >= microseconds(cost.valid_from)
            )
            if cost.kind is not None:
                applies &= kind == cost.kind
            cases.append((applies.fill_null(False), _nothing() if value is None else _whole(value)))
        found: IntegerValue = ibis.cases(*cases, else_=_nothing())
        return found

    def _whole(self, cost: Decimal) -> int:
        return int(cost.scaleb(self.decimals))


def _whole(value: int) -> IntegerValue:
    return ibis.literal(value, "int64")


def _nothing() -> IntegerValue:
    return ibis.null("int64")
