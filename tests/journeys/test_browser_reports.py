"""Reports at a real browser: pictures that can be read, a shared page, a file on its own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.acceptance.server import Client, create_key, csrf_token
from tests.journeys.test_browser import (
    CONTRAST,
    DESKTOP,
    EMAIL,
    OVERLAPS,
    PASSWORD,
    PHONE,
    Opened,
    chromium,
    opened,
    served,
)

__all__ = ["chromium", "opened", "served"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
REPORT = "/api/v1/experiments/subject-line"


@pytest.fixture
def caller(served: str) -> Client:
    """A program that may do everything."""
    client = Client(served)
    token = csrf_token(client, "/sign-in")
    form = f"email={EMAIL}&password={PASSWORD.replace(' ', '+')}&csrf_token={token}"
    client.send("POST", "/sign-in", form.encode(), "application/x-www-form-urlencoded")
    client.key = create_key(client)
    return client


def drawings(page: Page) -> list[Any]:
    return [each for each in page.locator(".picture > svg").all() if each.is_visible()]


@pytest.mark.parametrize("locale", ["ko-KR", "en-GB"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_words_of_a_picture_lie_on_each_other(
    opened: Opened, viewport: dict[str, int], locale: str
) -> None:
    page = opened(viewport, locale=locale)
    for place in ("subject-line", "lopsided"):
        page.goto(f"/experiments/{place}")
        shown = drawings(page)
        assert len(shown) >= 3
        for drawing in shown:
            assert drawing.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_shared_report_is_read_without_an_account(
    chromium: Browser, caller: Client, served: str, viewport: dict[str, int], scheme: str
) -> None:
    path = "/share/" + caller.post(f"{REPORT}/shares", {"redact": ["names"]})["url"].split("/")[-1]
    context = chromium.new_context(viewport=viewport, base_url=served, color_scheme=scheme)  # type: ignore[arg-type] # plain values
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for language in ("ko", "en"):
        page.goto(f"{path}?lang={language}")
        expect(page.locator(".verdict .headline")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert page.evaluate(CONTRAST) == []
    page.get_by_role("link", name="한국어").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    context.close()
    assert complaints == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_report_in_one_file_asks_nobody_for_anything(
    chromium: Browser, caller: Client, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(caller.get(f"{REPORT}/report?format=html&lang={language}"), encoding="utf-8")
    for viewport in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            context = chromium.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type] # plain values
            page = context.new_page()
            asked: list[str] = []
            page.on("request", _noted_in(asked))
            page.goto(file.as_uri())
            assert asked == [file.as_uri()]
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
            assert page.evaluate(CONTRAST) == []
            context.close()


def _noted_in(asked: list[str]) -> Callable[[Request], None]:
    return lambda request: asked.append(request.url)


def test_a_picture_opened_by_itself_is_styled(
    chromium: Browser, caller: Client, tmp_path: Path
) -> None:
    file = tmp_path / "forest.svg"
    file.write_text(caller.get(f"{REPORT}/report/pictures/forest.svg?lang=ko"), encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    fill = page.locator(".f-sub").first.evaluate("(node) => getComputedStyle(node).fill")
    assert json.dumps(fill) == '"rgb(91, 100, 114)"'
    page.close()
