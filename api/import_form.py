"""A mapping as a form: what each column is, chosen from a list, and what holds for every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.ledger.fields import EVENT_TYPES
from experiments.ledger.properties import LONGEST_NAME

ALIASES = ("email", "phone")
# Of any number of columns: a property of the same name.
PROPERTY = "property"
KINDS = ("recipients", "events", "messages", "sends", "aliases")
_FACTS = {"events": "event", "messages": "message", "sends": "exposure"}
_HAPPENED = ("delivered", "open", "click", "bounced", "unsubscribe", "complaint")
_EVENT = (
    "type", "occurred_at", "source_id", "value", "currency", "variant", "experiment", "channel",
    "machine",
)  # fmt: skip
ROLES: dict[str, tuple[str, ...]] = {
    "recipients": (
        "unit_id", *ALIASES, "variant", "at",
        *(role for kind in _HAPPENED for role in (kind, f"{kind}@")), "purchase", PROPERTY,
    ),
    "events": ("unit_id", *ALIASES, *_EVENT, PROPERTY),
    "messages": ("unit_id", *ALIASES, *_EVENT, "campaign", "bounce", "url", PROPERTY),
    "sends": (
        "unit_id", *ALIASES, "variant", "occurred_at", "experiment", "channel", "source_id",
        "suppressed_reason", "cost", "currency", PROPERTY,
    ),
    "aliases": ("unit_id", *ALIASES, "valid_from"),
}  # fmt: skip
"""By the kind of a file, what its columns may be; ``open@`` is when something was opened."""
# Of a column that tells what no list of ours names: as the mapping says.
KEPT = "kept"


@dataclass(frozen=True)
class Choices:
    """What was chosen in the form.

    Attributes:
        kind: Of the file; one of ``KINDS``.
        roles: By column; those without one are left alone.
        same: What holds for every row: experiment, variant, at, zone, date_order, channel, type.
        arms: Variant by what stands in its column; empty where keys stand there.
    """

    kind: str
    roles: Mapping[str, str]
    same: Mapping[str, str]
    arms: Mapping[str, str] = field(default_factory=dict)


def likely_arms(words: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """The variant that each word most likely means; words that mean none are left out.

    Args:
        words: That stand in the column.
        names: Of the variants, by key.

    Examples:
        >>> likely_arms(["A", "B안", "?"], {"a": "A안", "b": "B안"})
        {'A': 'a', 'B안': 'b'}
    """
    known: dict[str, str] = {}
    for key, name in names.items():
        known |= {key.casefold(): key, name.casefold(): key, name.casefold().rstrip("안 "): key}
    folded = {word: word.strip().casefold() for word in words}
    return {word: known[text] for word, text in folded.items() if text in known}


def kind_of(document: object) -> str | None:
    """The kind of file that a mapping is for; None where no form can show it."""
    if not isinstance(document, dict):
        return None
    if document.get("form") == "long":
        fact = document.get("fact")
        return next((kind for kind, each in _FACTS.items() if each == fact), None)
    return {"wide": "recipients", "aliases": "aliases"}.get(str(document.get("form")))


def choices_of(document: object) -> Choices | None:
    """What a mapping chooses; None where no form can show it."""
    kind = kind_of(document)
    if kind is None or not isinstance(document, dict):
        return None
    if kind == "recipients":
        return _of_wide(document)
    if kind == "aliases":
        roles = {_column(document.get("unit_id")): "unit_id"}
        roles |= {_column(document.get("value")): str(document.get("kind"))}
        roles |= {_column(document.get("valid_from")): "valid_from"}
        return Choices(kind, _known(roles, kind), _same(document, {}))
    roles = {str(column): field for field, column in _object(document, "columns").items()}
    alias = document.get("alias")
    if alias:
        roles = {
            column: str(alias) if field == "unit_id" else field for column, field in roles.items()
        }
    roles = _of_properties(document) | roles
    same = _same(document, _object(document, "constants"))
    arms = _object(_object(document, "values"), "variant")
    return Choices(kind, _known(roles, kind), same, arms)


def mapping_of(choices: Choices, base: object) -> dict[str, Any]:
    """The mapping that was chosen.

    Args:
        choices: Of the form.
        base: The mapping that the form showed; what no form can show is kept of it.
    """
    was = base if isinstance(base, dict) and kind_of(base) == choices.kind else {}
    kept = {name: was[name] for name in ("preset", "delimiter") if name in was}
    said = {name: text for name, text in choices.same.items() if text}
    reading = {name: said[name] for name in ("zone", "date_order") if name in said}
    if choices.kind == "recipients":
        return kept | reading | _wide(choices, was, said)
    if choices.kind == "aliases":
        return kept | reading | _aliases(choices)
    return kept | reading | _long(choices, was, said)


def _long(choices: Choices, was: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    others = (*ALIASES, PROPERTY)
    fields = {role: column for column, role in choices.roles.items() if role not in others}
    alias = _customer(choices)
    found: dict[str, Any] = {"form": "long", "fact": _FACTS[choices.kind], "columns": fields}
    if alias is not None and "unit_id" not in fields:
        fields["unit_id"], found["alias"] = alias
    names = ("experiment", "variant", "channel", "type")
    constants = {name: said[name] for name in names if name in said and name not in fields}
    if "at" in said and "occurred_at" not in fields:
        constants["occurred_at"] = said["at"]
    if choices.kind == "sends":
        constants.setdefault("type", "sent")
    words = {name: each for name, each in _object(was, "values").items() if name in fields}
    if choices.arms and "variant" in fields:
        words["variant"] = choices.arms
    found |= {"values": words} if words else {}
    found |= {"tags": was["tags"]} if was.get("tags") else {}
    found |= _properties(choices, was)
    return found | ({"constants": constants} if constants else {})


def _wide(choices: Choices, was: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    at = {role: column for column, role in choices.roles.items()}
    alias = _customer(choices)
    found: dict[str, Any] = {"form": "wide", "unit_id": {"row_number": True}}
    if "unit_id" in at:
        found["unit_id"] = {"column": at["unit_id"]}
    elif alias is not None:
        found["unit_id"] = {"column": alias[0], "alias": alias[1]}
    found |= {name: said[name] for name in ("experiment", "channel") if name in said}
    if "variant" in at:
        values = choices.arms or _object(was, "variant").get("values")
        found["variant"] = {"column": at["variant"]} | ({"values": values} if values else {})
    elif "variant" in said:
        found["variant"] = {"constant": said["variant"]}
    if "at" in at or "at" in said:
        found["at"] = {"column": at["at"]} if "at" in at else said["at"]
    found["exposure"] = was.get("exposure", "sent")
    found |= _properties(choices, was)
    return found | {"events": _events(choices, was)}


def _properties(choices: Choices, was: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as they were, unless their column is something else now; and those chosen."""
    shown = choices_of(was)
    before = {} if shown is None else shown.roles
    kept = {}
    for name, said in _object(was, "properties").items():
        role = choices.roles.get(_column_of(said))
        if role is not None and role in {PROPERTY, before.get(_column_of(said))}:
            kept[name] = said
    known = {_column_of(said) for said in kept.values()}
    chosen = (column for column, role in choices.roles.items() if role == PROPERTY)
    new = {column.strip()[:LONGEST_NAME]: column for column in chosen if column not in known}
    return {"properties": kept | new} if kept or new else {}


