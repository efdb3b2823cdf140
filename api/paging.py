"""Lists in pages: an opaque cursor leads from one to the next."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from marshmallow import RAISE, Schema, fields, post_load
from marshmallow.validate import OneOf, Range

from api.i18n import LANGUAGES
from experiments.errors import Invalid

Item = TypeVar("Item")
LARGEST_PAGE = 1_000
USUAL_PAGE = 100


@dataclass(frozen=True)
class Page:
    """Which part of a list.

    Attributes:
        after: Key of the last item already seen.
        limit: At most so many items.
        filters: What else the query named.
    """

    after: str | None
    limit: int
    filters: dict[str, Any]


class PageSchema(Schema):
    """The query of a list."""

    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    cursor = fields.String(metadata={"description": "`next` of the page before."})
    limit = fields.Integer(load_default=USUAL_PAGE, validate=Range(1, LARGEST_PAGE))
    lang = fields.String(validate=OneOf(LANGUAGES))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Page:
        """The page, its cursor read."""
        cursor = values.pop("cursor", None)
        values.pop("lang", None)
        after = None if cursor is None else read_cursor(cursor)
        return Page(after, values.pop("limit"), values)


def cursor_of(key: str) -> str:
    """The cursor of the page that follows ``key``.

    Examples:
        >>> read_cursor(cursor_of("subject-line"))
        'subject-line'
    """
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """The key that a cursor holds.

    Raises:
        Invalid: If the cursor is not one of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Invalid(field="cursor", expected="the next of a page", got=cursor[:60]) from error
    if cursor_of(key) != cursor or "\0" in key:
        raise Invalid(field="cursor", expected="the next of a page", got=cursor[:60])
    return key


def paged(found: Sequence[Item], limit: int, key: Callable[[Item], str]) -> dict[str, Any]:
    """``items`` and the ``next`` cursor, from one item more than the page holds."""
    items = found[:limit]
    more = len(found) > limit
    return {"items": list(items), "next": cursor_of(key(items[-1])) if more else None}
