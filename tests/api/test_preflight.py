"""The check of tracking before a start: lights, test units, the plan on the page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.markup import look_over
from tests.api.triggered import KPI, TEST

KEY = "cart"
CHECK = f"/api/v1/experiments/{KEY}/preflight"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One database: what is tested here does not differ by it."""
    return sqlite_database


@pytest.fixture
def shop(api: Api, clock: Clock) -> Api:
    """A project with a draft; nothing has arrived yet."""
    for path, body in (("kpis", KPI), ("experiments", TEST)):
        assert api.post(f"/api/v1/{path}", json=body).status_code == 201
    return api


def lights(shop: Api) -> tuple[dict[str, str], dict[str, str]]:
    found = shop.get(CHECK).json
    assert found is not None
    kpis = {each["kpi"]: f"{each['light']} {each['code']}" for each in found["kpis"]}
    return kpis, {each["variant"]: f"{each['light']} {each['code']}" for each in found["variants"]}


def tell(shop: Api, clock: Clock, unit: str, variant: str | None, **event: Any) -> None:
    """An exposure (if there is a variant) and an event a minute later."""
    at = clock.at - timedelta(minutes=30)
    if variant is not None:
        met = {"source_id": f"x-{unit}", "unit_id": unit, "experiment": KEY, "variant": variant,
               "type": "trigger", "occurred_at": at.isoformat()}  # fmt: skip
        assert shop.post("/api/v1/exposures", json=met).status_code == 200
    if event.pop("act", True):
        act = {"source_id": f"p-{unit}", "unit_id": unit, "type": "purchase", "value": 1000,
               "occurred_at": (at + timedelta(minutes=1)).isoformat()} | event  # fmt: skip
        assert shop.post("/api/v1/events", json=act).status_code == 200


def register(shop: Api, unit: str, variant: str) -> None:
    answer = shop.post(
        f"/api/v1/experiments/{KEY}/test-units", json={"unit_id": unit, "variant": variant}
    )
    assert answer.status_code == 201, answer.text


def test_the_lights_turn_green_as_facts_arrive(shop: Api, clock: Clock) -> None:
    nobody = {"late": "amber no_test_unit", "soon": "amber no_test_unit"}
    assert lights(shop) == ({"bought": "red never_seen"}, nobody)
    register(shop, "me", "soon")
    register(shop, "you", "late")
    assert lights(shop)[1] == {"late": "red not_exposed", "soon": "red not_exposed"}
    tell(shop, clock, "stranger", None)
    assert lights(shop)[0] == {"bought": "green fine"}
    tell(shop, clock, "me", "soon")
    tell(shop, clock, "you", "late", act=False)
    kpis, variants = lights(shop)
    assert kpis == {"bought": "green fine"}
    assert variants == {"late": "amber no_event", "soon": "green fine"}
    clock.at += timedelta(days=8)
    assert lights(shop)[0] == {"bought": "red not_lately"}


def test_a_test_unit_that_met_another_variant_is_told(shop: Api, clock: Clock) -> None:
    register(shop, "me", "soon")
    tell(shop, clock, "me", "late")
    assert lights(shop)[1]["soon"] == "red other_variant"


def test_events_of_nobody_who_met_the_test_are_told(shop: Api, clock: Clock) -> None:
    tell(shop, clock, "a", "late", act=False)
    tell(shop, clock, "b", None)
    assert lights(shop)[0] == {"bought": "amber none_in_test"}


def test_events_later_than_the_window_are_told(shop: Api, clock: Clock) -> None:
    tell(shop, clock, "a", None, occurred_at=(clock.at - timedelta(days=3)).isoformat())
    assert lights(shop)[0] == {"bought": "amber late"}


def test_test_units_are_in_no_report_and_counted_as_such(shop: Api, clock: Clock) -> None:
    assert shop.post(f"/api/v1/experiments/{KEY}/start").status_code == 200
    register(shop, "me", "soon")
    clock.at += timedelta(hours=1)
    for unit, variant in (("me", "soon"), ("c1", "soon"), ("c2", "late")):
        tell(shop, clock, unit, variant)
    clock.at += timedelta(days=2)
    report = shop.get(f"/api/v1/experiments/{KEY}/report").json
    assert report is not None
    assert [arm["units"] for arm in report["goals"][0]["arms"]] == [1, 1]
    assert report["health"]["quality"]["exposures_left_out"] == {"test_unit": 1}
    assert report["health"]["other_variant"] == 0
    assert [split["counts"] for split in report["health"]["splits"]] in (
        [],
        [{"late": 1, "soon": 1}],
    )


def test_the_sentences_are_in_both_languages(shop: Api) -> None:
    found = shop.get(CHECK).json
    assert found is not None
    for each in (*found["kpis"], *found["variants"]):
        assert "→" in each["said"]["ko"]
        assert "→" in each["said"]["en"]
        assert each["said"]["ko"] != each["said"]["en"]
        assert not any("{" in said for said in each["said"].values())


def test_refusals_name_what_is_wrong(shop: Api, key_for: Callable[..., Api]) -> None:
    units = f"/api/v1/experiments/{KEY}/test-units"
    assert shop.post(units, json={"unit_id": "me", "variant": "third"}).status_code == 422
    assert shop.post(units, json={"unit_id": "", "variant": "soon"}).status_code == 422
    assert shop.post(units, json={"unit_id": "me"}).status_code == 422
    assert shop.get(CHECK.replace(KEY, "none")).status_code == 404
    assert (
        shop.post(units.replace(KEY, "none"), json={"unit_id": "me", "variant": "a"}).status_code
        == 404
    )
    assert (
        key_for(["read"]).post(units, json={"unit_id": "me", "variant": "soon"}).status_code == 403
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ko", ("한 번도 들어오지 않았습니다", "결정 규칙")),
        ("en", ("has ever arrived", "Rule of decision")),
    ],
)
def test_the_page_shows_lights_and_the_plan_and_takes_a_test_unit(
    shop: Api, browser_for: Callable[[str], FlaskClient], language: str, words: tuple[str, str]
) -> None:
    browser = browser_for("marketer")
    page = browser.get(f"/experiments/{KEY}/preflight?lang={language}")
    seen = look_over(page.text)
    assert seen.faults == []
    for word in words:
        assert word in page.text
    form = {"unit_id": "me", "variant": "soon"}
    assert browser.post(f"/experiments/{KEY}/test-units", data=form).status_code == 302
    assert lights(shop)[1]["soon"] == "red not_exposed"
    wrong = browser.post(f"/experiments/{KEY}/test-units", data=form | {"variant": "third"})
    assert wrong.status_code == 422
    assert look_over(wrong.text).faults == []
    assert browser.get(f"/experiments/{KEY}").text.count(f"/experiments/{KEY}/preflight") == 1
    viewer = browser_for("viewer")
    assert "<form" not in viewer.get(f"/experiments/{KEY}/preflight").text.split("<main")[1]
