"""Where things stand on a picture: two layouts, one for a wide page and one for a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from experiments.reporting.pictures.canvas import Canvas, ems


@dataclass(frozen=True)
class Layout:
    """Sizes in the drawing's own units, about one CSS pixel each.

    Attributes:
        left, right: Where the scale begins and ends.
        words_above: Whether a row's words stand above its bar rather than beside it.
        label_ems: Room for a variant's name, in widths of a Korean letter.
    """

    name: str
    width: int
    left: int
    right: int
    row: int
    head: int
    foot: int
    words_above: bool
    label_ems: float


WIDE = Layout("wide", 920, 190, 640, 46, 44, 40, words_above=False, label_ems=12)
NARROW = Layout("narrow", 340, 12, 328, 80, 44, 40, words_above=True, label_ems=11)
LAYOUTS = (WIDE, NARROW)
# On A4, where the letters of the wide one would be too small.
PAPER = Layout("paper", 700, 150, 480, 44, 42, 38, words_above=False, label_ems=9)


@dataclass(frozen=True)
class Tick:
    """A place on the scale and its label."""

    x: float
    label: str


@dataclass(frozen=True)
class Sign:
    """An entry of the legend: a sign and what it means."""

    kind: str
    label: str


def step_within(reach: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that fits the reach.

    Examples:
        >>> step_within(0.034), step_within(7.2), step_within(0.011)
        (0.02, 5.0, 0.01)
    """
    power = 10.0 ** floor(log10(reach))
    factor = max((factor for factor in (1, 2, 5) if factor * power <= reach), default=1)
    return round(factor * power, 12)


_SIGN, _AFTER_SIGN, _BETWEEN, _LINE, _EM = 28.0, 7.0, 24.0, 22.0, 12.5


def put_legend(canvas: Canvas, layout: Layout, signs: Sequence[Sign], y: float) -> float:
    """Draw the legend from ``y`` down.

    Returns:
        Where it ends.
    """
    x = 0.0
    for sign in signs:
        wide = _SIGN + _AFTER_SIGN + ems(sign.label) * _EM
        if x and x + wide > layout.width:
            x, y = 0.0, y + _LINE
        _put_sign(canvas, sign.kind, x, y + 9)
        canvas.text(x + _SIGN + _AFTER_SIGN, y + 13, sign.label, "f-sub")
        x += wide + _BETWEEN
    return y + _LINE if signs else y


def _put_sign(canvas: Canvas, kind: str, x: float, y: float) -> None:
    match kind:
        case "difference" | "value" | "so_far" | "thin":
            canvas.line("f-whisker", x + 1, y, x + 27, y)
            if kind == "difference":
                canvas.line("f-bar", x + 6, y, x + 22, y)
            if kind != "thin":
                canvas.dot("f-dot", x + 14, y, 4.5)
        case "value_alone":
            canvas.dot("f-dot", x + 14, y, 4.5)
        case "band" | "always":
            canvas.box(f"f-{kind}", x + 2, y - 7, 24, 14)
        case "line":
            canvas.line("f-line", x + 1, y, x + 27, y)
        case "control" | "variant":
            canvas.box("f-step" if kind == "variant" else "f-step-control", x + 2, y - 5, 24, 10)
        case _:
            canvas.line(f"f-{kind}", x + 14, y - 7, x + 14, y + 7)
