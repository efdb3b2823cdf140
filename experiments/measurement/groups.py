"""Samples of groups of customers: by channel, by what was known of them, by segment, by phase.

Everything is of the anchor: the channel and the properties of the exposure that anchored a
customer, the segments they belonged to then, the phase that was open then. One statement adds
up all of it, in cells; groups are sums of cells, so a dimension costs no query of its own.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
from ibis.expr.types import IntegerValue, Table

from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import ANALYSED, IMMATURE
from experiments.measurement.history import HistorySegment, memberships
from experiments.measurement.kinds import MEASURED, KpiSample, Moment, Row
from experiments.measurement.placed import anchored_units, place_used, settled, unit_values
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session

# With more different texts than this, properties name customers and no groups of them.
MOST_PROPERTIES = 500


@dataclass(frozen=True)
class Cut:
    """By what customers are told apart.

    Attributes:
        segments: Over history.
        phase_starts: When the phases of the allocation opened, in order.
    """

    segments: tuple[HistorySegment, ...] = ()
    phase_starts: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Cell:
    """Customers alike in everything that is asked for.

    Attributes:
        channel: Of the exposure that anchored them; None where it names none.
        known: The properties of that exposure.
        segments: Keys of those they belonged to.
        phase: From 1.
        units: How many whose window has closed.
    """

    variant: str
    channel: str | None
    known: Mapping[str, Any]
    segments: frozenset[str]
    phase: int
    units: int
    rows: tuple[Row, ...]

    @property
    def properties(self) -> dict[str, str]:
        """What of it is a text, a number or a truth value, as text."""
        return texts_of(self.known)


@dataclass(frozen=True)
class Cells:
    """All cells of one KPI.

    Attributes:
        with_properties: Whether properties were read: not where nearly every exposure has
            others.
    """

    request: MeasureRequest
    cells: tuple[Cell, ...]
    with_properties: bool

    def samples(self, group: Callable[[Cell], str | None]) -> dict[str, dict[str, KpiSample]]:
        """Samples by group and variant; every group has all variants.

        Args:
            group: Of a cell; None leaves it out.
        """
        found: dict[str, dict[str, list[Row]]] = {}
        for cell in self.cells:
            name = group(cell)
            if name is not None and cell.variant in self.request.variants:
                by_variant = found.setdefault(name, {key: [] for key in self.request.variants})
                by_variant[cell.variant] += cell.rows
        kind, plan = MEASURED[self.request.kpi.kind], self.request.plan
        moment = Moment(self.request.as_of, self.request.window_hours)
        return {
            name: {key: kind.sample(rows, plan, moment) for key, rows in by_variant.items()}
            for name, by_variant in found.items()
        }


def measure_cells(session: Session, request: MeasureRequest, cut: Cut) -> Cells:
    """Measure a KPI in cells.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    session.begin()
    request = settled(session, request)
    placed, plan, kind = place_used(session, request), request.plan, MEASURED[request.kpi.kind]
    known = _known(session, placed.units, cut)
    distinct = session.rows(known.select("properties").distinct().limit(MOST_PROPERTIES + 1))
    readable = len(distinct) <= MOST_PROPERTIES
    if not readable:
        known = known.mutate(properties=ibis.null("string"))
    unit = unit_values(placed, request, plan)
    counted = [ANALYSED, IMMATURE] if request.kpi.kind == "time_to_event" else [ANALYSED]
    unit = unit.filter(unit.standing.isin(counted))
    unit = unit.left_join(known, "anchor", rname="known_{name}")
    names = ["channel", "properties", "phase", *(f"in{n}" for n in range(len(cut.segments)))]
    keys = ["variant", *names, *kind.per]
    rows = session.rows(
        unit.group_by(keys).aggregate(units=unit.count(), **kind.sums(unit, plan)).order_by(keys)
    )
    return Cells(request, _cells(rows, cut, names), readable)


def _known(session: Session, units: Table, cut: Cut) -> Table:
    """What is known of each unit at its anchor."""
    exposures = session.arrived("exposure")
    at_anchor = exposures.select("channel", "properties", anchor=exposures.position)
    unit = units.select("anchor", "anchor_at").inner_join(at_anchor, "anchor")
    unit = unit.select("anchor", "channel", "properties", phase=_phase(unit, cut.phase_starts))
    if not cut.segments:
        return session.keep("known", object(), lambda: unit)
    belongs = memberships(session.events, units, cut.segments)
    both = unit.left_join(belongs, "anchor", rname="belongs_{name}")
    flags = {f"in{n}": both[f"in{n}"].fill_null(False) for n in range(len(cut.segments))}
    both = both.select("anchor", "channel", "properties", "phase", **flags)
    return session.keep("known", object(), lambda: both)


def _phase(unit: Table, starts: Sequence[datetime]) -> IntegerValue:
    later = [
        (unit.anchor_at >= microseconds(start), number)
        for number, start in enumerate(starts, start=1)
        if number > 1
    ]
    found: IntegerValue = (
        ibis.cases(*reversed(later), else_=1) if later else ibis.literal(1)
    ).cast("int64")
    return found


def _cells(rows: Sequence[Row], cut: Cut, names: Sequence[str]) -> tuple[Cell, ...]:
    """The rows of each cell together: kinds that count by value have several."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault((row["variant"], *(row[name] for name in names)), []).append(row)
    return tuple(_cell(alike, cut) for alike in found.values())


def _cell(rows: Sequence[Row], cut: Cut) -> Cell:
    first = rows[0]
    return Cell(
        variant=first["variant"],
        channel=first["channel"],
        known=known_of(first["properties"]),
        segments=frozenset(each.key for n, each in enumerate(cut.segments) if first[f"in{n}"]),
        phase=int(first["phase"]),
        units=sum(int(row["units"]) for row in rows),
        rows=tuple(rows),
    )


def known_of(properties: str | None) -> dict[str, Any]:
    """Properties as written, read."""
    found = json.loads(properties) if properties else {}
    return found if isinstance(found, dict) else {}


def texts_of(known: Mapping[str, Any]) -> dict[str, str]:
    """What of some properties is a text, a number or a truth value, as text.

    Examples:
        >>> texts_of({"grade": "VIP", "orders": 3, "tags": ["a"]})
        {'grade': 'VIP', 'orders': '3'}
    """
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in sorted(known.items())
        if isinstance(value, str | bool | int | float)
    }


def properties_met(session: Session, request: MeasureRequest) -> list[str]:
    """Every different properties of the exposures that anchored customers, as written."""
    placed = anchored_units(session, request)
    exposures = session.arrived("exposure")
    mine = exposures.filter(exposures.position.isin(placed.anchor), exposures.properties.notnull())
    distinct = mine.select("properties").distinct().order_by("properties")
    return [row["properties"] for row in session.rows(distinct)]
