"""Pictures of KPIs that move together: well-formed, within their frame, true to their numbers."""

import re
from collections.abc import Sequence

import pytest

from experiments.reporting.pictures.canvas import Drawing
from experiments.reporting.pictures.layout import LAYOUTS, WIDE, Layout
from experiments.reporting.wording.scales import Scale
from experiments.tracking.correlations import Foretelling, LagCorrelation, LiftsOfTest
from experiments.tracking.past_tests_chart import PastFacts, past_chart
from experiments.tracking.together_chart import LagFacts, lag_chart
from tests.experiments.reporting.pictures.test_pictures import inside

SCALES = Scale("points", None, "ko"), Scale("money", "KRW", "ko")


def lags(reach: int, shown: Sequence[int] = ()) -> list[LagCorrelation]:
    return [
        LagCorrelation(n, 60, 0.9 / (1 + abs(n)), (-1.0, 1.0), 0.1, 0.01 if n in shown else 1.0)
        for n in range(-reach, reach + 1)
    ]


def lag_drawing(found: Sequence[LagCorrelation], layout: Layout = WIDE) -> Drawing | None:
    legend = {"value": "상관", "shown": "우연보다 큼"}
    return lag_chart(LagFacts("제목", "설명", "늦은 날", found, legend), layout)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("reach", [0, 2, 14, 60])
def test_every_lag_has_its_dot_and_those_beyond_chance_are_told_apart(
    reach: int, layout: Layout
) -> None:
    drawing = lag_drawing(lags(reach, shown=[0]), layout)
    assert drawing is not None
    assert inside(drawing) == []
    assert drawing.content.count("<circle") == 2 * reach + 1 + 1  # That of the legend.
    assert drawing.content.count("f-last") == 1
    assert "우연보다 큼" in drawing.content


def test_lags_without_an_answer_are_left_blank() -> None:
    nothing = [LagCorrelation(n, 3, None, None, None, None) for n in range(-1, 2)]
    assert lag_drawing(nothing) is None
    some = lag_drawing([nothing[0], *lags(0), nothing[2]])
    assert some is not None
    assert some.content.count("<circle") == 2
    assert "우연보다 큼" not in some.content


def past(count: int, slope: float | None, intercept: float = 0.0) -> Foretelling:
    tests = tuple(
        LiftsOfTest(f"t{n}", "b", 0.01 * (n - 2), 0.004, 300.0 * (n - 2), 90.0)
        for n in range(count)
    )
    return Foretelling(tests, (), slope, (0, 1), 0.01, count, 0.9, None, intercept)


def past_drawing(found: Foretelling, layout: Layout = WIDE) -> Drawing | None:
    legend = {"value": "테스트", "line": "직선"}
    return past_chart(PastFacts("제목", "설명", ("앞", "뒤"), SCALES, found, legend), layout)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("slope", [None, 0.0, 30_000.0, 1e9, -30_000.0])
def test_every_test_has_its_dot_and_the_line_stays_within(
    slope: float | None, layout: Layout
) -> None:
    drawing = past_drawing(past(7, slope), layout)
    assert drawing is not None
    assert inside(drawing) == []
    assert drawing.content.count("<circle") == 7 + 1
    assert drawing.content.count('class="f-line"') == (0 if slope is None else 2)
    assert not re.search(r"nan|inf\b|None", drawing.content)


def test_a_line_outside_of_the_tests_is_not_drawn() -> None:
    drawing = past_drawing(past(7, 0.0, intercept=1e9))
    assert drawing is not None
    assert drawing.content.count('class="f-line"') == 1


def test_one_test_is_no_picture() -> None:
    assert past_drawing(past(1, None)) is None
