"""An object of a JSON document, read strictly: a misspelt field must not pass."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.fields import Missing, UnknownField, brief
from experiments.units import is_storable


@dataclass(frozen=True)
class Given:
    """An object of the document, and where in it it stands."""

    values: Mapping[str, Any]
    path: str

    @classmethod
    def of(cls, value: object, path: str) -> "Given":
        """The object.

        Raises:
            Invalid: If it is none, or has names that no database keeps.
        """
        if not isinstance(value, dict):
            raise Invalid(field=path or "mapping", expected="an object", got=brief(value))
        for name in value:
            if not is_storable(name):
                raise Invalid(field=path or "mapping", expected="names that can be kept", got="…")
        return cls(value, path)

    def below(self, name: str | None) -> str:
        """The path of a field of this object."""
        start = f"{self.path}." if self.path else ""
        if name is None or name.startswith(start):
            return name or self.path
        return start + name

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Refusals within name their field by its path from the top."""
        try:
            yield
        except Invalid as error:
            error.field = self.below(error.field)
            raise

    def allow(self, *names: str) -> None:
        """Refuse any other field."""
        for name in self.values:
            if name not in names:
                raise UnknownField(field=self.below(str(name)[:60]), known=", ".join(names))

    def has(self, name: str) -> bool:
        """Whether the field is there, and not null."""
        return self.values.get(name) is not None

    def required(self, name: str) -> Any:
        """The value of a field that must be there."""
        if not self.has(name):
            raise Missing(field=self.below(name))
        return self.values[name]

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self.required(name)
        if not isinstance(value, str) or not is_storable(value):
            raise Invalid(field=self.below(name), expected="text", got=brief(value))
        return value

    def text_or(self, name: str, default: str | None = None) -> str | None:
        """A text, or what it is where nothing is said."""
        return self.text(name) if self.has(name) else default

    def flag(self, name: str) -> bool:
        """True or false; false where nothing is said."""
        value = self.values.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise Invalid(field=self.below(name), expected="true or false", got=brief(value))
        return value

    def texts(self) -> dict[str, str]:
        """All fields of this object, each a text; true and false may stand as such."""
        plain = {True: "true", False: "false"}
        return {
            name: plain[value] if isinstance(value, bool) else self.text(name)
            for name, value in self.values.items()
            if value is not None
        }

    def words(self) -> dict[str, str | None]:
        """All fields of this object, each a text or null."""
        return {
            name.strip(): None if value is None else self.text(name)
            for name, value in self.values.items()
        }

    def object(self, name: str) -> "Given":
        """An object that must be there."""
        return Given.of(self.required(name), self.below(name))

    def object_or_none(self, name: str) -> "Given":
        """An object; an empty one where nothing is said."""
        return self.object(name) if self.has(name) else Given({}, self.below(name))

    def objects(self, name: str) -> list["Given"]:
        """A list of objects; empty where nothing is said."""
        value = self.values[name] if self.has(name) else []
        if not isinstance(value, list):
            raise Invalid(field=self.below(name), expected="a list", got=brief(value))
        return [Given.of(each, f"{self.below(name)}.{n}") for n, each in enumerate(value)]
