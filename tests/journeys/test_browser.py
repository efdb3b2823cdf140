"""A person at a real browser: by keyboard, on a phone, in the dark, on paper."""

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

import migrations
from experiments.access import users
from experiments.ledger.imports.jobs import submit_import
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.source import inspect
from experiments.operations.audit import SYSTEM
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.moves import move
from experiments.registry.registration import register
from experiments.storage.codec import from_document
from experiments.storage.database import Database
from experiments.storage.projects import Project, create_project
from sample_data.load import load_scenario
from tests.acceptance.server import started

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "minji@example.com", "a long password"
LONG_AGO = timedelta(days=30)
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
PLACES = (
    "/", "/experiments", "/experiments/new", "/kpis", "/imports", "/settings",
    "/experiments/subject-line", "/experiments/lopsided",
)  # fmt: skip
# Contrast of every text against what lies behind it, as WCAG 2.2 (1.4.3) counts it.
CONTRAST = """() => {
  const channels = (colour) => (colour.match(/[0-9.]+/g) || []).map(Number);
  const light = (c) => {
    const v = c / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faults = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    const shape = getComputedStyle(node);
    const skipped = node.closest("svg, .struck, .visually-hidden");
    if (!own || skipped || !node.checkVisibility()) continue;
    const [one, two] = [luminance(channels(shape.color)), luminance(behind(node))].sort();
    const ratio = (two + 0.05) / (one + 0.05);
    if (ratio < 4.5) faults.push(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return faults;
}"""


def executable() -> str | None:
    """Chromium on this machine."""
    return (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that holds the extracts of the sample tests."""
    home = tmp_path_factory.mktemp("browser") / "home"
    home.mkdir()
    database = Database.open(f"sqlite:///{home / 'truelift.db'}")
    migrations.upgrade(database)
    _people_and_samples(database, home)
    database.dispose()
    with started(home) as (_, url, _printed):
        yield url


def _people_and_samples(database: Database, home: Path) -> None:
    now = datetime.now(UTC)
    with database.transaction() as db:
        project = create_project(
            db, key="main", name="봄날상점", time_zone="Asia/Seoul", currency="KRW",
            language="ko", now=now,
        )  # fmt: skip
        made = users.create_user(
            db, email=EMAIL, name="민지", password=PASSWORD, actor=SYSTEM, now=now
        )
        users.grant(db, project, made, "admin", actor=SYSTEM, now=now)
    load_scenario(database, project, SAMPLES / "subject_line")
    _lopsided(database, project, home)


def _lopsided(database: Database, project: Project, home: Path) -> None:
    """A test that was meant to go half to each variant, and did not."""
    now = datetime.now(UTC)
    document = json.loads((SAMPLES / "subject_line" / "experiment.json").read_text())
    document |= {"key": "lopsided", "name": "한쪽으로 기운 발송", "allocation": "external"}
    mapping = {
        "form": "wide", "experiment": "lopsided", "unit_id": {"row_number": True},
        "variant": {"column": "arm"}, "exposure": "sent", "at": (now - LONG_AGO).isoformat(),
        "channel": "email", "events": [{"column": "opened", "type": "open"}],
    }  # fmt: skip
    file = home / "lopsided.csv"
    rows = [f"{'ab'[n % 5 > 1]},{int(n % 6 == 0)}\n" for n in range(3000)]
    file.write_text("arm,opened\n" + "".join(rows))
    source = inspect(file)
    with database.transaction() as db:
        draft = from_document(ExperimentDraft, document)
        register(db, project, draft, actor=SYSTEM, now=now - 2 * LONG_AGO)
        move(db, project, draft.key, "start", actor=SYSTEM, now=now - 2 * LONG_AGO)
        job = submit_import(
            db, project, name=file.name, file=source, document=mapping, actor=SYSTEM, now=now
        )
    run_import(Target(database, project, lambda: now), job.id, source)
    with database.transaction() as db:
        move(db, project, draft.key, "stop", actor=SYSTEM, now=now)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = executable()
    if path is None:
        _cannot("no chromium on this machine; set CHROMIUM to its path")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=path,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
        except Error as error:
            _cannot(f"chromium does not start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


def _note(complaints: list[str], said: ConsoleMessage) -> None:
    if said.type == "error":
        complaints.append(said.text)


def _cannot(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, served: str) -> Iterator[Opened]:
    """Opens a signed-in page; what the browser complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(viewport: dict[str, int] = DESKTOP, **wishes: Any) -> Page:
        wishes = {"locale": "ko-KR", **wishes}
        context = chromium.new_context(viewport=viewport, base_url=served, **wishes)  # type: ignore[arg-type] # a plain size
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: _note(complaints, said))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in")
        page.get_by_label("이메일 주소").or_(page.get_by_label("E-mail address")).fill(EMAIL)
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def test_the_first_page_names_what_waits_and_leads_to_the_report(opened: Opened) -> None:
    page = opened()
    deciding = page.get_by_role("region", name="오늘 결정할 것")
    expect(deciding.get_by_role("listitem")).to_have_count(2)
    deciding.get_by_role("link").first.click()
    expect(page.locator(".verdict .headline")).to_be_visible()
    expect(page.locator(".forest svg.wide")).to_be_visible()
    expect(page.locator(".forest svg.narrow")).to_be_hidden()


