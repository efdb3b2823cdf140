"""A configuration as bytes, and back.

The first line names the form and the SHA-256 of the rest, so that a torn file is known for one.
The second says of which database it is, how the values were laid out, and holds them. Behind it
stand the members of the lists: many experiments share one, which may have megabytes.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from experiments.assignment.evaluation import AssignableExperiment
from experiments.assignment.loading import Snapshot
from experiments.assignment.members import UnitList

_FORM = b"truelift-configuration 1 sha256 "


class SnapshotRefused(Exception):
    """The bytes are not a configuration that may be answered from."""


@dataclass(frozen=True)
class Kept:
    """A configuration as it was kept.

    Attributes:
        snapshot: The configuration.
        ledger_identity: Of the database that it was read from.
    """

    snapshot: Snapshot
    ledger_identity: str


def encode(kept: Kept, address: str) -> bytes:
    """The bytes of a configuration that was read from the database at ``address``."""
    lists = kept.snapshot.unit_lists()
    bare = _with_lists(kept.snapshot, lambda each: replace(each, digests=b""))
    values = {field.name: getattr(bare, field.name) for field in dataclasses.fields(bare)}
    head = _Head(
        layout=LAYOUT,
        address=address,
        ledger_identity=kept.ledger_identity,
        lists=[(each.id, len(each.digests)) for each in lists.values()],
        snapshot=msgspec.Raw(msgspec.json.encode(_as_pairs(values))),
    )
    body = b"\n".join(
        (msgspec.json.encode(head), b"".join(each.digests for each in lists.values()))
    )
    return _FORM + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def decode(content: bytes, address: str) -> Kept:
    """What :func:`encode` was given.

    Raises:
        SnapshotRefused: If they are torn, of another form or layout, or of another database.
    """
    first, _, body = content.partition(b"\n")
    if first != _FORM + hashlib.sha256(body).hexdigest().encode():
        message = "it is not whole"
        raise SnapshotRefused(message)
    text, _, members = body.partition(b"\n")
    try:
        head = msgspec.json.decode(text, type=_Head)
        _check(head, address)
        values = msgspec.structs.asdict(msgspec.json.decode(head.snapshot, type=_Values))
    except msgspec.DecodeError as error:
        raise SnapshotRefused(str(error)) from error
    lists, place = {}, 0
    for list_id, length in head.lists:
        lists[list_id] = members[place : place + length]
        place += length
    fields: dict[str, Any] = {n: dict(v) if n in _MAPPINGS else v for n, v in values.items()}
    bare = Snapshot(**fields)
    whole = {each.id: replace(each, digests=lists[each.id]) for each in bare.unit_lists().values()}
    return Kept(_with_lists(bare, lambda each: whole[each.id]), head.ledger_identity)


def _check(head: "_Head", address: str) -> None:
    if head.layout != LAYOUT:
        message = "it was written by another version of the service"
        raise SnapshotRefused(message)
    if head.address != address:
        message = f"it is of another database, {head.address}"
        raise SnapshotRefused(message)


def _with_lists(snapshot: Snapshot, change: Callable[[UnitList], UnitList]) -> Snapshot:
    """The snapshot with every list of units changed."""
    experiments = {
        place: replace(each, **_changed_lists(each, change)) if each.has_lists else each
        for place, each in snapshot.experiments.items()
    }
    return replace(snapshot, experiments=experiments)


def _changed_lists(
    experiment: AssignableExperiment, change: Callable[[UnitList], UnitList]
) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(experiment):
        match getattr(experiment, field.name):
            case UnitList() as one:
                changed[field.name] = change(one)
            case (UnitList(), *_) as several:
                changed[field.name] = tuple(map(change, several))
    return changed


def _as_pairs(values: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings as pairs, since JSON knows only text as keys."""
    return {
        name: list(value.items()) if name in _MAPPINGS else value for name, value in values.items()
    }


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    layout: str
    address: str
    ledger_identity: str
    lists: list[tuple[int, int]]
    snapshot: msgspec.Raw


_HINTS = get_type_hints(Snapshot)
_MAPPINGS = {name for name, hint in _HINTS.items() if get_origin(hint) is Mapping}
_Values = msgspec.defstruct(
    "_Values",
    [
        (name, list[tuple[get_args(hint)]] if name in _MAPPINGS else hint)  # type: ignore[misc] # made here
        for name, hint in _HINTS.items()
    ],
    forbid_unknown_fields=True,
)


def _described(kind: Any, known: set[Any]) -> Iterator[str]:
    """Every field of every dataclass that a snapshot is made of, with its type and default."""
    for inner in get_args(kind):
        yield from _described(inner, known)
    if not dataclasses.is_dataclass(kind) or kind in known:
        return
    known.add(kind)
    hints = get_type_hints(kind)
    for field in dataclasses.fields(kind):
        default = "" if field.default is dataclasses.MISSING else repr(field.default)
        yield f"{getattr(kind, '__name__', kind)}.{field.name}: {hints[field.name]} = {default}"
        yield from _described(hints[field.name], known)


LAYOUT = hashlib.sha256("\n".join(_described(Snapshot, set())).encode()).hexdigest()[:16]
