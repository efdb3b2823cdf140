"""Who may enter a test: by rule, by list, by slot, and by what they were sent lately."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.assignment.conditions import check_condition
from experiments.assignment.hashing import BUCKETS
from experiments.errors import Invalid
from experiments.kpis.checks import check_text
from experiments.names import check_key

UNIT_ATTRIBUTE = "id"
LONGEST_ATTRIBUTE = 64
MOST_REFERENCES = 20
LONGEST_CAP_DAYS = 365
MOST_SENDS = 1_000


@dataclass(frozen=True)
class Audience:
    """Whom the test is meant for; a unit must pass everything that is said.

    Attributes:
        conditions: Rule over attributes in GrowthBook's condition language; None for all.
        segments: Keys of saved segments.
        exclude_lists: Keys of lists whose members are left out.
        require_lists: Keys of lists that a unit must be on.
    """

    conditions: Mapping[str, Any] | None = None
    segments: tuple[str, ...] = ()
    exclude_lists: tuple[str, ...] = ()
    require_lists: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.conditions is not None:
            check_rule(self.conditions, "audience.conditions")
        _check_keys(self.segments, "audience.segments")
        _check_keys(self.exclude_lists, "audience.exclude_lists")
        _check_keys(self.require_lists, "audience.require_lists")


@dataclass(frozen=True)
class LayerSlots:
    """Slots of a layer, of 10,000: units in them meet this test and none beside it.

    Attributes:
        key: Of the layer.
        start: First slot.
        end: Slot after the last.
    """

    key: str
    start: int
    end: int

    def __post_init__(self) -> None:
        check_key(self.key, "layer.key")
        if not 0 <= self.start < self.end <= BUCKETS:
            raise Invalid(
                field="layer",
                expected=f"0 <= start < end <= {BUCKETS}",
                got=[self.start, self.end],
            )

    def overlaps(self, other: "LayerSlots") -> bool:
        """Whether both are of one layer and share a slot."""
        return self.key == other.key and self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class ContactCap:
    """Who was sent ``sends`` messages of tests within ``days`` days is left out."""

    sends: int
    days: int

    def __post_init__(self) -> None:
        if not 1 <= self.sends <= MOST_SENDS:
            raise Invalid(field="contact_cap.sends", expected=f"1 to {MOST_SENDS}", got=self.sends)
        _check_days(self.days, "contact_cap.days")


@dataclass(frozen=True)
class CoolDown:
    """Who met another test within ``days`` days is left out."""

    days: int

    def __post_init__(self) -> None:
        _check_days(self.days, "cool_down.days")


def check_hash_attribute(name: str) -> None:
    """Refuse a name that no attribute can have.

    Raises:
        Invalid: Naming ``hash_attribute``.

    Examples:
        >>> check_hash_attribute("household")
    """
    check_text(name, "hash_attribute", shortest=1, longest=LONGEST_ATTRIBUTE)
    if name != name.strip():
        raise Invalid(field="hash_attribute", expected="no space at either end", got=name)


def check_rule(condition: Mapping[str, Any], field: str) -> None:
    """Refuse a condition that clients would read differently, or that is too long.

    Raises:
        Invalid: Naming ``field`` or a path below it.
    """
    check_condition(condition, field)
    if operator := _group_operator(condition):
        raise Invalid(field=field, expected="a list of units or a saved segment", got=operator)


def _group_operator(part: object) -> str | None:
    """An operator that looks a group up by its id: we keep lists and segments instead."""
    inner: Iterable[object] = ()
    if isinstance(part, Mapping):
        if found := {"$inGroup", "$notInGroup"} & part.keys():
            return str(min(found))
        inner = part.values()
    elif isinstance(part, list | tuple):
        inner = part
    return next(filter(None, map(_group_operator, inner)), None)


def _check_keys(keys: tuple[str, ...], field: str) -> None:
    for index, key in enumerate(keys):
        check_key(key, f"{field}.{index}")
    if len(keys) > MOST_REFERENCES or len(set(keys)) < len(keys):
        raise Invalid(
            field=field, expected=f"at most {MOST_REFERENCES} keys, each once", got=list(keys)
        )


def _check_days(days: int, field: str) -> None:
    if not 1 <= days <= LONGEST_CAP_DAYS:
        raise Invalid(field=field, expected=f"1 to {LONGEST_CAP_DAYS} days", got=days)
