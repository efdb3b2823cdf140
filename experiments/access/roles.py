"""Roles of people and scopes of keys, as plain values."""

ROLES = ("viewer", "analyst", "marketer", "admin")
SCOPES = ("assign", "ingest", "read", "admin")


def role_reaches(role: str, wanted: str) -> bool:
    """Whether ``role`` may do what ``wanted`` may; each role includes the ones before it.

    Examples:
        >>> role_reaches("marketer", "viewer"), role_reaches("viewer", "marketer")
        (True, False)
    """
    return ROLES.index(role) >= ROLES.index(wanted)


def scopes_reach(scopes: frozenset[str], wanted: str) -> bool:
    """Whether a key with ``scopes`` may do what ``wanted`` names; ``admin`` may all."""
    return wanted in scopes or "admin" in scopes
