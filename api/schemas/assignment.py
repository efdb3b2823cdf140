"""Questions and answers of assignment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from marshmallow import RAISE, Schema, fields, post_load
from marshmallow.validate import Length, OneOf

from api.i18n import LANGUAGES
from experiments.errors import Invalid
from experiments.units import check_unit_id

MOST_UNITS = 10_000
_LONGEST_KEY = 64
_SHOWN = 60
_UNIT: dict[str, Any] = {
    "type": "object",
    "required": ["unit_id"],
    "properties": {"unit_id": {"type": "string"}, "attributes": {"type": "object"}},
}


@dataclass(frozen=True)
class Question:
    """Which variant does this unit get?"""

    experiment: str
    unit_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchQuestion:
    """Which variant does each of these get? The units are read one by one: see ``read_units``."""

    experiment: str
    units: list[Any]


class _Strict(Schema):
    class Meta:
        unknown = RAISE

    experiment = fields.String(required=True, validate=Length(min=1, max=_LONGEST_KEY))


class QuestionSchema(_Strict):
    """A question as a JSON body."""

    unit_id = fields.String(required=True)
    attributes = fields.Dict(keys=fields.String())

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Question:
        """The question, its unit id checked."""
        check_unit_id(values["unit_id"])
        return Question(**values)


class QuestionInQuerySchema(_Strict):
    """A question in the query of the address."""

    unit_id = fields.String(required=True)
    lang = fields.String(
        validate=OneOf(LANGUAGES), metadata={"description": "Language of a refusal."}
    )

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Question:
        """The question, its unit id checked."""
        return Question(values["experiment"], check_unit_id(values["unit_id"]))


class BatchQuestionSchema(_Strict):
    """A question about many units."""

    units = fields.List(
        fields.Raw(metadata=_UNIT), required=True, validate=Length(min=1, max=MOST_UNITS)
    )

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> BatchQuestion:
        """The question; its units are not checked yet."""
        return BatchQuestion(**values)


class AssignmentSchema(Schema):
    """The answer about one unit."""

    experiment = fields.String(required=True)
    unit_id = fields.String(required=True)
    variant = fields.String(required=True, allow_none=True)
    payload = fields.Raw(required=True, allow_none=True)
    reason = fields.String(required=True, metadata={"description": "Why this variant, or none."})
    bucket = fields.Integer(required=True, allow_none=True)


class AssignmentInBatchSchema(Schema):
    """The answer about one unit of many."""

    index = fields.Integer(required=True, metadata={"description": "Place in the question."})
    unit_id = fields.String(required=True)
    variant = fields.String(required=True, allow_none=True)
    payload = fields.Raw(required=True, allow_none=True)
    reason = fields.String(required=True)
    bucket = fields.Integer(required=True, allow_none=True)


class RejectedUnitSchema(Schema):
    """Why a unit of many was not answered."""

    index = fields.Integer(required=True)
    id = fields.String(required=True, allow_none=True)
    field = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class BatchAnswerSchema(Schema):
    """The answer about many units; each unit is in one of the two lists."""

    experiment = fields.String(required=True)
    assignments = fields.List(fields.Nested(AssignmentInBatchSchema), required=True)
    rejected = fields.List(fields.Nested(RejectedUnitSchema), required=True)


@dataclass(frozen=True)
class RefusedUnit:
    """An item of a batch that names no unit."""

    index: int
    unit_id: str | None
    refusal: Invalid


def read_units(items: list[Any]) -> tuple[list[tuple[int, str]], list[RefusedUnit]]:
    """Read the items of a batch one by one: (place, unit id) of the good ones, and the rest."""
    read: list[tuple[int, str]] = []
    refused: list[RefusedUnit] = []
    for index, item in enumerate(items):
        try:
            read.append((index, read_unit(item, f"units.{index}")))
        except Invalid as refusal:
            refused.append(RefusedUnit(index, _shown_id(item), refusal))
    return read, refused


def read_unit(item: Any, path: str) -> str:
    """The unit id of one item.

    Raises:
        Invalid: Naming the field below ``path``.
    """
    if not isinstance(item, dict):
        raise Invalid(field=path, expected="an object with unit_id", got=type(item).__name__)
    unknown = next((name for name in item if name not in _UNIT["properties"]), None)
    if unknown is not None:
        raise Invalid(field=path, expected="only unit_id and attributes", got=unknown[:_SHOWN])
    if not isinstance(item.get("attributes", {}), dict):
        got = type(item["attributes"]).__name__
        raise Invalid(field=f"{path}.attributes", expected="an object", got=got)
    return check_unit_id(item.get("unit_id"), f"{path}.unit_id")


def check_encoding(query: bytes) -> None:
    """Refuse a query in another encoding than UTF-8: its ids would be hashed as other units.

    Raises:
        Invalid: If so.
    """
    try:
        unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError as error:
        got = query.decode("latin-1")[:_SHOWN]
        raise Invalid(field="unit_id", expected="UTF-8, percent-encoded", got=got) from error


def _shown_id(item: Any) -> str | None:
    unit_id = item.get("unit_id") if isinstance(item, dict) else None
    return unit_id[:_SHOWN] if isinstance(unit_id, str) else None
