"""Which of several messages gets the credit for what a customer did.

The messages before an event, back to the length of the KPI's window: the credit goes to the
last of them, or to the first. What a message reports of itself (an open, a click) needs no
rule. Messages are what was sent: a customer who was sent nothing gives no test the credit.
"""

import ibis
from ibis.expr.types import Table

from experiments.measurement.formula.plan import MESSAGE_EVENTS, SENT
from experiments.measurement.formula.windows import HOUR
from experiments.measurement.identity import certain
from experiments.measurement.request import MeasureRequest


def credited(events: Table, messages: Table, request: MeasureRequest) -> Table:
    """The events that are credited to the request's test.

    Args:
        events: Of the KPI's types.
        messages: As :func:`experiments.measurement.formula.sends.with_sends` gives.
        request: Its KPI has a rule of credit.

    Returns:
        Rows of ``position``.
    """
    acts = certain(events)
    acts = acts.filter(acts.type.notin(MESSAGE_EVENTS))
    if request.kpi.credit == "own_tag":
        mine = acts.filter((acts.experiment_id == request.experiment_id).fill_null(False))
        return mine.select("position")
    sent = certain(messages)
    sent = sent.filter(sent.type == SENT, sent.unsent.isnull(), sent.unit_id.notnull())
    sent = sent.select(
        unit="unit_id",
        sent_at="occurred_at",
        order=ibis.struct({"at": sent.occurred_at, "id": sent.source_id}),
        mine=(sent.experiment_id == request.experiment_id).fill_null(False),
    )
    back = ibis.literal(request.window_hours * HOUR, "int64")
    met = acts.select("position", "unit_id", "occurred_at").inner_join(
        sent,
        [
            acts.unit_id == sent.unit,
            acts.occurred_at >= sent.sent_at,
            acts.occurred_at - back < sent.sent_at,
        ],
    )
    if request.kpi.credit == "last_message":
        goes_to = met.mine.argmax(met.order)
    else:
        goes_to = met.mine.argmin(met.order)
    by_event = met.group_by("position").aggregate(mine=goes_to)
    return by_event.filter(by_event.mine).select("position")


def with_credit(events: Table, credit: Table) -> Table:
    """The events with ``credited``."""
    return events.mutate(
        credited=events.type.isin(MESSAGE_EVENTS) | events.position.isin(credit.position)
    )
