"""Reported values over HTTP: one, many, a file; listed with their history; taken back."""

import io
from typing import Any

import pytest

from experiments.storage.database import Database
from tests.api.conftest import Api

PATH = "/api/v1/reported-values"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def figure(**changes: Any) -> dict[str, Any]:
    return {
        "series": "media_cost", "day": "2025-03-09", "source": "meta", "channel": "web",
        "value": 120000, "currency": "KRW",
    } | changes  # fmt: skip


def upload(api: Api, text: str, encoding: str = "utf-8", **form: str) -> Any:
    file = (io.BytesIO(text.encode(encoding)), "cost.csv")
    return api.post(f"{PATH}/file", data={"file": file, "encoding": encoding, **form})


def test_one_figure_is_kept_replaced_and_taken_back(api: Api) -> None:
    assert api.post(PATH, json=figure()).get_json() == {
        "accepted": 1, "replaced": 0, "unchanged": 0, "rejected": [], "unread": ["media_cost"],
    }  # fmt: skip
    assert api.post(PATH, json=figure(value=130000)).get_json()["replaced"] == 1
    assert api.post("/api/v1/kpis", json={"from": "cpc"}).status_code == 201
    assert api.post(PATH, json=figure(value=130000)).get_json()["unread"] == []
    [held] = api.get(PATH).get_json()["items"]
    assert (held["value"], held["replaced_at"]) == (130000, None)
    every = api.get(f"{PATH}?history=true&series=media_cost").get_json()["items"]
    assert [each["value"] for each in every] == [120000, 130000]
    gone = api.delete(f"{PATH}/{held['id']}")
    assert gone.status_code == 200, gone.text
    assert api.get(PATH).get_json()["items"] == []
    assert api.delete(f"{PATH}/{held['id']}").status_code == 404


def test_a_single_figure_that_does_not_fit_names_the_field(api: Api) -> None:
    answer = api.post(PATH, json=figure(currency="won"))
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "currency")
    listed = api.post(PATH, json=[figure(), figure(value="12")]).get_json()
    assert (listed["accepted"], listed["rejected"][0]["index"]) == (1, 1)


def test_a_file_is_read_row_by_row(api: Api) -> None:
    text = (
        "series,day,channel,value,currency\n브랜드 검색,2025-03-08,web,340,\nreach,8.3.2025,,1,\n"
    )
    done = upload(api, text, "cp949", source="naver").get_json()
    assert (done["accepted"], done["rejected"][0]["field"]) == (1, "day")
    [held] = api.get(f"{PATH}?source=naver").get_json()["items"]
    assert (held["series"], held["value"]) == ("브랜드 검색", 340)


@pytest.mark.parametrize("text", ["", "day,cost\n2025-03-08,1\n", 'day,value\n"2025'])
def test_a_file_that_is_none_is_refused(api: Api, text: str) -> None:
    answer = upload(api, text)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "file")


def test_figures_come_in_pages(api: Api) -> None:
    api.post(PATH, json=[figure(channel=f"c{number}") for number in range(3)])
    first = api.get(f"{PATH}?limit=2").get_json()
    rest = api.get(f"{PATH}?limit=2&cursor={first['next']}").get_json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    assert api.get(f"{PATH}?cursor=eA").status_code == 422
