"""Bodies as other people's clients send them: compressed, as forms, one item a line."""

import zlib
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from api.strict_json import JsonRefused, parse_json, read_json

_GZIP = 31
_CHUNK = 64 * 1024
_MOST_FIELDS = 100


def plain_body(most_bytes: int) -> bytes:
    """The body, inflated if it was sent compressed.

    Args:
        most_bytes: That it may have, before and after; counted while inflating.

    Raises:
        RequestEntityTooLarge: If it has more.
        BadRequest: If what says it is gzip is not, or was cut short.
        UnsupportedMediaType: If it is compressed in another way.
    """
    request.max_content_length = most_bytes
    body = request.get_data()
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise UnsupportedMediaType("expected Content-Encoding: gzip, or none")
    return inflated(body, most_bytes)


def inflated(body: bytes, most_bytes: int) -> bytes:
    """Inflate gzip up to a size.

    Raises:
        RequestEntityTooLarge: If there is more.
        BadRequest: If it is no gzip, or was cut short.
    """
    inflater = zlib.decompressobj(_GZIP)
    parts, left, rest = [], most_bytes, body
    try:
        while rest and not inflater.eof:
            part = inflater.decompress(rest, min(left + 1, _CHUNK))
            left -= len(part)
            if left < 0:
                raise RequestEntityTooLarge
            parts.append(part)
            rest = inflater.unconsumed_tail
        parts.append(tail := inflater.flush())
    except zlib.error as error:
        raise BadRequest("the body is not gzip") from error
    if not inflater.eof or inflater.unused_data or left < len(tail):
        raise BadRequest("the body is not gzip")
    return b"".join(parts)


def plain_json(most_bytes: int) -> Any:
    """The body as JSON, which it must be said to be; inflated if it was sent compressed.

    Raises:
        UnsupportedMediaType: If it does not say that it is JSON, or is compressed otherwise.
        RequestEntityTooLarge: If it has more than ``most_bytes``, before or after.
        BadRequest: If it is not JSON as this service reads it, or no gzip, or was cut short.
    """
    if not request.is_json:
        raise UnsupportedMediaType("expected Content-Type: application/json")
    try:
        return read_json(plain_body(most_bytes))
    except JsonRefused as refusal:
        raise BadRequest(f"the body is not acceptable JSON: {refusal}") from refusal


def any_json(body: bytes) -> object:
    """The body as JSON, whatever its type is said to be; or a JSON text on each line.

    Raises:
        BadRequest: If it is neither.
    """
    try:
        return parse_json(body)
    except JsonRefused as refusal:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) > 1 and all(line.lstrip()[:1] == b"{" for line in lines):
            return [_line(line) for line in lines]
        raise BadRequest(f"the body is not acceptable JSON: {refusal}") from refusal


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form.

    Raises:
        BadRequest: If it is none.
    """
    try:
        return dict(
            parse_qsl(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
            )
        )
    except ValueError as error:
        raise BadRequest("expected a form") from error


def _line(line: bytes) -> object:
    """One line's item; of a line that cannot be read its beginning, to be refused by itself."""
    try:
        return parse_json(line)
    except JsonRefused:
        return line[:60].decode(errors="replace")
