"""SVG, written by hand: shapes with a class each, so that a style sheet gives the colours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

# Letters that XML cannot hold, whatever a name is made of.
_CONTROLS = (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20))
_NOT_XML = dict.fromkeys((*_CONTROLS, *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd")
_HALF_WIDTH = 0.56


@dataclass(frozen=True)
class Drawing:
    """A picture in one layout.

    Attributes:
        layout: ``wide`` or ``narrow``.
        width, height: In its own units, about one CSS pixel each.
        content: What stands within the ``svg`` element.
        title: What it shows.
        description: The same in words, for those who cannot see it.
    """

    layout: str
    width: float
    height: float
    content: str
    title: str
    description: str

    def element(self, name: str) -> str:
        """The ``svg`` element for a page; ``name`` makes its ids its own."""
        ids = f"{name}-{self.layout}"
        return (
            f'<svg class="{self.layout}" viewBox="0 0 {number(self.width)} {number(self.height)}" '
            f'role="img" aria-labelledby="{ids}-title {ids}-desc">'
            f'<title id="{ids}-title">{xml(self.title)}</title>'
            f'<desc id="{ids}-desc">{xml(self.description)}</desc>'
            f"{self.content}</svg>"
        )


class Canvas:
    """Collects shapes."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    @property
    def content(self) -> str:
        """Everything drawn so far."""
        return "\n".join(self._parts)

    def line(self, kind: str, x1: float, y1: float, x2: float, y2: float) -> None:
        """A straight line."""
        self._put("line", kind, x1=x1, y1=y1, x2=x2, y2=y2)

    def box(self, kind: str, x: float, y: float, width: float, height: float) -> None:
        """A rectangle."""
        self._put("rect", kind, x=x, y=y, width=max(0.0, width), height=max(0.0, height))

    def dot(self, kind: str, x: float, y: float, radius: float = 5.5) -> None:
        """A circle."""
        self._put("circle", kind, cx=x, cy=y, r=radius)

    def path(self, kind: str, steps: str) -> None:
        """Any other shape; ``steps`` as SVG writes them."""
        self._parts.append(f'<path class="{kind}" d="{steps}"/>')

    def text(
        self, x: float, y: float, said: str, kind: str = "", anchor: str = "start", whole: str = ""
    ) -> None:
        """A line of text; ``whole`` is what it is short for."""
        if not said:
            return
        of_class = f' class="{kind}"' if kind else ""
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        more = f"<title>{xml(whole)}</title>" if whole and whole != said else ""
        where = f'x="{number(x)}" y="{number(y)}"'
        self._parts.append(f"<text{of_class} {where}{at}>{xml(said)}{more}</text>")

    @contextmanager
    def group(self, kind: str = "") -> Iterator[None]:
        """What is drawn meanwhile is one thing."""
        self._parts.append(f'<g class="{kind}">' if kind else "<g>")
        yield
        self._parts.append("</g>")

    def _put(self, name: str, kind: str, **places: float) -> None:
        written = " ".join(f'{key}="{number(place)}"' for key, place in places.items())
        self._parts.append(f'<{name} class="{kind}" {written}/>')


def number(value: float) -> str:
    """A place on paper, to a tenth.

    Examples:
        >>> number(12.0), number(3.14159), number(-0.01)
        ('12', '3.1', '0')
    """
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def xml(text: str) -> str:
    """The text as XML may hold it.

    Examples:
        >>> xml('<b> & "x"')
        '&lt;b&gt; &amp; &quot;x&quot;'
    """
    return escape(text.translate(_NOT_XML))


def ems(text: str) -> float:
    """How wide the text is, about, in widths of a Korean letter."""
    return sum(1.0 if ord(letter) > 0x1100 else _HALF_WIDTH for letter in text)


def shortened(name: str, room: float) -> str:
    """The name, cut where it has no room.

    Args:
        name: On one line.
        room: In widths of a Korean letter; a Latin one takes about half.

    Examples:
        >>> shortened("B안", 11), shortened("이름을 부르는 제목으로 보내기", 8)
        ('B안', '이름을 부르는…')
    """
    line = " ".join(name.split())
    if ems(line) <= room:
        return line
    kept, left = "", room - 1.0
    for letter in line:
        left -= ems(letter)
        if left < 0:
            break
        kept += letter
    return kept.rstrip() + "…"
