"""The forest plot, drawn."""

from experiments.reporting.figures import Figures, lift_of
from experiments.reporting.goal_facts import Comparison, Goal
from experiments.reporting.pictures.canvas import Canvas, Drawing
from experiments.reporting.pictures.forest import Bar, Panel, Plot, draw
from experiments.reporting.pictures.layout import Layout, Sign, put_legend
from experiments.reporting.report import Report
from experiments.reporting.wording import say_withheld
from experiments.reporting.words import word


def forest(report: Report, figures: Figures, layout: Layout) -> Drawing | None:
    """The plot drawn; None where nothing can be compared."""
    plot = draw(report, figures, layout)
    if not plot.panels:
        return None
    canvas = Canvas()
    for place, panel in enumerate(plot.panels):
        with canvas.group():
            if place:
                canvas.line("f-rule", 0, panel.y, layout.width, panel.y)
            _put_panel(canvas, layout, panel)
    height = put_legend(canvas, layout, _legend(report, plot, figures.language), plot.height)
    return Drawing(
        layout=layout.name,
        width=layout.width,
        height=height + 4,
        content=canvas.content,
        title=word("forest", figures.language),
        description=describe(report, figures),
    )


def describe(report: Report, figures: Figures) -> str:
    """The drawing in words, for those who cannot see it."""
    return ". ".join(
        f"{figures.short_name(goal)}, {entry.name}: {_row(report, figures, goal, entry)}"
        for goal in report.goals
        for entry in goal.comparisons
    )


def _row(report: Report, figures: Figures, goal: Goal, entry: Comparison) -> str:
    if report.withheld:
        return say_withheld(report, figures.language)
    if entry.difference is None:
        return figures.gap(entry)
    between = figures.between(goal, lift_of(report, entry))
    return f"{figures.difference(goal, entry.difference)} ({between})"


def _put_panel(canvas: Canvas, layout: Layout, panel: Panel) -> None:
    canvas.text(0, panel.y + 26, panel.title, "f-title")
    canvas.text(layout.width, panel.y + 26, panel.note, "f-sub", "end")
    for top, bottom in panel.stripes:
        if panel.band:
            canvas.box("f-band", panel.band[0], top, panel.band[1] - panel.band[0], bottom - top)
        for tick in panel.ticks:
            kind = "f-zero" if tick.label == "0" else "f-grid"
            canvas.line(kind, tick.x, top, tick.x, bottom)
        for mark in panel.marks:
            canvas.line(f"f-{mark.kind}", mark.x, top, mark.x, bottom)
    for tick in panel.ticks:
        canvas.text(tick.x, panel.bottom + 18, tick.label, "f-tick", "middle")
    for bar in panel.bars:
        with canvas.group(bar.tone):
            _put_words(canvas, layout, bar)
            _put_bar(canvas, bar)


def _put_words(canvas: Canvas, layout: Layout, bar: Bar) -> None:
    right = layout.width
    if layout.words_above:
        canvas.text(0, bar.y - 39, bar.name, whole=bar.full_name)
        canvas.text(right, bar.y - 39, bar.said, "f-value", "end")
        canvas.text(right, bar.y - 21, bar.between, "f-sub", "end")
        return
    canvas.text(0, bar.y + 5, bar.name, whole=bar.full_name)
    canvas.text(right, bar.y - (3 if bar.between else -5), bar.said, "f-value", "end")
    canvas.text(right, bar.y + 15, bar.between, "f-sub", "end")


def _put_bar(canvas: Canvas, bar: Bar) -> None:
    y = bar.y
    if bar.outer:
        left, right = bar.outer
        canvas.line("f-whisker", left, y, right, y)
        _put_end(canvas, left, y, inwards=7, open_ended=bar.open_left)
        _put_end(canvas, right, y, inwards=-7, open_ended=bar.open_right)
    if bar.inner:
        canvas.line("f-bar", bar.inner[0], y, bar.inner[1], y)
    if bar.dot is not None:
        canvas.dot("f-dot", bar.dot, y)


def _put_end(canvas: Canvas, x: float, y: float, *, inwards: int, open_ended: bool) -> None:
    """A limit, or the arrow of a range that has none."""
    if open_ended:
        outwards = -1 if inwards > 0 else 1
        canvas.path("f-arrow", f"M{x + outwards} {y} l{inwards} -5 v10 z")
    else:
        canvas.line("f-whisker", x, y - 5, x, y + 5)


def _legend(report: Report, plot: Plot, language: str) -> list[Sign]:
    """The signs that the drawing uses."""
    kinds = {mark.kind for panel in plot.panels for mark in panel.marks}
    bars = [bar for panel in plot.panels for bar in panel.bars]
    used = {
        "difference": report.final,
        "thin": report.final and any(bar.inner != bar.outer for bar in bars),
        "so_far": not report.final,
        "band": any(panel.band for panel in plot.panels),
        "target": "target" in kinds,
        "limit": "limit" in kinds,
    }
    return [Sign(kind, word(kind, language)) for kind, there in used.items() if there]
