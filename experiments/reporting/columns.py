"""Text in columns of a terminal, where Korean letters take two.

Letters of ambiguous width count as one column. Nothing here can move the cursor: control
and format characters in names are dropped.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from experiments.reporting.goal_facts import Range

WIDTH = 100
_NARROWEST = 4
_WIDE = frozenset("WF")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NO_WIDTH = frozenset({"Mn", "Me"})


def clean(text: str) -> str:
    r"""The text on one line, without anything that a terminal would obey.

    Examples:
        >>> clean("A안\x1b[31m\n말")
        'A안 [31m 말'
    """
    normal = unicodedata.normalize("NFC", text)
    kept = (" " if unicodedata.category(each) in _UNPRINTABLE else each for each in normal)
    return " ".join("".join(kept).split())


def width(text: str) -> int:
    """Columns that the text takes.

    Examples:
        >>> width("A안"), width("17.7%")
        (3, 5)
    """
    return sum(_width(letter) for letter in text)


def padded(text: str, columns: int, *, right: bool = False) -> str:
    """The text with spaces up to that many columns, before it if ``right``."""
    spaces = " " * max(0, columns - width(text))
    return spaces + text if right else text + spaces


def cut(text: str, columns: int) -> str:
    """As much of the text as fits, with a mark where some is missing.

    Examples:
        >>> cut("내일 끝나요", 8), cut("A안", 8)
        ('내일 끝~', 'A안')
    """
    if width(text) <= columns:
        return text
    kept, left = "", columns - 1
    for letter in text:
        left -= _width(letter)
        if left < 0:
            break
        kept += letter
    return f"{kept}~"


def wrapped(text: str, indent: int = 0, hanging: int = 2, columns: int = WIDTH) -> list[str]:
    """The text on as many lines as it needs, broken at spaces, or anywhere if there are none.

    Args:
        text: One paragraph.
        indent: Spaces before every line.
        hanging: Further spaces before every line but the first.
        columns: That no line is wider than.
    """
    lines: list[str] = []
    line = ""
    for word in _pieces(clean(text), columns - indent - hanging):
        if line and width(line) + 1 + width(word) > columns - indent - (hanging if lines else 0):
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [" " * (indent + (hanging if place else 0)) + each
            for place, each in enumerate([*lines, line])]  # fmt: skip


def table(rows: Sequence[Sequence[str]], indent: int = 2, columns: int = WIDTH) -> list[str]:
    """Rows in columns: the first to the left, and cut where there is no room, the rest right.

    Rows that do not fit even so are written as lines.
    """
    widths = [max(width(row[place]) for row in rows) for place in range(len(rows[0]))]
    room = columns - indent - sum(each + 2 for each in widths[1:])
    if room < _NARROWEST:
        return [line for row in rows for line in wrapped("  ".join(row), indent, columns=columns)]
    widths[0] = min(widths[0], room)
    lines = []
    for first, *rest in rows:
        cells = [
            padded(each, wide, right=True) for each, wide in zip(rest, widths[1:], strict=True)
        ]
        lines.append(" " * indent + "  ".join([padded(cut(first, widths[0]), widths[0]), *cells]))
    return [line.rstrip() for line in lines]


def _pieces(text: str, columns: int) -> Iterator[str]:
    """The words, those wider than a line in parts."""
    for word in text.split():
        part = ""
        for letter in word:
            if width(part) + _width(letter) > columns:
                yield part
                part = ""
            part += letter
        yield part


def _width(letter: str) -> int:
    if unicodedata.category(letter) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in _WIDE else 1


class Forest:
    """Intervals on one axis that always holds 0.

    Args:
        rows: The difference of each comparison and its range.
        columns: Of the axis.

    Examples:
        >>> forest = Forest([(2.0, Range(1.0, 3.0)), (0.0, Range(-1.0, None))], columns=21)
        >>> for line in [*forest.bars(), forest.axis("-1", "+3")]:
        ...     print(line)
             |    [----o----]
        [----o-------------->
        -1   0             +3
    """

    def __init__(self, rows: Sequence[tuple[float, Range]], columns: int = 61) -> None:
        self._rows, self._columns = rows, columns
        limits = [end for _, limits in rows for end in (limits.lower, limits.upper)]
        known = [0.0, *(value for value, _ in rows), *(end for end in limits if end is not None)]
        self.least, self.most = min(known), max(known)

    @property
    def zero(self) -> int:
        """The column of no difference, with room for what lies on either side of it."""
        first = 1 if self.least < 0 else 0
        last = self._columns - (2 if self.most > 0 else 1)
        return min(max(self._at(0.0), first), max(first, last))

    def bars(self) -> list[str]:
        """One line for each row: ``[``, ``]`` are limits, ``o`` the difference, ``|`` is 0."""
        return [self._bar(value, limits).rstrip() for value, limits in self._rows]

    def axis(self, low: str, high: str) -> str:
        """The line below the bars: 0, and the ends of the axis where there is room for them."""
        line = low if self.least < 0 and width(low) < self.zero else ""
        line = f"{padded(line, self.zero)}0"
        room = self._columns - width(line) - 1
        fits = self.most > 0 and width(high) <= room
        return line + padded(high, room + 1, right=True) if fits else line

    def _bar(self, value: float, limits: Range) -> str:
        start = 0 if limits.lower is None else self._beside_zero(limits.lower)
        end = self._columns - 1 if limits.upper is None else self._beside_zero(limits.upper)
        cells = [" "] * self._columns
        cells[start : end + 1] = "-" * (end + 1 - start)
        cells[self.zero] = "|"
        cells[start] = "<" if limits.lower is None else "["
        cells[end] = ">" if limits.upper is None else "]"
        cells[min(max(self._beside_zero(value), start), end)] = "o"
        return "".join(cells)

    def _beside_zero(self, value: float) -> int:
        """The value's column, on its own side of 0 however near it is."""
        column = self._at(value)
        if value > 0:
            return max(column, min(self.zero + 1, self._columns - 1))
        return min(column, self.zero - 1) if value < 0 else self.zero

    def _at(self, value: float) -> int:
        span = self.most - self.least
        if not span:
            return self._columns // 2
        return round((value - self.least) / span * (self._columns - 1))