def _of_properties(document: Mapping[str, Any]) -> dict[str, str]:
    return {_column_of(said): PROPERTY for said in _object(document, "properties").values()}


def _column_of(said: object) -> str:
    return said if isinstance(said, str) else _column(said)


def _events(choices: Choices, was: Mapping[str, Any]) -> list[dict[str, Any]]:
    before = {each.get("column"): each for each in was.get("events", []) if isinstance(each, dict)}
    at = {role: column for column, role in choices.roles.items()}
    events = []
    for column, role in choices.roles.items():
        name = role.removesuffix("@")
        if name not in (*_HAPPENED, "purchase", KEPT):
            continue
        if column in before and _role(before[column]) == role:
            events.append(before[column])
        elif role == "purchase":
            events.append({"column": column, "type": role, "reads": "amount"})
        elif not role.endswith("@"):
            time = {"at": {"column": at[f"{name}@"]}} if f"{name}@" in at else {}
            events.append({"column": column, "type": name, "reads": "count"} | time)
        elif name not in at:
            events.append({"column": column, "type": name, "reads": "time"})
    return events


def _aliases(choices: Choices) -> dict[str, Any]:
    at = {role: column for column, role in choices.roles.items()}
    found: dict[str, Any] = {"form": "aliases"}
    alias = _customer(choices)
    if alias is not None:
        found |= {"kind": alias[1], "value": {"column": alias[0]}}
    for name in ("unit_id", "valid_from"):
        if name in at:
            found[name] = {"column": at[name]}
    return found


def _customer(choices: Choices) -> tuple[str, str] | None:
    """Column and kind of the first alias that was chosen."""
    return next(((column, role) for column, role in choices.roles.items() if role in ALIASES), None)


def _of_wide(document: Mapping[str, Any]) -> Choices:
    customer = _object(document, "unit_id")
    roles = {_column(customer): customer.get("alias") or "unit_id"}
    roles |= {_column(document.get("variant")): "variant", _column(document.get("at")): "at"}
    roles = _of_properties(document) | roles
    for event in document.get("events") or []:
        if isinstance(event, dict):
            roles[str(event.get("column"))] = _role(event)
            roles[_column(event.get("at"))] = f"{event.get('type')}@"
    said = {"variant": _object(document, "variant").get("constant"), "at": document.get("at")}
    same = _same(document, {name: text for name, text in said.items() if isinstance(text, str)})
    arms = _object(_object(document, "variant"), "values")
    return Choices("recipients", _known(roles, "recipients", KEPT), same, arms)


def _role(event: Mapping[str, Any]) -> str:
    role = f"{event.get('type')}@" if event.get("reads") == "time" else str(event.get("type"))
    return role if role in ROLES["recipients"] and event.get("reads") != "word" else KEPT


def _same(document: Mapping[str, Any], constants: Mapping[str, Any]) -> dict[str, str]:
    names = ("experiment", "zone", "date_order", "channel")
    found = {name: document.get(name) for name in names}
    found |= {"at": constants.get("occurred_at", constants.get("at"))}
    found |= {name: constants[name] for name in ("variant", "type") if name in constants}
    found |= {name: constants[name] for name in ("experiment", "channel") if name in constants}
    return {name: text for name, text in found.items() if isinstance(text, str)}


def _known(roles: Mapping[str, str], kind: str, *more: str) -> dict[str, str]:
    known = (*ROLES[kind], *more)
    return {column: role for column, role in roles.items() if column and role in known}


def _object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _column(value: object) -> str:
    return str(value.get("column") or "") if isinstance(value, dict) else ""


def types_of_events() -> Sequence[str]:
    """What every row of a file may tell, where no column says it."""
    return EVENT_TYPES
