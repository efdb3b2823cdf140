"""Batches of Segment's and RudderStack's libraries on the wire."""

from marshmallow import Schema, fields

from api.schemas.inbound import DeliveryResultSchema

SegmentItemSchema = Schema.from_dict(
    {
        "type": fields.String(metadata={"description": "track is kept; see docs/sources.md."}),
        "messageId": fields.String(),
        "userId": fields.String(allow_none=True),
        "anonymousId": fields.String(allow_none=True),
        "event": fields.String(),
        "properties": fields.Dict(),
        "timestamp": fields.String(),
    },
    name="SegmentItemSchema",
)
SegmentBatchSchema = Schema.from_dict(
    {
        "batch": fields.List(fields.Nested(SegmentItemSchema), required=True),
        "sentAt": fields.String(),
        "writeKey": fields.String(metadata={"description": "Not looked at: the header has it."}),
    },
    name="SegmentBatchSchema",
)


class SegmentResultSchema(DeliveryResultSchema):
    """What became of the calls."""

    success = fields.Boolean()


class SegmentErrorSchema(Schema):
    """A refusal, as the libraries read it."""

    code = fields.String()
    message = fields.String()
