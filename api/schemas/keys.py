"""Keys: what is asked for, what is shown."""

from typing import Any

from marshmallow import RAISE, Schema, fields, post_dump, validate

from experiments.access.roles import SCOPES


class KeyRequestSchema(Schema):
    """A key to create."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE

    name = fields.String(required=True, validate=validate.Length(1, 200))
    kind = fields.String(load_default="secret", validate=validate.OneOf(("secret", "client")))
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        load_default=list,
        metadata={"description": "What a secret key may do; a client key has none."},
    )


class KeySchema(Schema):
    """A key as it may be shown."""

    id = fields.String(attribute="public_id")
    kind = fields.String()
    name = fields.String()
    scopes = fields.List(fields.String())
    expires_at = fields.AwareDateTime(allow_none=True)
    revoked_at = fields.AwareDateTime(allow_none=True)

    @post_dump
    def in_order(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The scopes in the order of their names: a set has none of its own."""
        return values | {"scopes": sorted(values["scopes"])}


class NewKeySchema(Schema):
    """The whole key, this once."""

    key = fields.String()


class KeyListSchema(Schema):
    """The keys of the project."""

    items = fields.List(fields.Nested(KeySchema))
