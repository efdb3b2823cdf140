"""What marshmallow says of a field, in the reader's language, its figures filled in already."""

import re
from functools import cache

from api.i18n import gettext
from experiments.korean.particles import filled


def marked(message: str) -> str:
    """The message itself, for the catalogue to find.

    Examples:
        >>> marked("Unknown field.")
        'Unknown field.'
    """
    return message


FILLED = (
    marked("Must be one of: {choices}."),
    marked("Must be greater than or equal to {min} and less than or equal to {max}."),
    marked("Must be greater than or equal to {min}."),
    marked("Must be less than or equal to {max}."),
    marked("Longer than maximum length {max}."),
    marked("Shorter than minimum length {min}."),
    marked("Length must be between {min} and {max}."),
)
WHOLE = (marked("Not a valid aware datetime."), marked("Not a valid datetime."))


def told(message: str) -> str:
    """The message in the language of this request; as it is where nobody has translated it."""
    known = gettext(message)
    if known != message:
        return known
    for template in FILLED:
        met = _pattern(template).fullmatch(message)
        if met is not None:
            return filled(gettext(template), met.groupdict())
    return message


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(template)), re.DOTALL)
