"""From a key and its values to a sentence in the reader's language."""

from experiments.korean.particles import Word
from experiments.reporting.wording import en, ko

TABLES = {"ko": ko.SENTENCES, "en": en.SENTENCES}
MOVES = {"ko": ko.MOVES, "en": en.MOVES}
_FAMILIES = {"rate": "rate", "score": "rate", "money": "amount", "count": "amount", "days": "days"}


class EnglishWord(str):
    """Text that begins with a capital where the format specification says ``capital``.

    Examples:
        >>> "{kpi:capital}: 20.4%".format(kpi=EnglishWord("open rate"))
        'Open rate: 20.4%'
    """

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return self[:1].upper() + self[1:] if form == "capital" else super().__format__(form)


def phrase(language: str, key: str, **values: str) -> str:
    """The sentence of that key.

    Args:
        language: ``ko``, or anything else for English.
        key: One of the tables' keys.
        values: Of the placeholders; more than there are do no harm.

    Examples:
        >>> phrase("ko", "win.headline", variant="B안"), phrase("en", "win.headline", variant="B")
        ('B안이 더 좋습니다.', 'B is better.')
    """
    table = TABLES.get(language, TABLES["en"])
    kind = Word if language == "ko" else EnglishWord
    return table[key].format(**{name: kind(value) for name, value in values.items()})


def moves(unit_of_measure: str, difference: float, language: str) -> dict[str, str]:
    """The words for a move up or down, as values of a sentence's placeholders.

    Examples:
        >>> moves("rate", -0.01, "ko")["was"], moves("days", 2, "en")["was"]
        ('낮았습니다', 'longer')
    """
    table = MOVES.get(language, en.MOVES)
    way = "up" if difference >= 0 else "down"
    return {**table["any"][way], **table[_FAMILIES[unit_of_measure]][way]}
