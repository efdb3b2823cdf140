"""Settings of one address of a source: who the customer is, and what its names mean here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.fields import (
    Missing,
    UnknownField,
    brief,
    check_event_type,
    check_key,
)
from experiments.ledger.identity.alias import MERGED, UnfitAlias, check_kind
from experiments.ledger.machine import RULES, MachineRules, read_rules

LONGEST_PATH = 200
MOST_ENTRIES = 1000
_FIELDS = ("unit", "alias", "experiment", "variant", "events", "tags", "machine", "mapping")
_MAPPED = (
    "items", "id", "unit", "time", "time_form", "type", "value", "currency", "machine",
    "experiment", "variant",
)  # fmt: skip
_NEEDED = ("id", "unit", "time", "type")
TIME_FORMS = ("iso", "seconds", "milliseconds", "microseconds")


@dataclass(frozen=True)
class Tag:
    """The test, and the variant, that a message belongs to."""

    experiment: str
    variant: str | None = None


@dataclass(frozen=True)
class SourceSettings:
    """How the items of one address are read.

    Attributes:
        unit: Path of the customer's id; None: the source's own.
        experiment: Name of the custom argument with the experiment's key.
        variant: Name of the one with the variant's.
        events: Our names by the source's; None for one that is not kept.
        tags: By the id of a campaign or of a message variation.
        machine: What marks an event as a program's.
        mapping: Paths, for JSON of any form.
        alias: Kind and path of what a customer is known by where no unit is named; None: the
            source's own.
    """

    unit: str | None = None
    experiment: str = "experiment"
    variant: str = "variant"
    events: Mapping[str, str | None] = field(default_factory=dict)
    tags: Mapping[str, Tag] = field(default_factory=dict)
    machine: MachineRules = RULES
    mapping: Mapping[str, str] = field(default_factory=dict)
    alias: tuple[str, str] | None = None


def read_settings(document: Mapping[str, Any]) -> SourceSettings:
    """Read settings from a JSON object; what is not there is as usual.

    Raises:
        Invalid: Naming the field.

    Examples:
        >>> read_settings({"tags": {"c-1": {"experiment": "spring", "variant": "b"}}}).tags
        {'c-1': Tag(experiment='spring', variant='b')}
    """
    _only(document, _FIELDS, "")
    given = {name: value for name, value in document.items() if value is not None}
    return SourceSettings(
        unit=_path(given["unit"], "unit") if "unit" in given else None,
        experiment=_path(given.get("experiment", "experiment"), "experiment"),
        variant=_path(given.get("variant", "variant"), "variant"),
        events=_events(_object(given, "events")),
        tags={
            _path(id_, "tags"): _tag(tag, f"tags.{id_[:60]}")
            for id_, tag in _object(given, "tags").items()
        },
        machine=read_rules(given["machine"]) if "machine" in given else RULES,
        mapping=_mapping(_object(given, "mapping"), needs_unit="alias" not in given),
        alias=_alias(given["alias"]) if "alias" in given else None,
    )


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name, {})
    if not isinstance(found, Mapping) or len(found) > MOST_ENTRIES:
        raise Invalid(
            field=name, expected=f"an object of at most {MOST_ENTRIES} names", got=brief(found)
        )
    return found


def _only(document: Mapping[str, Any], known: tuple[str, ...], prefix: str) -> None:
    for name in document:
        if name not in known:
            raise UnknownField(field=f"{prefix}{name[:60]}", known=", ".join(known))


def _path(value: object, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_PATH or not value.isprintable():
        raise Invalid(
            field=field, expected=f"a name of 1 to {LONGEST_PATH} characters", got=brief(value)
        )
    return value


def _events(named: Mapping[str, Any]) -> dict[str, str | None]:
    return {
        _path(name, "events"): None
        if ours is None
        else check_event_type(ours, f"events.{name[:60]}")
        for name, ours in named.items()
    }


def _tag(tag: object, field: str) -> Tag:
    if not isinstance(tag, Mapping):
        raise Invalid(field=field, expected="an object", got=brief(tag))
    _only(tag, ("experiment", "variant"), f"{field}.")
    variant = tag.get("variant")
    return Tag(
        check_key(tag.get("experiment"), f"{field}.experiment"),
        None if variant is None else check_key(variant, f"{field}.variant"),
    )


def _alias(said: object) -> tuple[str, str]:
    if not isinstance(said, Mapping):
        raise Invalid(field="alias", expected="an object", got=brief(said))
    _only(said, ("kind", "path"), "alias.")
    kind = check_kind(said.get("kind"), "alias.kind")
    if kind == MERGED:
        raise UnfitAlias(field="alias.kind", expected="another kind: a unit is named by unit")
    return kind, _path(said.get("path"), "alias.path")


def _mapping(paths: Mapping[str, Any], *, needs_unit: bool) -> dict[str, str]:
    if not paths:
        return {}
    _only(paths, _MAPPED, "mapping.")
    read = {name: _path(path, f"mapping.{name}") for name, path in paths.items()}
    for name in _NEEDED:
        if name not in read and (needs_unit or name != "unit"):
            raise Missing(field=f"mapping.{name}")
    if read.get("time_form", "iso") not in TIME_FORMS:
        raise Invalid(
            field="mapping.time_form",
            expected="one of " + ", ".join(TIME_FORMS),
            got=brief(read["time_form"]),
        )
    return read
