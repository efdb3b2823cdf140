"""The contract of a route: strict bodies in, schemas out, OpenAPI from both.

`flask-smorest` does the work; only its JSON reader and its wording of refusals are ours.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

import flask_smorest
from flask import Request, request
from flask.json.provider import DefaultJSONProvider
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from api.strict_json import JsonRefused, read_json
from experiments.errors import Invalid


class ExactJsonProvider(DefaultJSONProvider):
    """Flask's JSON, with decimals written as the numbers they are and no NaN, ever."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Serialise; a NaN or an infinity in an answer is a fault of ours and raises."""
        return super().dumps(obj, allow_nan=False, ensure_ascii=False, **kwargs)

    @staticmethod
    def default(value: Any) -> Any:
        """Decimals become numbers; the rest is Flask's."""
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        return DefaultJSONProvider.default(value)


class BodyRefused(Exception):
    """A body, query or form that does not fit its schema.

    Attributes:
        messages: marshmallow's messages, nested as the input is.
    """

    def __init__(self, messages: Mapping[Any, Any]) -> None:
        super().__init__("the request does not fit")
        self.messages = messages


def json_body(wanted: Request | None = None) -> Any:
    """The request's body through the strict reader.

    Raises:
        UnsupportedMediaType: If it does not say that it is JSON.
        BadRequest: If it is not JSON as this service reads it.
    """
    wanted = wanted or request
    if not wanted.is_json:
        raise UnsupportedMediaType("expected Content-Type: application/json")
    try:
        return read_json(wanted.get_data(cache=True))
    except JsonRefused as refusal:
        raise BadRequest(f"the body is not acceptable JSON: {refusal}") from refusal


class StrictParser(FlaskParser):
    """webargs, with the strict reader and one shape of refusal."""

    DEFAULT_VALIDATION_STATUS = 422

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 - webargs' signature
        """Read the body."""
        return json_body(req)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,  # noqa: ARG002 - webargs' signature
        schema: Schema,  # noqa: ARG002 - webargs' signature
        *,
        error_status_code: int | None,  # noqa: ARG002 - webargs' signature
        error_headers: Mapping[str, str] | None,  # noqa: ARG002 - webargs' signature
    ) -> NoReturn:
        """Turn marshmallow's refusal into ours."""
        raise BodyRefused(error.normalized_messages()) from error  # type: ignore[no-untyped-call] # marshmallow's


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc] # the library has no types
    """A group of routes whose bodies go through the strict reader."""

    ARGUMENTS_PARSER = StrictParser()


def document_of(text: bytes, field: str) -> Any:
    """A JSON text that came in a field of a form, through the strict reader.

    Raises:
        Invalid: Naming ``field``.
    """
    try:
        return read_json(text)
    except JsonRefused as refusal:
        raise Invalid(field=field, expected="a JSON text", got=str(refusal)) from refusal
