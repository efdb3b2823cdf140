"""Whom an item is about: the unit where the source says it, else an alias.

The unit is at the path that the settings name, else where the source has the customer's own
id. Where nothing stands, it is the alias that the settings name, else the source's own: the
address that a message went to, the number of a device.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypedDict
from urllib.parse import quote

from experiments.ledger.fields import Missing
from experiments.ledger.identity.alias import EMAIL, Alias
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import text_at

Customer = str | Alias
"""The id of a unit, or an alias."""

_HIDDEN = "…"
_DEEPEST = 8
_TELLING = 6


class Named(TypedDict):
    """The two fields of a fact that name its customer."""

    unit_id: str | None
    alias: Alias | None


def named(customer: Customer) -> Named:
    """The customer as fields of a fact."""
    if isinstance(customer, Alias):
        return {"unit_id": None, "alias": customer}
    return {"unit_id": customer, "alias": None}


def customer_at(
    item: object,
    settings: SourceSettings,
    *units: str,
    aliases: Iterable[tuple[str, str]] = (),
    arguments: Iterable[object] = (),
) -> Customer:
    """The customer of an item.

    Args:
        item: Of the source.
        settings: May name the path of the unit, or of an alias.
        units: Paths at which the source has the customer's own id.
        aliases: Kinds and paths of what else it may know the customer by.
        arguments: Further objects, those of custom arguments, in which the unit may stand.

    Raises:
        Missing: If nobody is named.
        UnfitAlias: If what is named can be no alias.
    """
    aliases = list(aliases)
    if settings.unit is not None:
        return chosen_unit(item, settings.unit, dict(aliases).get(EMAIL), arguments)
    found = _first(item, units, arguments)
    if found is not None:
        return found
    if settings.alias is not None:
        aliases = [settings.alias]
    for kind, path in aliases:
        value = text_at(item, path)
        if value is not None:
            return Alias(kind, value)
    addresses = [path for kind, path in aliases if kind == EMAIL]
    raise Missing(field=[*addresses, *units, *(path for _, path in aliases)][0])


def chosen_unit(
    item: object, path: str, address: str | None, arguments: Iterable[object] = ()
) -> str:
    """The unit at the path that the settings name.

    An address is put in small letters, since no provider tells two customers apart by case;
    ``email`` means it wherever the source has it.

    Raises:
        Missing: If nothing stands there.
    """
    found = _first(item, (path,), arguments)
    if found is not None:
        return found.strip().lower() if path == address else found
    found = text_at(item, address) if address and path == EMAIL else None
    if found is None:
        raise Missing(field=path[:200])
    return found.strip().lower()


def telling(customer: Customer) -> tuple[str | None, Customer]:
    """The customer where an id holds for the customer only.

    Returns:
        What the id is to be made of, and whom the fact names: the hash of an alias becomes
        part of the id only once it is there.
    """
    if isinstance(customer, Alias):
        return None, replace(customer, tells_facts=True)
    return customer, customer


def without_value(properties: Mapping[str, Any], alias: Alias) -> dict[str, Any]:
    """The properties without the value of the alias, wherever a text repeats it."""
    value = alias.value.strip()
    hidden = {value.casefold(), quote(value).casefold(), quote(value, safe="").casefold()}
    return {name: _without(each, hidden, _DEEPEST) for name, each in properties.items()}


def _repeats(text: str, hidden: set[str]) -> bool:
    """Whether a text is, or holds, one of the others; a short one is part of too many."""
    return text in hidden or any(len(each) >= _TELLING and each in text for each in hidden)


def _without(value: Any, hidden: set[str], depth: int) -> Any:
    if isinstance(value, str):
        return _HIDDEN if _repeats(value.casefold(), hidden) else value
    if depth and isinstance(value, Mapping):
        return {name: _without(each, hidden, depth - 1) for name, each in value.items()}
    if depth and isinstance(value, list):
        return [_without(each, hidden, depth - 1) for each in value]
    return value


def _first(item: object, paths: Iterable[str], arguments: Iterable[object]) -> str | None:
    objects = (item, *arguments)
    return next(
        (found for path in paths for each in objects if (found := text_at(each, path))), None
    )
