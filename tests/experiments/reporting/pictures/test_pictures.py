"""Pictures in every state and both languages: well-formed, described, within their frame."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from experiments.reporting.figures import Figures
from experiments.reporting.goal_depth import steps_of
from experiments.reporting.goal_facts import Range
from experiments.reporting.pictures import LAYOUTS, PAPER, PICTURES, NothingToDraw, drawn
from experiments.reporting.pictures.canvas import Drawing, ems
from experiments.reporting.pictures.layout import NARROW, WIDE, Layout
from experiments.reporting.pictures.standalone import standalone
from experiments.reporting.pictures.style import COLOURS, RULES
from experiments.reporting.report import Look, Report, State, Timeline, TimelinePoint
from experiments.reporting.wording import say_withheld
from stats.samples import BinomialSample
from tests.experiments.reporting.factories import AFTER, CASES, THREE_ARMS, VARIATIONS, report_of

SVG = "{http://www.w3.org/2000/svg}"
REPORTS = {
    **{state.value: report_of(case) for state, case in CASES.items()},
    **{name: report_of(case) for name, case in VARIATIONS.items()},
}
FIGURES = {"ko": Figures("ko", "Asia/Seoul"), "en": Figures("en", "Asia/Seoul")}


def with_timeline(report: Report, days: int = 10) -> Report:
    """The report with its primary KPI told by day, and looks."""
    goal = report.goals[0]
    points = tuple(
        TimelinePoint(
            at=AFTER - timedelta(days=days - day),
            variant=entry.variant,
            units=1000 * day,
            difference=0.02 if day else None,
            always_valid=Range(0.02 - 0.2 / day, 0.02 + 0.2 / day) if day else None,
            gap=None if day else "a variant has 10 units, expected at least 100",
        )
        for day in range(days)
        for entry in goal.comparisons
    )
    looks = (Look(1, 0.5, AFTER - timedelta(days=5)), Look(2, 1.0, None))
    return replace(report, timeline=Timeline(goal.kpi, points, looks))


def with_steps(report: Report) -> Report:
    """The report with its primary KPI told by steps, each taken by half of those before."""
    goal = report.goals[0]
    samples = {arm.variant: BinomialSample(arm.units, arm.units // 8) for arm in goal.arms}
    taken = {key: tuple(each.units // 2**n for n in (1, 2, 3)) for key, each in samples.items()}
    steps = steps_of(("visit", "cart", "purchase"), taken, samples)
    return replace(report, goals=(replace(goal, kind="funnel", steps=steps), *report.goals[1:]))


def inside(drawing: Drawing) -> list[str]:
    """Places that lie outside the drawing."""
    root = ET.fromstring(drawing.element("x").replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" '))
    limits = {"x": drawing.width, "y": drawing.height}
    return [
        f"{node.tag} {name}={value}"
        for node in root.iter()
        for name, value in node.attrib.items()
        if re.fullmatch(r"[xy][12]?|c[xy]", name)
        and not -1 <= float(value) <= limits[name.strip("c12")] + 1
    ]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_picture_of_every_state_is_well_formed_described_and_within_its_frame(
    name: str, language: str
) -> None:
    report, figures = with_steps(with_timeline(REPORTS[name])), FIGURES[language]
    for picture, draw in PICTURES.items():
        for layout in (*LAYOUTS, PAPER):
            drawing = draw(report, figures, layout)
            if drawing is None:
                continue
            assert inside(drawing) == [], (picture, layout.name)
            assert drawing.title
            assert drawing.description
            assert not re.search(r"nan|inf\b|None", drawing.content), picture
            root = ET.fromstring(standalone(drawing, report, figures))
            assert root.findtext(f"{SVG}desc") == drawing.description
            assert report.name in (root.findtext(f"{SVG}title") or "")


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("state", [State.SPLIT_BROKEN, State.OPENS_UNRELIABLE])
def test_what_is_withheld_says_so_on_the_picture(state: State, language: str) -> None:
    report, figures = with_timeline(REPORTS[state.value]), FIGURES[language]
    why = say_withheld(report, language)
    for name in ("forest", "timeline"):
        drawing = drawn(name, report, figures)
        assert why in standalone(drawing, report, figures)
        assert why in drawing.description
        assert not re.search(r'<g class="(better|worse)"', drawing.content)


def test_the_forest_plot_marks_the_target_the_limit_and_what_is_too_small() -> None:
    drawing = drawn("forest", REPORTS["win"], FIGURES["en"])
    for kind in ("f-target", "f-limit", "f-band", "f-zero"):
        assert f'class="{kind}"' in drawing.content
    for said in ("target", "limit of the guardrail", "too small to matter"):
        assert f">{said}</text>" in drawing.content


def test_better_and_worse_are_not_told_by_colour_alone() -> None:
    drawing = drawn("forest", REPORTS["win"], FIGURES["en"])
    assert ">+2.7 percentage points</text>" in drawing.content
    assert ">Higher is better</text>" in drawing.content


def test_every_variant_has_a_row_of_values_and_a_bar_at_every_step() -> None:
    report = report_of(THREE_ARMS)
    for name in ("rates", "funnel"):
        drawing = drawn(name, report, FIGURES["ko"])
        assert drawing.content.count(">미발송 대조군") >= 1
        for variant in report.variants.values():
            assert variant in drawing.content


def test_the_funnel_only_narrows() -> None:
    drawing = drawn("funnel", REPORTS["win"], FIGURES["ko"])
    widths = [
        float(each) for each in re.findall(r'class="f-step" .*?width="([\d.]+)"', drawing.content)
    ]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(
    ("language", "said", "passed"),
    [("ko", ">7,500 (25.0%)<", ">앞 단계의 50.0%<"),
     ("en", ">7,500 (25.0%)<", ">50.0% of the step before<")],
)  # fmt: skip
@pytest.mark.parametrize("layout", [*LAYOUTS, PAPER], ids=lambda layout: layout.name)
def test_the_steps_of_a_funnel_have_counts_and_both_rates(
    layout: Layout, language: str, said: str, passed: str
) -> None:
    drawing = drawn("steps", with_steps(REPORTS["win"]), FIGURES[language], layout)
    assert drawing.content.count(said) == 2
    assert drawing.content.count(passed) == 4
    for name in ("1. visit", "2. cart", "3. purchase"):
        assert f">{name}</text>" in drawing.content
        assert f"{name}, B안: " in drawing.description
    assert f"{said[1:-1]}, {passed[1:-1]}" in drawing.description


def test_steps_are_drawn_of_funnels_that_counted_somebody_only() -> None:
    for report in (REPORTS["win"], with_steps(REPORTS["no_data"])):
        with pytest.raises(NothingToDraw):
            drawn("steps", report, FIGURES["ko"])


def test_a_variant_without_customers_has_steps_of_none() -> None:
    drawing = drawn("steps", with_steps(REPORTS["no_answer"]), FIGURES["en"])
    assert ">0</text>" in drawing.content


def test_a_long_name_beside_the_steps_leaves_room_for_the_numbers() -> None:
    names = ("이름을 부르는 아주 긴 제목으로 보내는 안", "B안")
    report = with_steps(report_of(replace(CASES[State.WIN], names=names)))
    for layout in (WIDE, PAPER):
        content = drawn("steps", report, FIGURES["ko"], layout).content
        [name] = set(re.findall(r">([^<]*…)<title>", content))
        room = layout.width - layout.right - 12 - 12.5 * ems("15,000 (50.0%)")
        assert ems(name) * 12.5 <= room, layout.name


def test_steps_that_are_withheld_say_so() -> None:
    report = with_steps(REPORTS["split_broken"])
    drawing = drawn("steps", report, FIGURES["en"])
    assert drawing.description.startswith(say_withheld(report, "en").rstrip("."))
    assert say_withheld(report, "en") in standalone(drawing, report, FIGURES["en"])


def test_the_timeline_has_a_band_a_line_and_the_looks_that_came() -> None:
    drawing = drawn("timeline", with_timeline(REPORTS["too_early"]), FIGURES["en"])
    assert drawing.content.count('class="f-line" d=') == 1
    assert drawing.content.count('class="f-always" d=') == 1
    assert ">1/2</text>" in drawing.content
    assert ">2/2</text>" not in drawing.content
    assert ">planned check</text>" in drawing.content


@pytest.mark.parametrize(("name", "state"), [("forest", "no_data"), ("timeline", "win")])
def test_without_numbers_the_picture_is_refused(name: str, state: str) -> None:
    with pytest.raises(NothingToDraw):
        drawn(name, REPORTS[state], FIGURES["ko"])


def test_names_are_text_and_never_markup() -> None:
    names = ('<script>alert("x")</script>', "]]>&amp;\x1b\ufffe")
    report = report_of(replace(CASES[State.WIN], names=names))
    for name in ("forest", "rates", "funnel"):
        drawing = drawn(name, report, FIGURES["en"], NARROW)
        ET.fromstring(standalone(drawing, report, FIGURES["en"]))
        assert "<script" not in standalone(drawing, report, FIGURES["en"])


def test_a_long_name_is_cut_and_told_in_full() -> None:
    long = "이름을 부르며 내일 끝난다고 알리는 아주 긴 제목"
    report = report_of(replace(CASES[State.WIN], names=("A안", long)))
    drawing = drawn("forest", report, FIGURES["ko"], WIDE)
    assert f"<title>{long}</title>" in drawing.content


def test_the_page_and_the_files_have_the_same_style() -> None:
    sheet = (Path(__file__).resolve().parents[4] / "api" / "static" / "truelift.css").read_text()
    assert RULES in sheet
    for name, colour in COLOURS.items():
        assert f"--tl-{name}: {colour};" in sheet
