"""Pictures of a report as SVG: forest plot, values, time line, stages, steps of a funnel."""

from collections.abc import Callable

from experiments.errors import Conflict
from experiments.reporting.figures import Figures
from experiments.reporting.pictures.canvas import Drawing
from experiments.reporting.pictures.forest_drawing import forest
from experiments.reporting.pictures.funnel import funnel
from experiments.reporting.pictures.layout import LAYOUTS, PAPER, WIDE, Layout
from experiments.reporting.pictures.rates import rates
from experiments.reporting.pictures.shares import shares
from experiments.reporting.pictures.steps import steps
from experiments.reporting.pictures.timeline import timeline
from experiments.reporting.report import Report

__all__ = [
    "LAYOUTS", "PAPER", "PICTURES", "WIDE", "Drawing", "NothingToDraw", "drawn", "in_both_layouts",
]  # fmt: skip

PICTURES: dict[str, Callable[[Report, Figures, Layout], Drawing | None]] = {
    "forest": forest,
    "rates": rates,
    "timeline": timeline,
    "funnel": funnel,
    "steps": steps,
    "shares": shares,
}


class NothingToDraw(Conflict):
    """The picture needs numbers that the report does not have."""

    template = "there is nothing to draw yet: the report has no numbers for the picture {name!r}"


def drawn(name: str, report: Report, figures: Figures, layout: Layout = WIDE) -> Drawing:
    """One picture of a report.

    Args:
        name: One of ``PICTURES``.
        report: As analysed.
        figures: Language and time zone of whoever looks.
        layout: For a wide page or for a phone.

    Raises:
        NothingToDraw: If the report lacks what the picture shows.
    """
    drawing = PICTURES[name](report, figures, layout)
    if drawing is None:
        raise NothingToDraw(name=name)
    return drawing


def in_both_layouts(name: str, report: Report, figures: Figures) -> list[Drawing]:
    """A picture for a page: wide and narrow; nothing where there is nothing to draw."""
    pictures = (PICTURES[name](report, figures, layout) for layout in LAYOUTS)
    return [drawing for drawing in pictures if drawing is not None]
