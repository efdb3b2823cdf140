"""A picture as a file of its own: SVG with its style, title and origin."""

import re

from experiments.reporting.figures import Figures
from experiments.reporting.pictures.canvas import Canvas, Drawing, number, shortened, xml
from experiments.reporting.pictures.style import COLOURS, rules_of_a_file
from experiments.reporting.report import Report
from experiments.reporting.wording import say_withheld
from experiments.reporting.words import word

_MARGIN, _HEAD, _FOOT = 24.0, 64.0, 30.0
_EM = 17.0
# Of a regular family there is a bold weight, and seldom one in between.
_BOLD = re.compile(r"font-weight: 6\d0")


def standalone(drawing: Drawing, report: Report, figures: Figures) -> str:
    """The picture as an SVG file, with the test's name above and the moment below."""
    canvas, width = Canvas(), drawing.width
    canvas.text(0, 18, shortened(report.name, width / _EM), "f-head", whole=report.name)
    canvas.text(0, 42, drawing.title, "f-title")
    note = say_withheld(report, figures.language)
    if not note and not report.final:
        note = word("may_change", figures.language)
    canvas.text(width, 42, note, "f-sub", "end")
    below = drawing.height + _HEAD + _FOOT - 8
    moment = figures.moment(report.as_of)
    canvas.text(0, below, f"{word('as_of', figures.language)} {moment} · Truelift", "f-sub")
    whole, high = width + 2 * _MARGIN, drawing.height + _HEAD + _FOOT + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" width="{number(whole)}" '
        f'height="{number(high)}" viewBox="0 0 {number(whole)} {number(high)}" '
        f'lang="{figures.language}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{xml(f"{report.name}: {drawing.title}")}</title>\n'
        f'<desc id="desc">{xml(drawing.description)}</desc>\n'
        f"<style>{style_of_a_file()}</style>\n"
        f'<rect width="100%" height="100%" fill="{COLOURS["surface"]}"/>\n'
        f'<g transform="translate({number(_MARGIN)} {number(_MARGIN)})">\n{canvas.content}\n'
        f'<g transform="translate(0 {number(_HEAD)})">\n{drawing.content}\n</g>\n</g>\n</svg>\n'
    )


def embedded(drawing: Drawing) -> str:
    """The picture alone, for a document that has its own headings."""
    width, height = number(drawing.width), number(drawing.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}">\n'
        f"<style>{style_of_a_file()}</style>\n{drawing.content}\n</svg>\n"
    )


def style_of_a_file() -> str:
    """The style sheet with weights that every font has."""
    rules = _BOLD.sub("font-weight: 700", rules_of_a_file())
    return rules + ".picture .f-head { font-size: 17px; font-weight: 700; }\n"
