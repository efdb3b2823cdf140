"""Alias facts: who a customer is, from when on.

A fact of the kind ``unit`` is a merge: its value is the id of a unit that became another one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from experiments.errors import Invalid
from experiments.ledger.fields import Missing, UnknownField, brief, check_source_id
from experiments.ledger.identity.alias import MERGED, Alias, UnfitAlias, check_alias
from experiments.ledger.instants import check_instant, read_instant
from experiments.units import check_unit_id

# From when on an alias holds whose fact does not say it.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_FIELDS = ("kind", "value", "unit_id", "valid_from", "source_id")
_NEEDED = ("kind", "value", "unit_id")


@dataclass(frozen=True, slots=True)
class AliasFact:
    """This alias is this unit, from this time on.

    Attributes:
        alias: Of the customer; of the kind ``unit``, the unit that was merged.
        unit_id: The customer.
        valid_from: Aware.
        source_id: The reporting system's own id of this fact; None: one that tells alias,
            unit and time, so that the same fact counts once.
    """

    alias: Alias
    unit_id: str
    valid_from: datetime = BEGINNING
    source_id: str | None = None

    # What every fact has, and this one does not.
    experiment: ClassVar[None] = None

    def __post_init__(self) -> None:
        check_unit_id(self.unit_id)
        check_instant(self.valid_from, "valid_from")
        if self.source_id is not None:
            check_source_id(self.source_id)
        if self.alias.kind == MERGED and self.alias.value == self.unit_id:
            raise UnfitAlias(field="value", expected="another unit than unit_id")


def read_alias_fact(item: object) -> AliasFact:
    """Read an alias fact from a JSON value; ``null`` is the same as an absent field.

    Raises:
        Invalid: Naming the field, if a field is unknown, missing or not as it should be.

    Examples:
        >>> fact = read_alias_fact({"kind": "email", "value": "a@b.kr", "unit_id": "7"})
        >>> fact.alias.kind, fact.unit_id, fact.valid_from.year
        ('email', '7', 1970)
    """
    if not isinstance(item, dict):
        raise Invalid(expected="an object", got=brief(item))
    for name in item:
        if name not in _FIELDS:
            raise UnknownField(field=str(name)[:60], known=", ".join(_FIELDS))
    given: dict[str, Any] = {name: value for name, value in item.items() if value is not None}
    for name in _NEEDED:
        if name not in given:
            raise Missing(field=name)
    if "valid_from" in given:
        given["valid_from"] = read_instant(given["valid_from"], "valid_from")
    kind, value = given.pop("kind"), given.pop("value")
    check_alias(kind, value)
    return AliasFact(Alias(kind, value), **given)


def alias_fact(
    kind: str,
    value: str,
    unit_id: str,
    valid_from: datetime | None = None,
    source_id: str | None = None,
) -> AliasFact:
    """An alias fact of a row of a file.

    Args:
        kind: Of the alias; ``unit`` for a merge.
        value: As the row says it.
        unit_id: The customer.
        valid_from: None: from the beginning.
        source_id: None where the row has none of its own.

    Raises:
        Invalid: Naming the field, and not the value of the alias.
    """
    check_alias(kind, value)
    return AliasFact(Alias(kind, value), unit_id, valid_from or BEGINNING, source_id)
