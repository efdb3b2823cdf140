"""Versions of apps as text that sorts: 1.9 before 1.10, a pre-release before its release."""

import re
from functools import lru_cache

from experiments.assignment.conditions.values import kind_of, text_of

_PREFIX_OR_BUILD = re.compile(r"^v|\+.*$")
_SEPARATOR = re.compile(r"[-.]")
_DIGITS = 5
_CORE_PARTS = 3


def version_key(version: object) -> str:
    """The version in a form whose order as text is the order of versions.

    A number is read as its text; what is neither text nor number, or empty, counts as 0.

    Examples:
        >>> version_key("v1.10.0+build7") > version_key("1.9.3")
        True
        >>> version_key("1.0.0-beta") < version_key("1.0.0")
        True
    """
    if kind_of(version) == "number":
        version = text_of(version)
    return _key(version if isinstance(version, str) and version else "0")


@lru_cache(maxsize=1024)
def _key(version: str) -> str:
    parts = _SEPARATOR.split(_PREFIX_OR_BUILD.sub("", version))
    if len(parts) == _CORE_PARTS:
        parts.append("~")
    return "-".join(
        part.rjust(_DIGITS) if part.isascii() and part.isdigit() else part for part in parts
    )
