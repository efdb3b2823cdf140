"""Who counts, and from when: the first exposure of each unit at the anchor."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import ibis
from ibis.expr.types import BooleanColumn, IntegerColumn, StringColumn, Table

from experiments.errors import Invalid
from experiments.ledger.instants import check_instant, microseconds
from experiments.measurement.anchor_segments import AnchorSegment
from experiments.measurement.formula.windows import Window
from experiments.measurement.history import HistorySegment
from experiments.measurement.identity import certain, keys_of

# Types of exposure that are the anchor, by the experiment's anchor.
ANCHOR_TYPES = {
    "assignment": ("assigned", "viewed"),
    "trigger": ("trigger",),
    "planned_send": ("planned_send",),
    "sent": ("sent",),
}
EXPOSURE_TYPES = tuple(sorted({each for types in ANCHOR_TYPES.values() for each in types}))
ANALYSED = "analysed"
IMMATURE = "immature"
MISMATCHED = "mismatched"
UNLISTED = "unlisted"
MERGED_APART = "merged_apart"
# Not in the segment that is asked for.
OUTSIDE = "outside_segment"
# Not what the KPI requires of those that it counts.
NOT_REQUIRED = "not_required"

_OF_EXPOSURE = ("position", "variant", "expected_variant", "alias", "occurred_at")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(since_1970: int) -> datetime:
    """The time so many microseconds after 1970.

    Examples:
        >>> instant(86_400_000_000)
        datetime.datetime(1970, 1, 2, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return _EPOCH + timedelta(microseconds=since_1970)


@dataclass(frozen=True)
class Population:
    """Whose exposures are looked at, and when.

    Attributes:
        project_id: Of the experiment.
        experiment_id: Row id.
        anchor: assignment, trigger, planned_send or sent.
        variants: Keys of the variants compared.
        as_of: What happened later is not seen. Aware.
        allocation: ``truelift``: a unit whose reported variant is not the one Truelift
            gave is left out, and so is one that it gave none (not covered, no phase open);
            ``external``: the reported one is believed, as is that of an exposure whose
            customer was named by an alias.
        segment: Only customers who belonged to it at their anchor; None: everybody.

    Raises:
        Invalid: If the anchor or the allocation is unknown, or the time has no
            zone.
    """

    project_id: int
    experiment_id: int
    anchor: str
    variants: tuple[str, ...]
    as_of: datetime
    allocation: str
    segment: HistorySegment | AnchorSegment | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check(self.anchor in ANCHOR_TYPES, "anchor", ", ".join(ANCHOR_TYPES), self.anchor)
        _check(
            self.allocation in {"truelift", "external"},
            "allocation", "truelift or external", self.allocation,
        )  # fmt: skip
        check_instant(self.as_of, "as_of")


def _check(fine: bool, name: str, expected: str, got: object) -> None:
    if not fine:
        raise Invalid(field=name, expected=expected, got=got)


def seen(exposures: Table, population: Population, types: Iterable[str]) -> Table:
    """The experiment's exposures of some types, up to the moment looked at.

    Those of nobody in particular are not among them.
    """
    exposures = certain(exposures)
    return exposures.filter(
        exposures.experiment_id == population.experiment_id,
        exposures.occurred_at <= microseconds(population.as_of),
        exposures.type.isin(tuple(types)),
    )


def firsts(met: Table, *per: str, ids: bool = False) -> Table:
    """The first exposure of each unit, by time and then by the source's id.

    The order in which facts arrived decides nothing: the same log in another order gives
    the same answer.

    Args:
        met: Exposures.
        per: Columns to tell apart beside the unit.
        ids: Whether to keep ``source_id``, by which firsts can be put in order again.

    Returns:
        A row per unit with the exposure's columns and ``two_variants``: whether the unit
        met another variant too.
    """
    keys = [*keys_of(met), *per]
    met = met.select(*keys, "source_id", *_OF_EXPOSURE)
    told = ("source_id", *_OF_EXPOSURE) if ids else _OF_EXPOSURE
    times = met.group_by(keys).aggregate(times=met.count())
    often = times.filter(times.times > 1)
    # Most units are met once, and need no order.
    once = met.anti_join(often, keys).select(*keys, *told, two_variants=ibis.literal(False))
    return once.union(_ranked(met.semi_join(often, keys), keys).select(once.columns))


def _ranked(met: Table, keys: list[str]) -> Table:
    of_unit = ibis.window(group_by=keys)
    in_order = ibis.window(group_by=keys, order_by=["occurred_at", "source_id"])
    ranked = met.mutate(
        rank=ibis.row_number().over(in_order),
        two_variants=met.variant.min().over(of_unit) != met.variant.max().over(of_unit),
    )
    return ranked.filter(ranked.rank == 0)


def mismatched(first: Table) -> BooleanColumn:
    """Whether the reported variant is not the one that Truelift gave, where it gave one."""
    return (first.expected_variant != first.variant).fill_null(False)


def unverified(first: Table) -> BooleanColumn:
    """Whether Truelift gave this unit nothing.

    What was reported under an alias is believed: when it arrived, nobody knew the unit.
    """
    return first.expected_variant.isnull() & first["alias"].isnull()


def merged_apart(exposures: Table, population: Population) -> Table | None:
    """Units that several ids became which had met different variants, at whatever stage.

    Returns:
        Rows of ``unit_id``; None where no units became others.
    """
    if "known_as" not in exposures.columns:
        return None
    met = seen(exposures, population, EXPOSURE_TYPES)
    first = firsts(met, "known_as")
    of_unit = first.group_by("unit_id").aggregate(
        least=first.variant.min(), most=first.variant.max()
    )
    return of_unit.filter(of_unit.least != of_unit.most).select("unit_id")


def units(
    exposures: Table, population: Population, window: Window, apart: Table | None = None
) -> Table:
    """Everybody anchored, once.

    Args:
        exposures: The project's.
        population: Who of them, and when.
        window: When events count.
        apart: As :func:`merged_apart` gives.

    Returns:
        A row per unit: ``unit_id`` (or its number, as in the exposures), ``anchor`` (position
        of its first exposure: a short name of the unit), ``variant``, ``anchor_at`` and
        ``closes_at`` (the window: from the one, before the other; microseconds),
        ``two_variants`` and ``standing``:
        analysed, immature, mismatched, unlisted or merged_apart. ``opens_at`` besides,
        where the window does not open at the anchor.
    """
    met = seen(exposures, population, ANCHOR_TYPES[population.anchor])
    if population.anchor == "sent":
        met = met.filter(met.suppressed_reason.isnull())
    first = firsts(met)
    closes_at, opens_at = window.closes_at(first.occurred_at), window.opens_at(first.occurred_at)
    opening = {} if opens_at is None else {"opens_at": opens_at}
    return first.select(
        *keys_of(first), "variant", "two_variants",
        anchor=first.position,
        anchor_at=first.occurred_at,
        closes_at=closes_at,
        standing=_standing(first, closes_at, population, apart),
        **opening,
    )  # fmt: skip


def _standing(
    first: Table, closes_at: IntegerColumn, population: Population, apart: Table | None
) -> StringColumn:
    reasons = [] if apart is None else [(first.unit_id.isin(apart.unit_id), MERGED_APART)]
    reasons.append((~first.variant.isin(population.variants), UNLISTED))
    if population.allocation == "truelift":
        reasons.append((unverified(first) | mismatched(first), MISMATCHED))
    reasons.append((closes_at > microseconds(population.as_of), IMMATURE))
    return ibis.cases(*reasons, else_=ANALYSED)
