"""Reports and their links: what is asked for, what is shown."""

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, pre_load, validate

from api.i18n import LANGUAGES
from experiments.reporting.redaction import REDACTIONS

FORMATS = ("json", "csv", "xlsx", "html", "pdf", "text")
LONGEST_SEGMENT = 300
PICTURE_FORMATS = ("svg", "png", "pdf")


class MomentQuerySchema(Schema):
    """From when, and in which language."""

    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    @pre_load
    def _plus(self, data: Mapping[str, Any], **_: object) -> dict[str, Any]:
        """Read the + of an offset that was not escaped, and arrived as a space."""
        read = dict(data)
        if isinstance(read.get("as_of"), str):
            read["as_of"] = read["as_of"].replace(" ", "+")
        return read

    as_of = fields.AwareDateTime(
        load_default=None,
        metadata={"description": "The moment to look from, with its zone; now if absent."},
    )
    lang = fields.String(load_default=None, validate=validate.OneOf(LANGUAGES))


class AskedQuerySchema(MomentQuerySchema):
    """Of whom, and of which KPI in depth."""

    segment = fields.String(
        load_default=None,
        validate=validate.Length(1, LONGEST_SEGMENT),
        metadata={
            "description": "Of these customers only: the key of a saved or ready-made segment, "
            "`channel:NAME` or `property:NAME=VALUE`."
        },
    )
    kpi = fields.String(
        load_default=None,
        validate=validate.Length(1, LONGEST_SEGMENT),
        metadata={"description": "Whose groups and days are told; the primary's if absent."},
    )


class ReportQuerySchema(AskedQuerySchema):
    """How the report is wanted."""

    format = fields.String(
        load_default=None,
        validate=validate.OneOf(FORMATS),
        metadata={"description": "In place of the Accept header; json if neither says."},
    )


class PictureQuerySchema(AskedQuerySchema):
    """How the picture is wanted."""

    layout = fields.String(
        load_default="wide",
        validate=validate.OneOf(("wide", "narrow")),
        metadata={"description": "For a wide page or for a phone."},
    )


class ShareRequestSchema(Schema):
    """A link to ask for."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE

    expires_at = fields.AwareDateTime(
        load_default=None,
        metadata={"description": "When the link ends; in 30 days if absent, in a year at most."},
    )
    redact = fields.List(
        fields.String(validate=validate.OneOf(REDACTIONS)),
        load_default=list,
        metadata={"description": "What whoever has the link is not to see."},
    )


class ShareSchema(Schema):
    """A link as it may be shown: without its token."""

    id = fields.String(attribute="public_id")
    as_of = fields.AwareDateTime()
    redact = fields.List(fields.String())
    state = fields.String(validate=validate.OneOf(("open", "expired", "revoked")))
    created_at = fields.AwareDateTime()
    created_by = fields.String()
    expires_at = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)


class NewShareSchema(ShareSchema):
    """A link with its address, this once."""

    url = fields.String()


class ShareListSchema(Schema):
    """The links of a test."""

    items = fields.List(fields.Nested(ShareSchema))
