"""Korean particles after any name: 은/는, 이/가, 을/를, 으로/로, 과/와, 이에요/예요.

Which form follows is decided by the last sound of the name as it is read aloud: digits and
Latin letters as Koreans say them, words in brackets and closing marks left aside.
"""

import re
import unicodedata
from collections.abc import Mapping
from string import Formatter

from experiments.korean.sounds import Sound, of_roman_numeral, of_sign

__all__ = ["Sound", "Word", "attach", "filled", "last_sound", "particle"]

_OPENING = {")": "(", "]": "[", "}": "{", ">": "<", "」": "「", "』": "『", "】": "【", "〉": "〈"}
_PAIRS = {
    "은(는)": "은/는", "이(가)": "이/가", "을(를)": "을/를", "과(와)": "과/와", "(으)로": "으로/로",
}  # fmt: skip
_BOTH_FORMS = re.compile("|".join(map(re.escape, _PAIRS)))
# The end of a text, in which its last word is.
_LOOKED_AT = 80
_VOWEL_LETTERS = frozenset("aeiouy")
_LATIN_RUN = re.compile(r"[A-Za-z]+\Z")


_LETTERS = {"l": Sound.RIEUL, "r": Sound.RIEUL, "m": Sound.CLOSED, "n": Sound.CLOSED}

# English words as Koreans write them: 이메일, 세일, 쿠폰, 타임, 앱, 클릭, 티켓; any other is open.
_WORD_ENDINGS = (
    (re.compile(r"[aeioubcdfgkpstyz]le\Z|l\Z"), Sound.RIEUL),
    (re.compile(r"[aeiou][mn]e\Z|[mn]\Z|ng\Z"), Sound.CLOSED),
    (re.compile(r"ck\Z|lk\Z|ook\Z|ic\Z|ype\Z|[aeiou]pp?\Z|[aeiou]b\Z|[^aeiou]ok\Z"), Sound.CLOSED),
    (re.compile(r"(?:\A|[^aeiou])[aeou]t\Z|out\Z"), Sound.CLOSED),
)
_WORDS = {
    "set": Sound.OPEN, "vip": Sound.OPEN, "vvip": Sound.OPEN, "good": Sound.CLOSED,
    "big": Sound.CLOSED, "bag": Sound.CLOSED, "benefit": Sound.CLOSED, "credit": Sound.CLOSED,
    "profit": Sound.CLOSED, "limit": Sound.CLOSED,
}  # fmt: skip


def attach(name: str, pair: str) -> str:
    """The name with its particle.

    Args:
        name: Any name.
        pair: The form after a closed syllable, a slash, and the form after an open one.

    Examples:
        >>> attach("B안", "이/가"), attach("VIP 10%", "은/는"), attach("서울", "으로/로")
        ('B안이', 'VIP 10%는', '서울로')
        >>> attach("오픈율(발송 대비)", "을/를")
        '오픈율(발송 대비)을'
    """
    return name + particle(name, pair)


def particle(name: str, pair: str) -> str:
    """The form that follows the name; both, as in 은(는), where the name has no Korean reading."""
    closed, open_ = pair.split("/")
    sound = last_sound(name)
    if sound is None:
        return _either(closed, open_)
    if sound is Sound.RIEUL and closed.startswith("으"):
        return open_
    return open_ if sound is Sound.OPEN else closed


def last_sound(name: str) -> Sound | None:
    """How the name ends when read aloud; None if that cannot be told.

    Examples:
        >>> last_sound("A/B 테스트 7").value, last_sound("CRM").value, last_sound("!!!")
        ('rieul', 'closed', None)
    """
    numeral = of_roman_numeral(name.rstrip()[-1:]) if name.strip() else None
    if numeral is not None:
        return numeral
    text = unicodedata.normalize("NFKC", name)
    while text:
        sound = _sound_at_end(text)
        if sound is not None:
            return sound
        text = _without_bracket(text) if text[-1] in _OPENING else text[:-1]
    return None


def _either(closed: str, open_: str) -> str:
    if closed.endswith(open_):
        return f"({closed.removesuffix(open_)}){open_}"
    return f"{closed}({open_})"


def _without_bracket(text: str) -> str:
    """What stands before the bracket that closes the text, or inside it if nothing does."""
    start = text.rfind(_OPENING[text[-1]])
    before = text[: max(start, 0)]
    return before if last_sound(before) else text[:-1]


def _sound_at_end(text: str) -> Sound | None:
    last = text[-1]
    sign = of_sign(last)
    if sign is not None:
        return sign
    if "가" <= last <= "힣":
        return _closed_by((ord(last) - ord("가")) % 28, rieul=8)
    if "\u1100" <= last <= "\u1112":
        return _closed_by(ord(last), rieul=0x1105)
    if "\u1161" <= last <= "\u1175":
        return Sound.OPEN
    return _latin(text)


def _closed_by(consonant: int, *, rieul: int) -> Sound:
    if not consonant:
        return Sound.OPEN
    return Sound.RIEUL if consonant == rieul else Sound.CLOSED


def _latin(text: str) -> Sound | None:
    decomposed = unicodedata.normalize("NFD", text)
    base = "".join(each for each in decomposed if not unicodedata.combining(each))
    run = _LATIN_RUN.search(base)
    if run is None:
        return None
    if unicodedata.combining(decomposed[-1]) and base[-1] in _VOWEL_LETTERS:
        return Sound.OPEN
    word = run.group()
    if _is_spelt_out(word):
        return _LETTERS.get(word[-1].lower(), Sound.OPEN)
    return _of_word(word.lower())


def _is_spelt_out(word: str) -> bool:
    """Whether it is read letter by letter: A, VIP, HTML, but not SALE."""
    no_vowel = not _VOWEL_LETTERS & set(word.lower())
    return len(word) == 1 or no_vowel or (word.isupper() and len(word) <= 3)


def _of_word(word: str) -> Sound:
    if word in _WORDS:
        return _WORDS[word]
    return next((sound for ending, sound in _WORD_ENDINGS if ending.search(word)), Sound.OPEN)


def filled(template: str, values: Mapping[str, object]) -> str:
    """A template with its values, as ``str.format`` puts them, and the particles they take.

    A template has both forms of a particle, as in ``{key!r}은(는)``; what values hold is left
    as it is.

    Examples:
        >>> filled("지표 {key!r}이(가) 없습니다", {"key": "오픈율"})
        "지표 '오픈율'이 없습니다"
    """
    found = ""
    for text, name, specification, conversion in Formatter().parse(template):
        found += _with_particles(found, text)
        if name is not None:
            shown = f"!{conversion}" if conversion else ""
            found += f"{{{name}{shown}:{specification}}}".format(**values)
    return found


def _with_particles(before: str, text: str) -> str:
    def taken(met: re.Match[str]) -> str:
        name = before + text[: met.start()]
        return particle(name[-_LOOKED_AT:], _PAIRS[met[0]])

    return _BOTH_FORMS.sub(taken, text)


class Word(str):
    """Text whose format specification is a pair of particles.

    Examples:
        >>> "{variant:이/가} 더 좋습니다.".format(variant=Word("B안"))
        'B안이 더 좋습니다.'
    """

    __slots__ = ()

    def __format__(self, pair: str) -> str:
        return attach(str(self), pair) if "/" in pair else super().__format__(pair)
