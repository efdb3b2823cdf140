"""The primary KPI by day: planned looks from the start on, and a gap where there are no days."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.measurement.session import open_session
from experiments.registry.plan import Plan
from experiments.reporting.pictures import PICTURES, WIDE
from experiments.reporting.report import Report, State, Timeline
from experiments.reporting.timeline import NOT_BY_DAY, timeline_of
from experiments.reporting.wording import say_looks
from tests.experiments.measurement.ledger import Row, event, exposure, replica_of
from tests.experiments.measurement.test_measure import opens, request
from tests.experiments.reporting.factories import Case, draft_of, example
from tests.experiments.reporting.pictures.test_pictures import FIGURES

MEDIAN = KpiDocument(
    "opens", Text("오픈 수", "Opens"), "quantile",
    Formula("open", "count", 72, quantile=Decimal("0.5")), "count",
)  # fmt: skip


def found(folder: Path, kpi: KpiDocument, rows: list[Row], looks: int = 4) -> Timeline | None:
    plan = Plan(looks=looks, units_planned=100)
    draft = replace(draft_of(Case()), shape="triggered", plan=plan)
    with open_session(replica_of(folder / "replica", rows), 1) as session:
        return timeline_of(session, request(kpi), draft, "Asia/Seoul")


def told(timeline: Timeline | None, language: str) -> tuple[str, ...]:
    report: Report = replace(example(State.TOO_EARLY), timeline=timeline)
    for draw in PICTURES.values():
        draw(report, FIGURES[language], WIDE)
    return say_looks(report, language)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_before_anybody_is_counted_the_planned_looks_are_told(
    tmp_path: Path, language: str
) -> None:
    timeline = found(tmp_path, opens(), [])
    assert timeline is not None
    assert (timeline.points, timeline.gap) == ((), None)
    assert [(look.number, look.share, look.at) for look in timeline.looks] == [
        (1, 0.25, None), (2, 0.5, None), (3, 0.75, None), (4, 1.0, None),
    ]  # fmt: skip
    said = told(timeline, language)
    assert len(said) == 4
    assert "25%" in said[0]
    assert found(tmp_path / "none", opens(), [], looks=1) is None


@pytest.mark.parametrize(
    ("language", "said"), [("ko", "날짜별로 더할 수 없는 지표라"), ("en", "no planned look")]
)
def test_what_cannot_be_added_up_by_day_says_so(tmp_path: Path, language: str, said: str) -> None:
    rows = [exposure("1", "u", "a"), exposure("2", "v", "b"), event("3", "u")]
    timeline = found(tmp_path, MEDIAN, rows)
    assert timeline == Timeline("opens", (), (), gap=NOT_BY_DAY)
    [sentence] = told(timeline, language)
    assert said in sentence
