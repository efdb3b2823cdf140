"""Questions and answers of assignment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from marshmallow import RAISE, Schema, fields, post_load
from marshmallow.validate import Length, OneOf

from api.i18n import LANGUAGES
from experiments.assignment.evaluation import Assignment
from experiments.assignment.snapshot import SnapshotKeeper
from experiments.errors import Invalid
from experiments.units import check_unit_id

MOST_UNITS = 10_000
LONGEST_KEY = 64
_SHOWN = 60
_UNIT: dict[str, Any] = {
    "oneOf": [
        {"type": "string"},
        {
            "type": "object",
            "required": ["unit_id"],
            "properties": {"unit_id": {"type": "string"}, "attributes": {"type": "object"}},
        },
    ]
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

    experiment = fields.String(required=True, validate=Length(min=1, max=LONGEST_KEY))


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


class _Units(fields.List[Any]):
    """A list whose items are read later, one by one: see ``read_units``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


class BatchQuestionSchema(_Strict):
    """A question about many units, each an id or an object with attributes."""

    units = _Units(
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
    send_at = fields.String(
        allow_none=True, metadata={"description": "Only where the test has send times: UTC."}
    )


class AssignmentInBatchSchema(Schema):
    """The answer about one unit of many."""

    index = fields.Integer(required=True, metadata={"description": "Place in the question."})
    unit_id = fields.String(required=True)
    variant = fields.String(required=True, allow_none=True)
    payload = fields.Raw(required=True, allow_none=True)
    reason = fields.String(required=True)
    bucket = fields.Integer(required=True, allow_none=True)
    send_at = fields.String(
        allow_none=True, metadata={"description": "Only where the test has send times: UTC."}
    )


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


def told(found: Assignment) -> bytes:
    """The answer about one unit."""
    return msgspec.json.encode(found._asdict())


def config_age(keeper: SnapshotKeeper) -> str:
    """The header ``X-Config-Age``."""
    return f"{keeper.age_seconds or 0:.1f}"
