"""Every sentence that a person or a program may be told is in the Korean catalogue."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import marshmallow
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from werkzeug.exceptions import default_exceptions

import api
import experiments
from api.errors import TITLES
from api.i18n import CATALOGUE
from experiments.errors import TrueliftError
from experiments.kpis.known_names import NAME_WARNINGS
from experiments.registry.preflight import WARNINGS

API = Path(api.__file__).parent
KEYWORDS = {"_": None, "gettext": None, "marked": None, "ngettext": (1, 2)}
# What werkzeug and marshmallow are told in our words, by the name that is called.
TOLD = {
    "Forbidden", "Unauthorized", "BadRequest", "UnsupportedMediaType", "PreconditionRequired",
    "ValidationError",
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*(?:![rs])?\}|%s")
Message = str | tuple[str, str]


def _read(language: str) -> Catalog:
    with (CATALOGUE / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.fixture(scope="module")
def korean() -> Catalog:
    return _read("ko")


def of_templates() -> set[Message]:
    return set(_extracted(API / "templates", "*.html", "jinja2.ext:babel_extract"))


def of_code() -> set[Message]:
    return set(_extracted(API, "*.py", "python"))


def of_errors() -> set[str]:
    """The template of every refusal in the code."""
    for package in (experiments, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    return {kind.template for kind in _refusals(TrueliftError)}


def of_answers() -> set[str]:
    """Sentences given to other people's exceptions."""
    return {
        call.args[0].value
        for path in API.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in TOLD
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def of_marshmallow() -> set[str]:
    """What marshmallow says of the commonest mistakes."""
    fields = marshmallow.fields
    kinds = (fields.String, fields.Integer, fields.Boolean, fields.List, fields.Dict)
    kinds_of_time = (fields.AwareDateTime, fields.Nested)
    said = {
        str(message)
        for kind in (*kinds, *kinds_of_time)
        for each in kind.__mro__
        for message in getattr(each, "default_error_messages", {}).values()
    }
    return said | set(marshmallow.Schema.error_messages.values()) | {"Unknown field."}


def of_werkzeug() -> set[str]:
    """What is said of an address that is not there, and the like; and of a stale form."""
    stale = ("missing", "invalid")
    said = {str(default_exceptions[code].description) for code in TITLES}
    return said | {f"The CSRF token is {how}." for how in stale} | {
        "The CSRF session token is missing.", "The CSRF tokens do not match.",
    }  # fmt: skip


def _extracted(folder: Path, pattern: str, method: str) -> Iterator[Message]:
    options = {"newstyle_gettext": "true"}
    for path in folder.rglob(pattern):
        with path.open("rb") as file:
            for _, message, _, _ in extract(method, file, KEYWORDS, options=options):
                yield message if isinstance(message, str) else (message[0], message[1])


def _refusals(kind: type[TrueliftError]) -> Iterator[type[TrueliftError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _refusals(below)


EVERYTHING = sorted(
    of_templates() | of_code() | of_errors() | of_answers() | of_marshmallow() | of_werkzeug()
    | set(TITLES.values()) | set(WARNINGS.values()) | set(NAME_WARNINGS.values()),
    key=str,
)  # fmt: skip


def test_every_sentence_has_a_korean_one(korean: Catalog) -> None:
    assert [message for message in EVERYTHING if not _translated(korean, message)] == []


def test_placeholders_are_the_same_in_both_languages(korean: Catalog) -> None:
    for entry in korean:
        if entry.id:
            source = entry.id if isinstance(entry.id, str) else entry.id[1]
            assert _placeholders(source) == _placeholders(_first(entry.string)), source


def test_what_templates_say_has_no_lone_percent_sign(korean: Catalog) -> None:
    said = {_key(entry.id): _first(entry.string) for entry in korean if entry.id}
    for message in of_templates():
        assert "%" not in re.sub(PLACEHOLDER, "", said[message]), message


def test_the_catalogue_holds_nothing_that_is_said_nowhere(korean: Catalog) -> None:
    said = set(EVERYTHING)
    left = [entry.id for entry in korean if entry.id and _key(entry.id) not in said]
    assert left == []


def _key(message: object) -> Message:
    return message if isinstance(message, str) else tuple(message)  # type: ignore[arg-type,return-value] # babel's


def _translated(korean: Catalog, message: Message) -> bool:
    entry = korean.get(message)
    return entry is not None and not entry.fuzzy and bool(_first(entry.string).strip())


def _first(translation: str | list[str] | tuple[str, ...] | None) -> str:
    return translation if isinstance(translation, str) else (translation or ("",))[0]


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))
