"""The Korean and English catalogue: English stands in the code, Korean in one .po file."""

import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import g, has_request_context, request, session

LANGUAGES = ("ko", "en")
CATALOGUE = Path(__file__).parent / "translations"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English needs none."""
    path = CATALOGUE / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def current_language() -> str:
    """The language of this request: asked for, kept, the person's, or the browser's."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        g.language = _negotiated()
    return str(g.language)


def _negotiated() -> str:
    for wish in (request.args.get("lang"), session.get("language")):
        if wish in LANGUAGES:
            return str(wish)
    return request.accept_languages.best_match(LANGUAGES, default="en") or "en"


def gettext(message: str) -> str:
    """The message in the language of this request."""
    return str(translations(current_language()).gettext(message)) if message else ""


def ngettext(singular: str, plural: str, number: int) -> str:
    """The message for that number, in the language of this request."""
    return str(translations(current_language()).ngettext(singular, plural, number))
