"""How events come in, carried on: what :mod:`experiments.measurement.arrivals` counts anew.

Events are counted by type, and those with long delays are kept with their delay
(:mod:`experiments.measurement.stored.tallies`). Which are long, the last events tell. Where the
usual delay is not among the long ones, its type is looked at once more, as a whole.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import msgspec

from experiments.measurement.session import Session
from experiments.measurement.stored.layers import text
from experiments.measurement.stored.partitions import run
from experiments.measurement.stored.shelf import File, Shelf
from experiments.measurement.stored.tallies import Longest, Tally, added
from experiments.measurement.stored.whole import Arrived

# The last so many facts, and above which quantile a delay is long; a lower one of few events.
_SAMPLE, _LONG = 100_000, 0.98
_FEW_SEEN, _LONG_OF_FEW = 1_000, 0.9
# All delays of so few are long. And so many are looked at in any case, of more this share.
_FEW, _MANY = 10_000, 0.05


@dataclass(frozen=True)
class Counted:
    """What is told of events, and the file to count on from."""

    arrived: Arrived
    file: File | None


@dataclass(frozen=True)
class _Floors:
    """Above which delay an event's is long, by its type.

    Attributes:
        by_type: Those of which there are most come first. Of others no delays are looked at.
        counted: Whether it matters how many delays are the floor itself.
    """

    by_type: Mapping[str, int]
    counted: bool = True

    def sql(self, compared: str) -> str:
        """Whether ``delay`` compares so with its floor; most are below all of them."""
        if not self.by_type:
            return "false"
        cases = " ".join(f"WHEN {text(each)} THEN {at}" for each, at in self.by_type.items())
        least = min(self.by_type.values())
        asked = f"delay {compared} CASE type {cases} END"
        return f"CASE WHEN delay >= {least} THEN {asked} ELSE false END"


def counted(session: Session, shelf: Shelf, held: File | None, since: int, number: int) -> Counted:
    """Count the events that arrived, by type.

    Args:
        session: On the facts.
        shelf: Where the files are.
        held: What was counted before; None: nothing was.
        since: Up to which position.
        number: Of the file to be written.

    Returns:
        As :func:`experiments.measurement.arrivals.arrivals_by_type` gives.
    """
    if held is None:
        found, new = _live(session, _recent(session)), ""
    else:
        known, new = _read(shelf, held), f" AND position > {since}"
        found = added(known, _live(session, _floors_of(known), new))
    found = _completed(session, added(found, _imported(session, new)))
    file = _written(shelf, f"delays-{number}.json", found)
    return Counted(_arrived(session, found), file)


def _arrived(session: Session, found: Mapping[str, Tally]) -> Arrived:
    """As they are told, with the delay that the engine finds between two."""
    usual = {type_: each.usual for type_, each in found.items()}
    asked = {
        type_: f"list_aggregate([{at.low}, {at.high}]::BIGINT[], 'quantile_cont', {at.share:.17e})"
        for type_, at in usual.items()
        if at is not None
    }
    told = run(session, f"SELECT {', '.join(asked.values())}") if asked else [()]
    delays = dict(zip(asked, told[0], strict=True))
    return {
        type_: {
            "type": type_,
            "received": each.imported + each.live,
            "last": each.last,
            "delay": delays.get(type_),
            "imported": each.imported_at,
        }
        for type_, each in found.items()
    }


def _live(session: Session, floors: _Floors, where: str = "") -> dict[str, Tally]:
    """Of events that came with no import."""
    events = (
        "SELECT type, received_at, received_at - occurred_at AS delay FROM events "  # noqa: S608 - our own conditions, types quoted
        f"WHERE import_id IS NULL{where}"
    )
    equal = f"count(*) FILTER ({floors.sql('=')})" if floors.counted else "0"
    by_type = (
        f"SELECT type, count(*) AS live, max(received_at) AS last, {equal} AS equal, "  # noqa: S608 - our own names, types quoted
        f"list(delay) FILTER ({floors.sql('>')}) AS long FROM ({events}) GROUP BY type"
    )
    many = f"coalesce(len(long), 0) > {_FEW} + {_MANY} * live"
    rows = run(
        session,
        f"SELECT type, live, last, equal, {many} AS many, "  # noqa: S608 - our own names
        f"CASE WHEN NOT many THEN list_sort(long) END FROM ({by_type})",
    )
    found = {}
    for type_, live, last, equal_, many, long in rows:
        floor = None if many else floors.by_type.get(type_)
        longest = None if floor is None else Longest(floor, equal_, long or [])
        found[type_] = Tally(live=live, last=last, longest=longest)
    return found


def _imported(session: Session, where: str) -> dict[str, Tally]:
    """Of events that came with imports."""
    withdrawn = ", ".join(map(str, session.uncertainty.withdrawn))
    stands = f"import_id NOT IN ({withdrawn})" if withdrawn else "true"
    rows = run(
        session,
        f"SELECT type, count(*), max(occurred_at) FILTER ({stands}) FROM events "  # noqa: S608 - our own numbers
        f"WHERE import_id IS NOT NULL{where} GROUP BY type",
    )
    return {type_: Tally(imported=count, imported_at=at) for type_, count, at in rows}


def _recent(session: Session) -> _Floors:
    """From the last events; of coarse clocks many delays are equal."""
    rows = run(
        session,
        "SELECT type, count(*) AS n, quantile_disc(received_at - occurred_at, "  # noqa: S608 - our own numbers
        f"[{_LONG_OF_FEW}, {_LONG}, 0.99]) FROM events WHERE import_id IS NULL "
        f"AND position > {session.state.position - _SAMPLE} GROUP BY type ORDER BY n DESC, type",
    )
    by_type, is_coarse = {}, False
    for type_, count, (of_few, of_many, usual) in rows:
        by_type[type_] = max(0, of_few if count < _FEW_SEEN else of_many)
        is_coarse |= 0 < usual == by_type[type_]
    return _Floors(by_type, counted=is_coarse)


def _floors_of(known: Mapping[str, Tally]) -> _Floors:
    most_first = sorted(known, key=lambda type_: -known[type_].live)
    return _Floors(
        {each: longest.floor for each in most_first if (longest := known[each].longest) is not None}
    )


def _completed(session: Session, found: Mapping[str, Tally]) -> dict[str, Tally]:
    """With the long delays of types whose usual delay could not be told."""
    missing = {type_: each for type_, each in found.items() if not each.is_whole}
    if not missing:
        return dict(found)
    floors = dict.fromkeys(missing, 0)
    many = [type_ for type_, each in missing.items() if each.live > _FEW]
    if many:
        rows = run(
            session,
            f"SELECT type, quantile_disc(received_at - occurred_at, {_LONG}) FROM events "  # noqa: S608 - our own numbers, types quoted
            f"WHERE import_id IS NULL{_of_types(many)} GROUP BY type",
        )
        floors |= {type_: max(0, at) for type_, at in rows}
    known = _live(session, _Floors(floors), _of_types(missing))
    return {
        **found,
        **{type_: replace(missing[type_], longest=known[type_].longest) for type_ in missing},
    }


def _of_types(types: Collection[str]) -> str:
    return f" AND type IN ({', '.join(map(text, types))})"


def _read(shelf: Shelf, file: File) -> dict[str, Tally]:
    return msgspec.json.decode((shelf.folder / file.name).read_bytes(), type=dict[str, Tally])


def _written(shelf: Shelf, name: str, found: Mapping[str, Tally]) -> File:
    kept = {type_: each.worth_keeping for type_, each in found.items()}
    (shelf.folder / name).write_bytes(msgspec.json.encode(kept))
    rows = sum(len(each.longest.above) for each in kept.values() if each.longest is not None)
    return shelf.added(name, "delays", rows)
