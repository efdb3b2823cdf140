"""Customers whom other tests met too, and a KPI by the variant that they met there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ibis.expr.types import Table

from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import ANALYSED, EXPOSURE_TYPES, IMMATURE, firsts
from experiments.measurement.identity import certain
from experiments.measurement.kinds import MEASURED, KpiSample, Moment, Row
from experiments.measurement.placed import anchored_units, place_events, settled, unit_values
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session


@dataclass(frozen=True)
class Overlap:
    """Customers of this test whom another test met.

    Attributes:
        experiment_id: Of the other test.
        counts: Customers by this test's variant and the other's.
    """

    experiment_id: int
    counts: Mapping[str, Mapping[str, int]]

    @property
    def customers(self) -> int:
        """All of them."""
        return sum(sum(row.values()) for row in self.counts.values())


def overlaps_of(session: Session, request: MeasureRequest) -> tuple[Overlap, ...]:
    """Every other test that met customers of this one, the largest overlap first.

    Raises:
        ReplicaUnreadable, TooMuchToMeasure: As the engine finds.
    """
    session.begin()
    request = settled(session, request)
    units = anchored_units(session, request)
    units = units.filter(units.standing.isin((ANALYSED, IMMATURE)))
    both = units.select("unit_id", "variant").inner_join(_others(session, request), "unit_id")
    keys = ["experiment_id", "variant", "other"]
    rows = session.rows(both.group_by(keys).aggregate(units=both.count()).order_by(keys))
    found: dict[int, dict[str, dict[str, int]]] = {}
    for row in rows:
        by_variant = found.setdefault(row["experiment_id"], {})
        by_variant.setdefault(row["variant"], {})[row["other"]] = int(row["units"])
    overlaps = [Overlap(key, counts) for key, counts in found.items()]
    return tuple(sorted(overlaps, key=lambda each: (-each.customers, each.experiment_id)))


def samples_by_other(
    session: Session, request: MeasureRequest, experiment_ids: Sequence[int]
) -> dict[int, dict[str, dict[str, KpiSample]]]:
    """A KPI by other test, the variant met there, and this test's variant; in one statement.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    request = settled(session, request)
    placed, plan, kind = place_events(session, request), request.plan, MEASURED[request.kpi.kind]
    unit = unit_values(placed, request, plan)
    unit = unit.filter(unit.standing == ANALYSED)
    others = _others(session, request)
    others = others.filter(others.experiment_id.isin(tuple(experiment_ids)))
    unit = unit.inner_join(others, "unit_id", rname="other_{name}")
    keys = ["experiment_id", "other", "variant", *kind.per]
    summed = unit.group_by(keys).aggregate(units=unit.count(), **kind.sums(unit, plan))
    rows = session.rows(summed.order_by(keys))
    moment = Moment(request.as_of, request.window_hours)
    found: dict[int, dict[str, dict[str, list[Row]]]] = {}
    for row in rows:
        of_test = found.setdefault(row["experiment_id"], {})
        by_variant = of_test.setdefault(row["other"], {key: [] for key in request.variants})
        if row["variant"] in by_variant:
            by_variant[row["variant"]].append(row)
    return {
        test: {
            other: {key: kind.sample(mine, plan, moment) for key, mine in by_variant.items()}
            for other, by_variant in of_test.items()
        }
        for test, of_test in found.items()
    }


def _others(session: Session, request: MeasureRequest) -> Table:
    """The variant that each customer met first in every other test: ``other``."""
    exposures: Any = certain(session.exposures)
    met = exposures.filter(
        exposures.experiment_id.notnull(),
        exposures.experiment_id != request.experiment_id,
        exposures.occurred_at <= microseconds(request.as_of),
        exposures.type.isin(EXPOSURE_TYPES),
    )
    first = firsts(met, "experiment_id")
    return first.select("unit_id", "experiment_id", other=first.variant)
