"""Properties: what else a source says of a fact, as JSON within bounds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from experiments.errors import Invalid
from experiments.units import is_storable

MOST_BYTES = 16_384
DEEPEST = 8
LONGEST_NAME = 128

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")
_TEXT = "text without NUL and without half surrogate pairs"


class UnfitProperty(Invalid):
    """A property that cannot be kept."""

    template = "a property must be {expected}"


def check_properties(properties: object) -> None:
    """Refuse properties that are no JSON object, or not one that can be kept.

    Raises:
        UnfitProperty: Naming the property.
    """
    _check(properties, "properties", DEEPEST)
    if not isinstance(properties, Mapping):
        raise UnfitProperty(field="properties", expected="in an object, by name")
    if len(_ENCODER.encode(properties)) > MOST_BYTES:
        raise UnfitProperty(field="properties", expected=f"short: {MOST_BYTES} bytes for all")


def written(properties: Mapping[str, Any]) -> str | None:
    """The properties as JSON text, names in order; None if there are none.

    Examples:
        >>> written({"b": 1, "a": Decimal("0.10")})
        '{"a":0.10,"b":1}'
    """
    return _ENCODER.encode(properties).decode() if properties else None


def _check(value: object, path: str, depth: int) -> None:
    fault = _fault(value) if depth >= 0 else f"at most {DEEPEST} levels deep"
    if fault is not None:
        raise UnfitProperty(field=path, expected=fault)
    if isinstance(value, Mapping):
        for name, member in value.items():
            if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
                raise UnfitProperty(
                    field=path, expected=f"named with 1 to {LONGEST_NAME} characters"
                )
            _check(name, path, depth)
            _check(member, f"{path}.{name}", depth - 1)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _check(member, f"{path}.{index}", depth - 1)


def _fault(value: object) -> str | None:
    match value:
        case None | bool() | Mapping() | list():
            return None
        case str():
            return None if is_storable(value) else _TEXT
        case int():
            return None if -(2**63) <= value < 2**63 else "a number within 64 bits"
        case Decimal():
            is_plain = value.is_finite() and abs(value.adjusted()) < 300
            return None if is_plain else "a finite number"
        case _:
            return "a JSON value"
