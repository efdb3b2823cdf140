"""How two KPIs move together, as a picture: the correlation at each lag, with its range."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.reporting.pictures.canvas import Canvas, Drawing
from experiments.reporting.pictures.layout import Layout, Sign, put_legend
from experiments.tracking.correlations import LagCorrelation

_TOP, _HEIGHT, _FOOT, _LEFT = 12.0, 200.0, 52.0, 44.0
_TICKS = {"-1": -1.0, "-0.5": -0.5, "0": 0.0, "+0.5": 0.5, "+1": 1.0}
_FEWEST_PIXELS = 36


@dataclass(frozen=True)
class LagFacts:
    """What is drawn.

    Attributes:
        title, description, axis: In words; the last stands below the lags.
        lags: In order.
        legend: Words for ``value`` and ``shown``.
    """

    title: str
    description: str
    axis: str
    lags: Sequence[LagCorrelation]
    legend: dict[str, str]


@dataclass(frozen=True)
class _Frame:
    right: float
    first: int
    last: int

    def x(self, lag: int) -> float:
        step = (self.right - _LEFT) / (self.last - self.first + 1)
        return _LEFT + (lag - self.first + 0.5) * step

    def y(self, correlation: float) -> float:
        return _TOP + (1 - correlation) / 2 * _HEIGHT


def lag_chart(facts: LagFacts, layout: Layout) -> Drawing | None:
    """Draw it; None where no lag has an answer.

    Args:
        facts: What is drawn.
        layout: For a wide page or for a phone.
    """
    if not any(each.correlation is not None for each in facts.lags):
        return None
    canvas = Canvas()
    frame = _Frame(float(layout.width - 8), facts.lags[0].lag, facts.lags[-1].lag)
    _put_axes(canvas, facts, frame)
    for each in facts.lags:
        _put_lag(canvas, each, frame)
    signs = [Sign("value", facts.legend["value"])]
    signs += [Sign("variant", facts.legend["shown"])] if any(e.shown for e in facts.lags) else []
    height = put_legend(canvas, layout, signs, _TOP + _HEIGHT + _FOOT)
    return Drawing(
        layout.name, layout.width, height, canvas.content, facts.title, facts.description
    )


def _put_axes(canvas: Canvas, facts: LagFacts, frame: _Frame) -> None:
    for label, value in _TICKS.items():
        kind = "f-grid" if value else "f-zero"
        canvas.line(kind, _LEFT, frame.y(value), frame.right, frame.y(value))
        canvas.text(_LEFT - 8, frame.y(value) + 4, label.replace("-", "−"), "f-tick", "end")
    bottom = _TOP + _HEIGHT
    canvas.line("f-grid", frame.x(0), _TOP, frame.x(0), bottom)
    apart = next(n for n in (1, 2, 5, 7, 10, 20, 30, 60) if _fits(frame, n))
    for each in facts.lags:
        if each.lag % apart == 0:
            said = f"{each.lag:+d}".replace("-", "−") if each.lag else "0"
            canvas.text(frame.x(each.lag), bottom + 19, said, "f-tick", "middle")
    canvas.text((_LEFT + frame.right) / 2, bottom + 38, facts.axis, "f-sub", "middle")


def _fits(frame: _Frame, apart: int) -> bool:
    return apart * (frame.x(1) - frame.x(0)) >= _FEWEST_PIXELS or apart == max(frame.last, 60)


def _put_lag(canvas: Canvas, found: LagCorrelation, frame: _Frame) -> None:
    if found.correlation is None or found.interval is None:
        return
    x, (lower, upper) = frame.x(found.lag), found.interval
    canvas.line("f-whisker", x, frame.y(lower), x, frame.y(upper))
    canvas.dot("f-last" if found.shown else "f-dot", x, frame.y(found.correlation), 4.0)
