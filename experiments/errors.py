"""What can be refused, named for the fact.

Every error carries the sentence's template and its parameters apart, so that the
outermost layer can say the same sentence in the reader's language.
"""

from typing import ClassVar


class TrueliftError(Exception):
    """Base of every refusal that a caller of the domain may meet.

    Args:
        field: Path of the offending field in the caller's input, dots between names
            (``variants.0.weight``); None where no single field is to blame.
        params: Values of the template's placeholders.

    Examples:
        >>> error = NotFound(field="kpi", what="KPI", key="open")
        >>> str(error), error.field
        ("no KPI 'open' in this project", 'kpi')
    """

    template: ClassVar[str] = "the request was refused"

    def __init__(self, *, field: str | None = None, **params: object) -> None:
        self.field = field
        self.params = params
        super().__init__(self.template.format(**params))

    @property
    def code(self) -> str:
        """A stable name for programs: the class name in snake case."""
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Invalid(TrueliftError):
    """A value that cannot be accepted as it stands."""

    template = "expected {expected}, got {got!r}"


class NotFound(TrueliftError):
    """The named thing is not in the caller's project."""

    template = "no {what} {key!r} in this project"


class Conflict(TrueliftError):
    """The request does not fit the present state of things."""


class KeyTaken(Conflict):
    """Another thing of that kind has the key already."""

    template = "the {what} key {key!r} is taken"


class StaleRevision(Conflict):
    """The thing was changed after the caller had read it."""

    template = "changed in the meantime: revision {expected} was given, it is at {revision}"


class Unavailable(TrueliftError):
    """Not possible at this moment; the same request may succeed later."""

    template = "not available right now: {reason}"