def test_a_broken_split_is_said_before_anything_else(opened: Opened) -> None:
    page = opened()
    page.goto("/experiments/lopsided")
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("결론을 보류합니다")
    shown = page.locator("td .withheld")
    assert shown.count() > 0
    for each in shown.all():
        expect(each).to_contain_text("보류")


@pytest.mark.parametrize("language", ["ko-KR", "en-GB"])
def test_nothing_is_wider_than_a_phone(opened: Opened, language: str) -> None:
    page = opened(PHONE, locale=language)
    for place in PLACES:
        page.goto(place)
        page.evaluate("document.querySelectorAll('main details').forEach((d) => (d.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], place


def test_on_a_phone_the_plot_has_its_own_drawing(opened: Opened) -> None:
    page = opened(PHONE)
    page.goto("/experiments/subject-line")
    drawing = page.locator(".forest svg.narrow")
    expect(drawing).to_be_visible()
    size = drawing.locator("text").first.evaluate("(node) => node.getBoundingClientRect().height")
    assert size >= 11
    overlaps = drawing.evaluate(OVERLAPS)
    assert overlaps == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_light_and_dark(opened: Opened, scheme: str) -> None:
    page = opened(color_scheme=scheme)
    for place in PLACES:
        page.goto(place)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        assert page.evaluate(CONTRAST) == [], place


def test_the_theme_is_kept(opened: Opened) -> None:
    page = opened(color_scheme="light")
    page.get_by_role("button", name="밝게 또는 어둡게").click()
    page.goto("/kpis")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_language_is_switched_in_place(opened: Opened) -> None:
    page = opened()
    page.goto("/experiments?state=stopped")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/experiments?state=stopped")


def test_everything_is_reached_by_keyboard(opened: Opened) -> None:
    page = opened()
    page.goto("/experiments/subject-line")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="본문으로 바로 가기")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    met = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        met.add(page.evaluate("document.activeElement.tagName"))
    assert {"SUMMARY", "A"} <= met
    page.locator("details.depth summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.depth").first).to_have_attribute("open", "")


def test_on_paper_the_report_stands_alone(opened: Opened) -> None:
    page = opened()
    page.goto("/experiments/subject-line")
    page.emulate_media(media="print")
    expect(page.locator(".shell")).to_be_hidden()
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator(".forest svg.wide")).to_be_visible()


def test_a_test_from_the_form_to_its_start(opened: Opened) -> None:
    page = opened(PHONE)
    page.goto("/experiments/new")
    page.locator(".kpi-choice").first.click()
    page.get_by_label("테스트 이름").fill("브라우저에서 만든 테스트")
    page.get_by_label("키", exact=True).fill("from-browser")
    page.get_by_role("button", name="테스트 등록").click()
    expect(page.get_by_role("status")).to_contain_text("등록했습니다")
    page.get_by_role("button", name="테스트 시작").click()
    expect(page.get_by_role("status")).to_contain_text("시작했습니다")
    expect(page.locator(".verdict .headline")).to_be_visible()


def test_a_file_is_read_while_one_looks(opened: Opened) -> None:
    page = opened()
    page.goto("/imports")
    rows = io.StringIO()
    rows.write("customer_id,segment,opened,spend\n")
    rows.writelines(f"x{number},nobody,1,0\n" for number in range(300))
    file = {"name": "목록.csv", "mimeType": "text/csv", "buffer": rows.getvalue().encode()}
    page.locator("#file").set_input_files(file)  # type: ignore[arg-type] # a plain file
    # It is looked at before anything is kept, and what it cannot say itself is chosen.
    page.locator("#role-0").wait_for()
    page.get_by_label("segment").select_option("variant")
    page.get_by_label("opened").select_option("open")
    page.get_by_label("모든 행의 시각").fill("2025-03-10 10:00")
    page.get_by_label("테스트", exact=True).select_option("subject-line")
    expect(page.locator("#mapping-form")).to_contain_text("읽지 않음")
    page.get_by_role("button", name="올리고 읽기").click()
    job = page.locator("#progress .card-t").filter(has_text="목록.csv").first
    expect(job).to_contain_text("완료", timeout=15_000)
    expect(job).to_contain_text("받지 못함 300행")


def test_the_interface_describes_itself(opened: Opened) -> None:
    page = opened()
    page.goto("/docs")
    expect(page.locator("#openapi")).to_contain_text("kpis", timeout=15_000)
    # What lies further down is drawn when somebody goes there.
    page.keyboard.press("End")
    expect(page.locator("#openapi")).to_contain_text("experiments", timeout=15_000)


# Texts of a drawing that lie on each other.
OVERLAPS = """(drawing) => {
  const boxes = [...drawing.querySelectorAll("text")]
    .filter((node) => node.textContent.trim())
    .map((node) => [node.textContent, node.getBoundingClientRect()]);
  const faults = [];
  boxes.forEach(([one, a], place) => boxes.slice(place + 1).forEach(([two, b]) => {
    const beside = a.right <= b.left || b.right <= a.left;
    const above = a.bottom <= b.top + 3 || b.bottom <= a.top + 3;
    if (!beside && !above) faults.push(`${one} / ${two}`);
  }));
  return faults;
}"""
