"""PNG and PDF: Korean letters right, or a refusal that names what is missing."""

import sys
from pathlib import Path

import pytest

from experiments.reporting.figures import Figures
from experiments.reporting.pictures import drawn, render
from experiments.reporting.pictures.render import FontMissing, RendererMissing, rendered
from experiments.reporting.pictures.standalone import standalone
from experiments.reporting.report import State
from tests.experiments.reporting.factories import example

NOWHERE = Path("no-fonts-here")


class Fonts:
    """A machine with these families."""

    def __init__(self, *families: str) -> None:
        self._families = list(families)

    def families(self) -> list[str]:
        return self._families


def picture(language: str) -> str:
    report, figures = example(State.WIN), Figures(language, "Asia/Seoul")
    return standalone(drawn("forest", report, figures), report, figures)


def korean_or_skip() -> None:
    import typst  # noqa: PLC0415 - as the code does

    if not render.has_korean(typst.Fonts().families()):
        pytest.skip("no Korean font on this machine: apt-get install fonts-nanum")


@pytest.mark.parametrize(("form", "lead"), [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-1.7")])
def test_a_picture_becomes_a_file(form: str, lead: bytes) -> None:
    korean_or_skip()
    made = rendered(picture("ko"), form, NOWHERE, "설명")
    assert made.startswith(lead)
    assert made == rendered(picture("ko"), form, NOWHERE, "설명")


def test_without_a_korean_font_korean_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_fonts", lambda _: Fonts("DejaVu Sans"))
    with pytest.raises(FontMissing, match=r"fonts-nanum.*folder fonts"):
        rendered(picture("ko"), "png", Path("home") / "fonts")


def test_text_without_korean_needs_no_korean_font(tmp_path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">A</text></svg>'
    assert rendered(svg, "png", tmp_path).startswith(b"\x89PNG")


def test_without_the_renderer_the_refusal_names_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(RendererMissing, match="pip install typst"):
        rendered(picture("en"), "pdf", NOWHERE)
