"""Keys of things: the short names that stand in addresses, files and payloads."""

import re

from experiments.errors import Invalid

KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def check_key(key: str, field: str = "key") -> None:
    """Refuse a key that is not lower-case letters, digits, dot, dash or underscore.

    Raises:
        Invalid: Naming ``field``.

    Examples:
        >>> check_key("spring-sale.2025")
    """
    if not KEY.fullmatch(key):
        raise Invalid(
            field=field,
            expected="1 to 64 of a-z, 0-9, dot, dash, underscore, the first a letter or digit",
            got=key,
        )
