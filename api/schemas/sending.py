"""Send times, as sent and as answered."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from api.schemas.exact import StrictSchema
from experiments.registry.send_times import WEEKDAYS


class Weekday(fields.Field[str]):
    """A day of the week: its English name, the name's first three letters, or 0 (Monday) to 6."""

    def __init__(self, **kwargs: Any) -> None:
        shapes = [
            {"type": "string", "description": "Its English name, such as friday or fri."},
            {"type": "integer", "minimum": 0, "maximum": 6, "description": "0 is Monday."},
        ]
        super().__init__(metadata={"oneOf": shapes}, **kwargs)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - marshmallow's signature
        **_: Any,
    ) -> str:
        if type(value) is int and 0 <= value < len(WEEKDAYS):
            return WEEKDAYS[value]
        if isinstance(value, str):
            given = value.lower()
            for name in WEEKDAYS:
                if given in {name, name[:3]}:
                    return name
        raise ValidationError("Expected a day of the week.")


class SendTimeSchema(StrictSchema):
    """When a variant is sent, local to the customer."""

    local_time = fields.String(
        required=True, metadata={"description": "A time of day, 00:00 to 23:59."}
    )
    weekday = Weekday(allow_none=True)
    on = fields.Date(allow_none=True, metadata={"description": "Sent once, on this local date."})
