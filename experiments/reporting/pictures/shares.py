"""Shares over the batches of a test whose shares follow its results."""

from collections.abc import Sequence

from experiments.reporting.adaptive.facts import BatchFact
from experiments.reporting.figures import Figures
from experiments.reporting.pictures.canvas import Canvas, Drawing, shortened
from experiments.reporting.pictures.layout import Layout, Sign, put_legend
from experiments.reporting.report import Report
from experiments.reporting.wording.numbers import count, share
from experiments.reporting.words import word

_HEAD, _HEIGHT, _GAP, _FOOT, _TITLE = 22.0, 74.0, 16.0, 20.0, 24.0
_LABEL = 62.0
_MOST_LABELS = {"wide": 10, "narrow": 5, "paper": 8}


def shares(report: Report, figures: Figures, layout: Layout) -> Drawing | None:
    """A row of bars for each variant, a bar for each batch; None before the second batch."""
    fact = report.adaptive
    if fact is None or len(fact.batches) < 2:
        return None
    canvas, y = Canvas(), 4.0
    for key, name in report.variants.items():
        y = _put_variant(canvas, report, key, name, fact.batches, layout, y)
    _put_dates(canvas, fact.batches, figures, layout, y)
    y += _FOOT
    canvas.text(0, y + 14, word("shares_note", figures.language), "f-sub")
    end = put_legend(canvas, layout, [Sign("control", word("control", figures.language))], y + 26)
    return Drawing(
        layout=layout.name,
        width=layout.width,
        height=end + 4,
        content=canvas.content,
        title=word("shares", figures.language),
        description=_described(report, fact.batches, figures),
    )


def _put_variant(
    canvas: Canvas,
    report: Report,
    key: str,
    name: str,
    batches: Sequence[BatchFact],
    layout: Layout,
    y: float,
) -> float:
    """The bars of one variant; the whole height is all of the customers."""
    left, right = _span(layout)
    top = y + (_TITLE if layout.words_above else 0)
    words = shortened(name, layout.label_ems)
    first_and_last = f"{share(batches[0].shares[key])} → {share(batches[-1].shares[key])}"
    if layout.words_above:
        canvas.text(0, y + 16, words, "f-title", whole=name)
        canvas.text(layout.width, y + 16, first_and_last, "f-sub", "end")
    else:
        canvas.text(0, top + _HEIGHT / 2, words, "f-title", whole=name)
        canvas.text(right + 14, top + _HEIGHT / 2, first_and_last, "f-sub")
    kind = "f-step-control" if key == report.control else "f-step"
    pitch = (right - left) / len(batches)
    room = pitch * (0.8 if pitch > 5 else 1.0)
    for place, batch in enumerate(batches):
        height = batch.shares[key] * _HEIGHT
        canvas.box(kind, left + place * pitch, top + _HEIGHT - height, room, height)
    canvas.line("f-rule", left, top + _HEIGHT, right, top + _HEIGHT)
    return top + _HEIGHT + _GAP


def _put_dates(
    canvas: Canvas, batches: Sequence[BatchFact], figures: Figures, layout: Layout, y: float
) -> None:
    left, right = _span(layout)
    pitch = (right - left) / len(batches)
    every = -(-len(batches) // _MOST_LABELS[layout.name])
    for place in range(0, len(batches), every):
        day = figures.short_day(batches[place].opened_at)
        if place and left + place * pitch + _LABEL > right:
            canvas.text(right, y + 4, day, "f-sub", "end")
        else:
            canvas.text(left + place * pitch, y + 4, day, "f-sub")


def _span(layout: Layout) -> tuple[float, float]:
    return (0.0, float(layout.width)) if layout.words_above else (layout.left, layout.right + 60.0)


def _described(report: Report, batches: Sequence[BatchFact], figures: Figures) -> str:
    return ". ".join(
        f"{figures.short_day(batch.opened_at)}: "
        + ", ".join(
            f"{report.variants.get(key, key)} {share(part)} ({count(batch.units[key])})"
            for key, part in batch.shares.items()
        )
        for batch in batches
    )
