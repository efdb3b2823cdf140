"""How signs of other scripts end when Koreans read them aloud."""

import unicodedata
from enum import Enum


class Sound(Enum):
    """The end of a name: an open syllable, one closed by ㄹ, or one closed otherwise."""

    OPEN = "open"
    RIEUL = "rieul"
    CLOSED = "closed"


DIGITS = dict(
    zip(
        "0123456789",
        (
            Sound.CLOSED, Sound.RIEUL, Sound.OPEN, Sound.CLOSED, Sound.OPEN,
            Sound.OPEN, Sound.CLOSED, Sound.RIEUL, Sound.RIEUL, Sound.OPEN,
        ),
        strict=True,
    )
)  # fmt: skip
_SIGNS = {
    "%": Sound.OPEN, "+": Sound.OPEN, "&": Sound.OPEN, "$": Sound.OPEN, "€": Sound.OPEN,
    "₩": Sound.CLOSED,
}  # fmt: skip
# The Chinese characters that names of variants end in; any other has no one reading.
_HANJA = {
    Sound.OPEN: "大小女無有後下夏秋火水土二四五九左右美家社",
    Sound.RIEUL: "日月一七八乙別末",
    Sound.CLOSED: "中男新前上春冬木金三六十百千萬甲丙丁案群品店朝韓",
}
_BY_HANJA = {sign: sound for sound, signs in _HANJA.items() for sign in signs}
# 엡실론, 오미크론, 입실론; every other Greek letter ends open.
_CLOSED_GREEK = frozenset("εουΕΟΥ")
_CLOSED_KANA = frozenset("んンっッ")


def of_sign(sign: str) -> Sound | None:
    """The sound of a digit, a sign, or a letter neither Korean nor Latin; None if unknown.

    Examples:
        >>> of_sign("7").value, of_sign("案").value, of_sign("β").value, of_sign("龍")
        ('rieul', 'closed', 'open', None)
    """
    if sign in DIGITS or sign in _SIGNS:
        return DIGITS.get(sign) or _SIGNS[sign]
    if sign in _BY_HANJA:
        return _BY_HANJA[sign]
    script = unicodedata.name(sign, "").split(" ")[0]
    if script == "GREEK" and sign.isalpha():
        return Sound.CLOSED if sign in _CLOSED_GREEK else Sound.OPEN
    if script in {"HIRAGANA", "KATAKANA"}:
        return Sound.CLOSED if sign in _CLOSED_KANA else Sound.OPEN
    return None


def of_roman_numeral(sign: str) -> Sound | None:
    """The sound of one of the signs Ⅰ to Ⅻ, which are read as numbers; None of any other.

    Examples:
        >>> of_roman_numeral("Ⅲ").value, of_roman_numeral("I")
        ('closed', None)
    """
    if not "Ⅰ" <= sign <= "ⅿ":
        return None
    number = f"{unicodedata.numeric(sign):.0f}"
    return DIGITS[number[-1]]
