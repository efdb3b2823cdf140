"""The pages: every one in both languages, every state of a report through the real templates."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.auth import Access, Caller
from api.pages.figures import Figures
from api.pages.report import report_page
from experiments.access.users import User
from experiments.operations.audit import Actor
from experiments.registry.experiment import Experiment
from experiments.reporting.pictures.forest import NARROW, WIDE, draw
from experiments.reporting.report import Report, State
from experiments.reporting.wording import say, say_withheld
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.api.conftest import Api
from tests.api.markup import Page, look_over
from tests.api.registry_bodies import experiment_body, kpi_body, unsubscribe_body
from tests.experiments.reporting.factories import CASES, THREE_ARMS, draft_of, report_of

BANNED = {
    "ko": ("유의확률", "p값", "95% 확률", "95 % 확률", "무승부", "입증"),
    "en": ("p-value", "statistically significant", "95% probability", "95 % probability", "a tie"),
}
METHODS = ("welch", "dunnett", "miettinen", "koopman", "fieller", "wilson")
LANGUAGES = ("ko", "en")
CASES_BY_NAME = {**{state.value: case for state, case in CASES.items()}, "three_arms": THREE_ARMS}
MAPPING = """{"form": "wide", "experiment": "subject-line", "unit_id": {"column": "id"},
  "variant": {"column": "arm"}, "exposure": "sent", "at": "2025-03-10T01:00:00+00:00"}"""


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Pages do not differ by database; the use cases behind them are tested on both."""
    return sqlite_database


@pytest.fixture
def registered(api: Api) -> Api:
    """Two KPIs and a draft."""
    for body in (kpi_body(), unsubscribe_body()):
        assert api.post("/api/v1/kpis", json=body).status_code == 201
    assert api.post("/api/v1/experiments", json=experiment_body()).status_code == 201
    return api


def looked_over(answer: TestResponse, language: str, status: int = 200) -> Page:
    assert answer.status_code == status, answer.text[:500]
    assert answer.mimetype == "text/html"
    assert f'<html lang="{language}"' in answer.text
    page = look_over(answer.text)
    assert page.faults == []
    text = " ".join(page.text)
    assert [word for word in BANNED[language] if word.lower() in text.lower()] == []
    return page


def in_korean(browser: FlaskClient) -> FlaskClient:
    browser.post("/language", data={"language": "ko"})
    return browser


def rendered(app: Flask, project: Project, report: Report, language: str) -> str:
    with app.test_request_context(f"/experiments/x?lang={language}"):
        minji = User(1, "minji@example.com", "민지", None, {project.key: "viewer"})
        g.caller = Caller(project, Actor(minji.email), role="viewer", user=minji)
        g.request_id = "x"
        return report_page(_experiment(report), report)


def _experiment(report: Report) -> Experiment:
    case = next(case for case in CASES_BY_NAME.values() if len(case.names) == len(report.variants))
    return Experiment(
        id=1,
        draft=draft_of(case),
        state=report.state,
        revision=4,
        kpi_versions=None,
        phases=(),
        decision=None,
        created_at=report.as_of,
        created_by="minji@example.com",
        updated_at=report.as_of,
        started_at=report.started_at,
        stopped_at=report.stopped_at,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES_BY_NAME)
