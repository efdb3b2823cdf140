"""What a message costs, by channel, and what it cost at any time before.

An exposure that says its own cost is believed; for the others this is asked. Every change is
a revision of all costs, so that a cost of the past is found as it was corrected last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from experiments.errors import Invalid, StaleRevision
from experiments.kpis.checks import check_choice, check_number
from experiments.ledger.instants import check_instant
from experiments.ledger.money import check_currency
from experiments.names import check_key
from experiments.operations import audit
from experiments.registry.channels import CHANNELS
from experiments.registry.keyed import Edit
from experiments.storage import configuration
from experiments.storage.projects import Project
from experiments.storage.tables import message_costs

MOST_COSTS = 1_000


class CostTwice(Invalid):
    """Two costs of one kind of message from the same moment on."""

    template = "this channel and kind have another cost from the same moment on"


@dataclass(frozen=True)
class MessageCost:
    """What one message costs from a moment on.

    Attributes:
        channel: One of ``CHANNELS``.
        cost: Of one message, in units of the currency; less than the smallest coin is usual.
        currency: ISO 4217 code.
        valid_from: Aware; it holds until the next one of its channel and kind.
        kind: A kind of message within the channel, such as ``image``; None: any other.
    """

    channel: str
    cost: Decimal
    currency: str
    valid_from: datetime
    kind: str | None = None

    def __post_init__(self) -> None:
        check_choice(self.channel, CHANNELS, "channel")
        check_number(self.cost, "cost")
        if self.cost < 0:
            raise Invalid(field="cost", expected="a number from 0 on", got=str(self.cost))
        check_currency(self.currency)
        check_instant(self.valid_from, "valid_from")
        if self.kind is not None:
            check_key(self.kind, "kind")


@dataclass(frozen=True)
class MessageCosts:
    """All costs of a project.

    Attributes:
        costs: In the order in which they were given.
        revision: Grows with every change; 0 before the first.
        changed_at: When they were last changed; None before the first change.
        changed_by: Name of the actor.
    """

    costs: tuple[MessageCost, ...] = ()
    revision: int = 0
    changed_at: datetime | None = None
    changed_by: str | None = None

    def cost_at(self, channel: str, kind: str | None, at: datetime) -> MessageCost | None:
        """What a message of that channel and kind cost at that time.

        The cost of its kind, if there was one by then; else that of the channel's other
        messages; None if nobody said.

        Examples:
            >>> from datetime import UTC
            >>> march, april = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC)
            >>> known = MessageCosts((MessageCost("sms", Decimal("8.9"), "KRW", march),))
            >>> known.cost_at("sms", "image", april).cost, known.cost_at("email", None, april)
            (Decimal('8.9'), None)
        """
        held = [each for each in self.costs if each.channel == channel and each.valid_from <= at]
        for wanted in (kind, None):
            of_kind = [each for each in held if each.kind == wanted]
            if of_kind:
                return max(of_kind, key=lambda each: each.valid_from)
        return None


def message_costs_of(db: Connection, project: Project) -> MessageCosts:
    """The project's costs, as they were last given."""
    mine = select(message_costs).where(message_costs.c.project_id == project.id)
    row = db.execute(mine.order_by(message_costs.c.revision.desc()).limit(1)).first()
    if row is None:
        return MessageCosts()
    return MessageCosts(tuple(map(_read, row.costs)), row.revision, row.created_at, row.created_by)


def replace_message_costs(db: Connection, costs: Sequence[MessageCost], edit: Edit) -> MessageCosts:
    """Replace all costs of the project.

    Raises:
        CostTwice: Naming the place of a cost that contradicts one before it.
        Invalid: If there are too many.
        StaleRevision: If they are at another revision than the one seen.
    """
    _check(costs)
    before = message_costs_of(db, edit.project)
    if edit.expected_revision not in {None, before.revision}:
        raise StaleRevision(expected=edit.expected_revision, revision=before.revision)
    row = {
        "project_id": edit.project.id,
        "revision": before.revision + 1,
        "costs": [_written(each) for each in costs],
        "created_at": edit.now,
        "created_by": edit.actor.name,
    }
    try:
        with db.begin_nested():
            db.execute(insert(message_costs).values(row))
    except IntegrityError as error:
        # Somebody else wrote the same revision meanwhile.
        raise StaleRevision(expected=before.revision, revision=before.revision + 1) from error
    after = message_costs_of(db, edit.project)
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action="message_costs.replace",
        object_type="message_costs",
        object_key=edit.project.key,
        before=_told(before),
        after=_told(after),
        now=edit.now,
    )
    configuration.bump(db)
    return after


def _check(costs: Sequence[MessageCost]) -> None:
    if len(costs) > MOST_COSTS:
        raise Invalid(field="items", expected=f"at most {MOST_COSTS}", got=len(costs))
    seen = set()
    for index, each in enumerate(costs):
        place = (each.channel, each.kind, each.valid_from)
        if place in seen:
            raise CostTwice(field=f"items.{index}")
        seen.add(place)


def _written(cost: MessageCost) -> dict[str, Any]:
    return {
        "channel": cost.channel,
        "kind": cost.kind,
        "cost": str(cost.cost),
        "currency": cost.currency,
        "valid_from": cost.valid_from.isoformat(),
    }


def _read(document: dict[str, Any]) -> MessageCost:
    at = datetime.fromisoformat(document["valid_from"])
    return MessageCost(**{**document, "cost": Decimal(document["cost"]), "valid_from": at})


def _told(stored: MessageCosts) -> dict[str, Any]:
    return {"revision": stored.revision, "costs": [_written(each) for each in stored.costs]}
