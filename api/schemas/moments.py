"""What questions about the past share: the moment they are asked of."""

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, pre_load
from marshmallow.validate import OneOf

from api.i18n import LANGUAGES


def told(description: str) -> dict[str, str]:
    """The metadata of a field that needs words."""
    return {"description": description}


class MomentSchema(Schema):
    """The moment, and the reader's language."""

    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    as_of = fields.AwareDateTime(load_default=None)
    lang = fields.String(validate=OneOf(LANGUAGES))

    @pre_load
    def with_plus(self, given: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A plus sign in an address reads as a blank."""
        read = dict(given.items())
        if isinstance(read.get("as_of"), str):
            read["as_of"] = read["as_of"].replace(" ", "+")
        return read