def test_a_report_in_every_state_is_a_page_in_order(
    app: Flask, project: Project, name: str, language: str
) -> None:
    report = report_of(CASES_BY_NAME[name])
    html = rendered(app, project, report, language)
    page = look_over(html)
    assert page.faults == []
    text = " ".join(page.text)
    assert [word for word in BANNED[language] if word.lower() in text.lower()] == []
    first = " ".join(page.first_depth)
    assert [method for method in METHODS if method in first.lower()] == []
    said = say(report, language)
    for sentence in (said.headline, *said.sentences, said.next_step):
        assert sentence in first


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [State.SPLIT_BROKEN, State.OPENS_UNRELIABLE])
def test_while_results_are_withheld_every_difference_says_why(
    app: Flask, project: Project, state: State, language: str
) -> None:
    report = report_of(CASES[state])
    html = unescape(rendered(app, project, report, language))
    why = say_withheld(report, language)
    compared = sum(len(goal.comparisons) for goal in report.goals)
    # Machines do not unsubscribe: a guardrail is judged all the same while opens are withheld.
    judged = sum(len(goal.guardrails) for goal in report.goals)
    judged = judged if state is State.OPENS_UNRELIABLE else 0
    in_tables = re.findall(r'<span class="withheld">.*?</span></span>', html)
    assert len(in_tables) == compared - judged
    assert all(why in each for each in in_tables)
    drawn = re.findall(r'<g class="withheld">.*?</g>', html, flags=re.DOTALL)
    assert len(drawn) == 2 * compared
    assert all(why in each for each in drawn)
    assert not re.search(r'class="lift (better|worse)"|<g class="(better|worse)"', html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_end_there_is_no_winner_and_no_fixed_range(
    app: Flask, project: Project, language: str
) -> None:
    report = report_of(CASES[State.TOO_EARLY])
    html = rendered(app, project, report, language)
    assert not re.search(r'class="lift (better|worse)"|<g class="(better|worse)"', html)
    assert '<th scope="col" class="num">p</th>' not in html
    assert "f-bar" not in html
    figures, primary = Figures(language, "Asia/Seoul"), report.goals[0]
    assert figures.between(primary, primary.comparisons[0].always_valid) in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_used_and_left_out_add_up_to_received_on_the_page(
    app: Flask, project: Project, language: str
) -> None:
    report = report_of(CASES[State.WIN])
    text = " ".join(look_over(rendered(app, project, report, language)).text)
    accounting = report.goals[0].accounting
    for number in (accounting.received, accounting.used, *accounting.excluded.values()):
        assert f"{number:,}" in text


def test_the_plot_has_one_bar_per_comparison_within_its_frame() -> None:
    report = report_of(CASES[State.WIN])
    for layout in (WIDE, NARROW):
        plot = draw(report, Figures("ko", "Asia/Seoul"), layout)
        bars = [bar for panel in plot.panels for bar in panel.bars]
        assert len(bars) == sum(len(goal.comparisons) for goal in report.goals)
        for bar in bars:
            assert bar.outer is not None
            assert bar.dot is not None
            assert layout.left <= bar.outer[0] <= bar.dot <= bar.outer[1] <= layout.right
            assert bar.y < plot.height


def test_the_plot_shows_the_target_the_band_and_the_limit() -> None:
    report = report_of(CASES[State.WIN])
    primary, *_, guardrail = draw(report, Figures("en", "UTC"), WIDE).panels
    assert [mark.kind for mark in primary.marks] == ["target"]
    assert primary.band is not None
    assert primary.band[0] < (WIDE.left + WIDE.right) / 2 < primary.band[1]
    assert [mark.kind for mark in guardrail.marks] == ["limit"]


def test_a_range_without_a_limit_ends_in_an_arrow() -> None:
    report = report_of(CASES[State.WIN])
    entry = report.goals[0].comparisons[0]
    assert entry.interval_adjusted is not None
    endless = replace(entry, interval_adjusted=replace(entry.interval_adjusted, upper=None))
    goal = replace(report.goals[0], comparisons=(endless,))
    figures = Figures("en", "UTC")
    plot = draw(replace(report, goals=(goal,)), figures, WIDE)
    [bar] = plot.panels[0].bars
    assert bar.open_right
    assert not bar.open_left
    assert bar.between.endswith("…")


def test_what_is_written_by_people_is_never_markup(app: Flask, project: Project) -> None:
    case = replace(THREE_ARMS, names=("<b>A</b>", "<script>x</script>", '"><i>'))
    report = replace(report_of(case), name="<script>alert(1)</script>")
    html = rendered(app, project, report, "en")
    assert "<script>alert" not in html
    assert "<b>A</b>" not in html
    assert look_over(html).faults == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path",
    [
        "/", "/experiments", "/experiments?state=running", "/experiments/subject-line",
        "/experiments/new", "/kpis", "/kpis/open", "/imports", "/settings",
    ],
)  # fmt: skip
def test_every_page_is_in_order_in_both_languages(
    registered: Api, browser_for: Callable[[str], FlaskClient], path: str, language: str
) -> None:
    joint = "&" if "?" in path else "?"
    looked_over(browser_for("admin").get(f"{path}{joint}lang={language}"), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/experiments", "/kpis", "/imports", "/experiments/new"])
def test_an_empty_project_has_pages_too(
    browser_for: Callable[[str], FlaskClient], path: str, language: str
) -> None:
    looked_over(browser_for("marketer").get(f"{path}?lang={language}"), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_pages_in_both_languages(
    app: Flask, browser_for: Callable[[str], FlaskClient], language: str
) -> None:
    html = {"Accept": "text/html"}
    viewer = browser_for("viewer")
    missing = viewer.get(f"/experiments/none?lang={language}", headers=html)
    looked_over(missing, language, status=404)
    looked_over(viewer.get(f"/nowhere?lang={language}", headers=html), language, status=404)
    looked_over(viewer.get(f"/settings?lang={language}", headers=html), language, status=403)
    looked_over(app.test_client().get(f"/sign-in?lang={language}"), language)


def test_a_fault_is_a_page_that_tells_no_secrets(
    app: Flask, browser_for: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_for("viewer")
    monkeypatch.setitem(app.view_functions, "kpi_pages.listing", _broken)
    app.testing = False
    page = looked_over(browser.get("/kpis?lang=ko", headers={"Accept": "text/html"}), "ko", 500)
    assert "hunter2" not in " ".join(page.text)


def _broken() -> str:
    message = "hunter2"
    raise RuntimeError(message)


_broken.access = Access(None, "viewer")  # type: ignore[attr-defined] # read by the guard


def test_the_life_of_a_test_in_a_browser(
    registered: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = in_korean(browser_for("marketer"))
    looked_over(browser.get("/experiments/subject-line"), "ko")
    for action, said in (("start", "시작했습니다"), ("stop", "끝났습니다")):
        answer = browser.post(f"/experiments/subject-line/{action}", follow_redirects=True)
        assert said in " ".join(looked_over(answer, "ko").text)
    lines = {"variant": "b", "saw": "더 열었습니다", "why": "짧아서", "next": "혜택을 바꿔 봅니다"}
    answer = browser.post("/experiments/subject-line/decide", data=lines, follow_redirects=True)
    text = " ".join(looked_over(answer, "ko").text)
    assert "결정을 기록했습니다" in text
    assert "혜택을 바꿔 봅니다" in text
    assert "혜택을 바꿔 봅니다" in browser.get("/").text
    again = browser.post("/experiments/subject-line/start", follow_redirects=True)
    assert "할 수 없습니다" in again.text


def test_a_page_seen_before_a_change_changes_nothing(
    registered: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = in_korean(browser_for("marketer"))
    answer = browser.post(
        "/experiments/subject-line/start", data={"revision": "7"}, follow_redirects=True
    )
    assert "그사이 바뀌었습니다" in answer.text
    found = registered.get("/api/v1/experiments/subject-line").json
    assert found is not None
    assert found["state"] == "draft"


def test_buttons_are_for_those_who_may(
    registered: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    viewer = browser_for("viewer")
    assert "/experiments/subject-line/start" not in viewer.get("/experiments/subject-line").text
    assert viewer.post("/experiments/subject-line/start").status_code == 403
    assert viewer.post("/imports").status_code == 403
    assert 'type="file"' not in viewer.get("/imports").text
    assert "/settings" not in viewer.get("/").text


def test_an_unknown_action_is_not_found(browser_for: Callable[[str], FlaskClient]) -> None:
    answer = browser_for("marketer").post("/experiments/subject-line/explode")
    assert answer.status_code == 404


def test_registering_asks_four_things(
    registered: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = in_korean(browser_for("marketer"))
    answers = {
        "stage": "activation", "kpi": "open", "target": "19.7%", "minimum_effect": "1",
        "owner": "민지", "name": "새 제목", "key": "new-subject",
    }  # fmt: skip
    answer = browser.post("/experiments/new", data=answers, follow_redirects=True)
    assert "새 제목" in " ".join(looked_over(answer, "ko").text)
    made = registered.get("/api/v1/experiments/new-subject").json
    assert made is not None
    [goal] = made["goals"]
    assert (goal["kpi"], goal["role"], goal["target"]["value"]) == ("open", "primary", 0.197)
    assert goal["minimum_effect"] == 0.01
    assert (made["anchor"], made["shape"]) == ("sent", "one_blast")


@pytest.mark.parametrize(
    ("change", "blamed"),
    [
        ({"kpi": ""}, "판단할 지표"),
        ({"target": "많이"}, "숫자"),
        ({"target": "NaN"}, "숫자"),
        ({"key": "Not A Key"}, "쓸 수 없는 값"),
        ({"key": "subject-line"}, "이미"),
        ({"name": ""}, "쓸 수 없는 값"),
        ({"units_planned": "1.5"}, "숫자"),
    ],
)
def test_an_answer_that_does_not_fit_keeps_the_others(
    registered: Api,
    browser_for: Callable[[str], FlaskClient],
    change: dict[str, str],
    blamed: str,
) -> None:
    answers = {"kpi": "open", "target": "19.7", "owner": "민지", "name": "제목", "key": "title"}
    answer = browser_for("marketer").post("/experiments/new?lang=ko", data=answers | change)
    assert blamed in " ".join(looked_over(answer, "ko", status=422).text)
    assert 'value="민지"' in answer.text


def test_a_secret_key_is_shown_once(app: Flask, browser_for: Callable[[str], FlaskClient]) -> None:
    browser = in_korean(browser_for("admin"))
    answer = browser.post("/settings/keys", data={"name": "메일 도구", "scope": ["read"]})
    looked_over(answer, "ko")
    found = re.search(r"tls_(\w{8})_[\w-]+", answer.text)
    assert found is not None
    assert found.group() not in browser.get("/settings").text
    with_key = {"Authorization": f"Bearer {found.group()}"}
    assert app.test_client().get("/api/v1/kpis", headers=with_key).status_code == 200
    browser.post(f"/settings/keys/{found.group(1)}/revoke")
    assert app.test_client().get("/api/v1/kpis", headers=with_key).status_code == 401


def test_a_key_needs_a_name_and_a_scope(browser_for: Callable[[str], FlaskClient]) -> None:
    browser = browser_for("admin")
    assert browser.post("/settings/keys", data={"name": "", "scope": "read"}).status_code == 422
    assert browser.post("/settings/keys", data={"name": "x"}).status_code == 422


def test_a_file_uploaded_on_the_page_is_read(
    app: Flask, registered: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = in_korean(browser_for("marketer"))
    file = (io.BytesIO(b"id,arm\n1,a\n2,b\n3,z\n"), "보낸 목록.csv")
    data = {"mapping": MAPPING, "file": file}
    answer = browser.post("/imports?lang=ko", data=data, follow_redirects=True)
    assert "보낸 목록.csv" in " ".join(looked_over(answer, "ko").text)
    app.extensions["truelift"].imports.run_waiting()
    after = browser.get("/imports?lang=ko")
    assert "완료" in " ".join(looked_over(after, "ko").text)
    assert "<td><code>variant" in after.text


@pytest.mark.parametrize(
    ("mapping", "name", "blamed"),
    [
        ("{", "x.csv", "mapping"),
        (MAPPING.replace('"column": "id"', '"column": "nobody"'), "x.csv", "mapping.unit_id"),
        (MAPPING, "", "파일을 골라"),
    ],
)
def test_an_upload_that_does_not_fit_says_why(
    registered: Api,
    browser_for: Callable[[str], FlaskClient],
    mapping: str,
    name: str,
    blamed: str,
) -> None:
    data = {"mapping": mapping, "file": (io.BytesIO(b"id,arm\n1,a\n"), name)}
    answer = browser_for("marketer").post("/imports?lang=ko", data=data)
    looked_over(answer, "ko", status=422)
    assert blamed in answer.text


def test_the_language_is_kept_before_and_after_signing_in(
    app: Flask, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("viewer")
    browser.post("/language", data={"language": "ko", "next": "/kpis"})
    assert '<html lang="ko"' in browser.get("/kpis").text
    stranger = app.test_client()
    answer = stranger.post("/language", data={"language": "en", "next": "//elsewhere.example"})
    assert answer.location == "/"
    assert '<html lang="en"' in stranger.get("/sign-in").text
