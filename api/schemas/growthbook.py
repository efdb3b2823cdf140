"""What GrowthBook's clients send and get.

Fields that they add in a later version are passed over: an app that was updated must not fail.
"""

from typing import Any

from marshmallow import Schema, fields

from experiments.assignment.remote import RemoteQuestion
from experiments.errors import Invalid

_ANY = {"additionalProperties": True}


class FeaturesSchema(Schema):
    """Features to evaluate."""

    status = fields.Integer(required=True)
    dateUpdated = fields.String(required=True)  # noqa: N815 - as on the wire
    features = fields.Dict(keys=fields.String(), required=True)
    experiments = fields.List(fields.Raw(), required=True)
    savedGroups = fields.Dict(keys=fields.String(), required=True)  # noqa: N815 - as on the wire
    contextualBandits = fields.Dict(keys=fields.String(), required=True)  # noqa: N815 - as on the wire


class RemoteQuestionSchema(Schema):
    """Who asks; described here, read by :func:`read_question`."""

    attributes = fields.Dict(keys=fields.String(), metadata=_ANY)
    forcedVariations = fields.Dict(  # noqa: N815 - as on the wire
        keys=fields.String(), values=fields.Integer()
    )
    forcedFeatures = fields.List(fields.List(fields.Raw()))  # noqa: N815 - as on the wire
    url = fields.String()


class TrackedItemSchema(Schema):
    """An item of a tracking plugin."""

    event_name = fields.String(required=True)
    properties_json = fields.Dict(keys=fields.String())
    device_id = fields.String(allow_none=True)
    user_id = fields.String(allow_none=True)


class TrackResultSchema(Schema):
    """What became of the items."""

    status = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)
    ignored = fields.Integer(required=True, metadata={"description": "Items that state nothing."})
    conflicts = fields.List(fields.Dict(), required=True)
    rejected = fields.List(fields.Dict(), required=True)


class ClientErrorSchema(Schema):
    """A refusal in the form that the clients read."""

    status = fields.Integer(required=True)
    error = fields.String(required=True)


def read_question(body: Any) -> RemoteQuestion:
    """Read the body of a remote evaluation.

    Raises:
        Invalid: Naming the field.
    """
    body = _object(body, None)
    forced = _object(body.get("forcedVariations") or {}, "forcedVariations")
    for key, index in forced.items():
        if isinstance(index, bool) or not isinstance(index, int):
            got = type(index).__name__
            raise Invalid(field=f"forcedVariations.{key[:60]}", expected="an index", got=got)
    return RemoteQuestion(
        attributes=_object(body.get("attributes") or {}, "attributes"),
        forced_variations=forced,
        forced_features=dict(_pairs(body.get("forcedFeatures") or [])),
    )


def _object(value: Any, field: str | None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(field=field, expected="an object", got=type(value).__name__)
    return value


def _pairs(value: Any) -> list[tuple[str, Any]]:
    is_fit = isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in value
    )
    if not is_fit:
        raise Invalid(
            field="forcedFeatures", expected="a list of [key, value]", got=type(value).__name__
        )
    return [(key, each) for key, each in value]
