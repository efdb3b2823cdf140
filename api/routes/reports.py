"""Reports: what the data of a test say."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response
from marshmallow import RAISE, Schema, fields, pre_load, validate

from api.auth import allow, caller
from api.contract import Blueprint
from api.i18n import current_language
from api.runtime import runtime
from experiments.reporting.report import Report

blueprint = Blueprint("reports", __name__, url_prefix="/api/v1")


class ReportQuerySchema(Schema):
    """How the report is wanted."""

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

    format = fields.String(load_default="json", validate=validate.OneOf(("json", "text")))
    as_of = fields.AwareDateTime(
        load_default=None,
        metadata={"description": "The moment to look from, with its zone; now if absent."},
    )
    lang = fields.String(load_default=None, validate=validate.OneOf(("ko", "en")))


@blueprint.get("/experiments/<key>/report")
@allow(scope="read", role="viewer")
@blueprint.arguments(ReportQuerySchema, location="query", unknown=RAISE)
@blueprint.alt_response(200, description="The report: values, and sentences in both languages.")
def report(query: dict[str, Any], key: str) -> Any:
    """The report of a test; 404 if there is none, 422 if ``as_of`` is still to come."""
    # What reports need is slow to import, so assignment and ingest never load it.
    from experiments.reporting.document import report_document  # noqa: PLC0415 - slow to import
    from experiments.reporting.text import render_text  # noqa: PLC0415 - slow to import

    found = build(key, query["as_of"])
    if query["format"] == "text":
        return Response(render_text(found, current_language()), mimetype="text/plain")
    return report_document(found)


def build(key: str, as_of: datetime | None = None) -> Report:
    """The report of a test of the caller's project, as of now or an earlier moment."""
    from experiments.reporting.analysis import build_report  # noqa: PLC0415 - slow to import

    now = runtime().clock().astimezone(UTC)
    if as_of is None:
        return runtime().reports.report(caller().project, key, now=now)
    return build_report(
        runtime().database,
        runtime().replica,
        caller().project,
        key,
        as_of=as_of.astimezone(UTC),
        now=now,
    )
