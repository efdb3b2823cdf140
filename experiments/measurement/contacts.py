"""Contact pressure: how often the customers of each variant were written to, by channel.

A contact is a message of any test that was sent (an exposure ``sent`` without a reason why
not) or an event ``sent`` of a mail provider. Where both speak of one test, of one customer
on one channel, the greater number counts and not the sum: they mean the same messages. From
the anchor to the end of the window, or to the moment of the report if that comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import ANALYSED, IMMATURE
from experiments.measurement.identity import certain
from experiments.measurement.placed import anchored_units
from experiments.measurement.replica import ReplicaState
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session, session_on
from stats.samples import MeanSample

SENT = "sent"
UNNAMED = "unknown"
_MICROSECONDS_PER_WEEK = 7 * 24 * 3_600_000_000


@dataclass(frozen=True)
class Contacts:
    """Of one variant.

    Attributes:
        units: Its customers, those whose window is open too.
        weeks: Added up over them, from the anchor on.
        by_channel: Contacts; those that name no channel under ``unknown``.
        sample: Contacts per customer.
    """

    units: int
    weeks: float
    by_channel: Mapping[str, int]
    sample: MeanSample

    @property
    def per_week(self) -> dict[str, float]:
        """Contacts per customer and week, by channel; empty before any time has passed."""
        return {key: count / self.weeks for key, count in self.by_channel.items() if self.weeks}


def contact_counts(source: ReplicaState | Session, request: MeasureRequest) -> dict[str, Contacts]:
    """Count the contacts of every variant of the request, over the window of its KPI.

    Raises:
        ReplicaUnreadable: If the replica's files are damaged; refresh it and try again.
        TooMuchToMeasure: If memory and disk do not suffice.
    """
    with session_on(source, request.project_id) as session:
        anchored = anchored_units(session, request)
        until = ibis.least(anchored.closes_at, microseconds(request.as_of))
        units = anchored.filter(anchored.standing.isin((ANALYSED, IMMATURE)))
        units = units.mutate(until=until)
        made = session.keep("contacts", object(), lambda: _contacts(session, units))
        channels = session.rows(
            made.group_by("variant", "channel")
            .aggregate(contacts=made.contacts.sum())
            .order_by("variant", "channel")
        )
        sums = {row["variant"]: row for row in session.rows(_sums(units, made))}
    return {
        variant: _of_variant(
            sums.get(variant),
            {row["channel"]: int(row["contacts"]) for row in channels if row["variant"] == variant},
        )
        for variant in request.variants
    }


def _contacts(session: Session, units: Table) -> Table:
    """Rows of ``anchor``, ``variant``, ``channel`` and ``contacts``."""
    exposures, events = certain(session.exposures), certain(session.events)
    sent = exposures.filter(exposures.type == SENT, exposures.suppressed_reason.isnull())
    told = events.filter(events.type == SENT)
    columns = ["unit_id", "channel", "experiment_id", "occurred_at"]
    both = ibis.union(
        sent.select(*columns, exposure=ibis.literal(1)),
        told.select(*columns, exposure=ibis.literal(0)),
    )
    met = both.inner_join(units, both.unit_id == units.unit_id, rname="of_{name}")
    met = met.filter(met.occurred_at >= met.anchor_at, met.occurred_at < met.until)
    met = met.mutate(channel=met.channel.fill_null(UNNAMED))
    each = met.group_by("anchor", "variant", "channel", "experiment_id").aggregate(
        exposures=met.exposure.sum(), events=(1 - met.exposure).sum()
    )
    of_test = each.experiment_id.notnull()
    number = of_test.ifelse(ibis.greatest(each.exposures, each.events), each.events)
    each = each.mutate(number=number)
    return each.group_by("anchor", "variant", "channel").aggregate(contacts=each.number.sum())


def _sums(units: Table, made: Table) -> Table:
    per_unit = made.group_by("anchor").aggregate(contacts=made.contacts.sum())
    unit = units.left_join(per_unit, "anchor")
    contacts = unit.contacts.fill_null(0).cast("int64")
    lasted = ibis.greatest(unit.until - unit.anchor_at, 0).cast("decimal(38, 0)")
    unit = unit.select("variant", contacts=contacts, lasted=lasted)
    return unit.group_by("variant").aggregate(
        units=unit.count(),
        total=unit.contacts.sum(),
        squares=(unit.contacts * unit.contacts).sum(),
        lasted=unit.lasted.sum(),
    )


def _of_variant(row: Mapping[str, int] | None, by_channel: dict[str, int]) -> Contacts:
    if row is None:
        return Contacts(0, 0.0, {}, MeanSample(0, 0, 0))
    sample = MeanSample(int(row["units"]), int(row["total"]), int(row["squares"]))
    weeks = int(row["lasted"]) / _MICROSECONDS_PER_WEEK
    return Contacts(sample.units, weeks, by_channel, sample)
