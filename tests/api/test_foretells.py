"""Past tests held against each other, with a real report."""

import pytest

from tests.api.conftest import Api
from tests.api.loaded import database, loaded_file, project, reader

__all__ = ["database", "loaded_file", "project", "reader"]

PATH = "/api/v1/kpis/{}/foretells?lagging={}"


@pytest.mark.slow  # A whole report.
def test_a_test_that_ended_is_a_point(reader: Api) -> None:
    [test] = reader.get("/api/v1/experiments").get_json()["items"]
    first, second = (goal["kpi"] for goal in test["goals"][:2])
    found = reader.get(PATH.format(first, second)).get_json()
    points = [each["experiment"] for each in (*found["tests"], *found["left_out"])]
    assert points == [test["key"]]
    for point in found["tests"]:
        assert point["variant"] == "b"
        assert point["leading_error"] > 0 < point["lagging_error"]
    assert (found["slope"], found["gap"]) == (None, "too_few_tests")
