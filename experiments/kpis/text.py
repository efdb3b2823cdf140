"""A name or sentence in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A name or sentence in both languages.

    Attributes:
        ko: Korean.
        en: English.
    """

    ko: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in ``ko`` or, for anything else, in English."""
        return self.ko if language == "ko" else self.en


def in_language(text: str | Text, language: str) -> str:
    """A text that may stand in one language only.

    Examples:
        >>> in_language("신규", "en"), in_language(Text("신규", "new"), "en")
        ('신규', 'new')
    """
    return text if isinstance(text, str) else text.in_language(language)
