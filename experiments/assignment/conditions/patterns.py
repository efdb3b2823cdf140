"""Regular expressions that Python and JavaScript read alike, and that end in good time."""

import re
import warnings

LONGEST_PATTERN = 256
_PIECE = re.compile(
    r"""
    (?P<escape>\\.)
    | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
    | (?P<open>\((?:\?(?:[:=!]|<[=!]))?)
    | (?P<close>\))
    | (?P<repeat>[*+?]|\{\d+(?:,\d*)?\})
    | (?P<either>\|)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# Escapes that both read alike; \xHH and \uHHHH are single pieces for all that matters here.
_ESCAPE = re.compile(r"\\[^a-zA-Z0]|\\[bBdDfnrsStvwWxu]", re.DOTALL)
# What Python may one day read as operations on sets.
_SET_OPERATION = re.compile(r"\[|--|&&|~~|\|\|")
_AT_MOST = re.compile(r"\{\d+,(\d+)\}|\{(\d+)\}")
_FEW = 4


def fault_of(pattern: str) -> str | None:
    r"""What is expected of the pattern and does not hold; None if it can be used.

    Nested repetitions are refused because some texts would keep them busy for years.

    Examples:
        >>> fault_of(r"^(Mobile|Tablet)\b"), fault_of("(a+)+$")
        (None, 'no repetition of what repeats')
    """
    if not 0 < len(pattern) <= LONGEST_PATTERN:
        return f"1 to {LONGEST_PATTERN} characters"
    if not _compiles(pattern):
        return "a regular expression"
    return _Reading(pattern).fault()


def _compiles(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


class _Reading:
    """One pass over the pieces of a pattern that compiles."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._before = "open"
        # Of each group that is open: whether what it holds can match in several ways.
        self._varies = [False]
        self._closed_varies = False

    def fault(self) -> str | None:
        for piece in _PIECE.finditer(self._pattern):
            kind = str(piece.lastgroup)
            found = self._fault_of(kind, piece.group())
            if found is not None:
                return found
            self._before = kind
        return None

    def _fault_of(self, kind: str, text: str) -> str | None:
        match kind:
            case "escape" if not _ESCAPE.fullmatch(text):
                return "no escape that JavaScript reads in another way"
            case "set" if _SET_OPERATION.search(text[1:-1]):
                return "no set within a set"
            case "other" if text == "{":
                return "no brace but around a number of repetitions"
            case "open":
                self._varies.append(False)
            case "close":
                self._closed_varies = self._varies.pop()
                self._varies[-1] |= self._closed_varies
            case "either":
                self._varies[-1] = True
            case "repeat":
                return self._fault_of_repeat(text)
        return None

    def _fault_of_repeat(self, text: str) -> str | None:
        if self._before == "open":
            return "no group that only Python knows"
        if self._before == "repeat":
            return None if text == "?" else "no possessive repetition"
        if self._before == "close" and self._closed_varies and _is_many(text):
            return "no repetition of what repeats"
        self._varies[-1] |= text != "?" and not text.strip("{}").isdigit()
        return None


def _is_many(repeat: str) -> bool:
    bounded = _AT_MOST.fullmatch(repeat)
    most = int(bounded[1] or bounded[2]) if bounded else None
    return repeat != "?" and (most is None or most > _FEW)
