"""The runner of oracle values: what passes, fails and is skipped, and how it is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.oracles.__main__ import main
from tests.oracles.runner import SKIPPED_WITHOUT_A_CALL, check, collected_calls

HALVED = {"half": lambda inputs: {"value": inputs["x"] / 2, "list": [inputs["x"], float("inf")]}}


def oracle(method: str = "half", tolerance: Any = 0, **expected: Any) -> dict[str, Any]:
    return {
        "id": "one",
        "method": method,
        "inputs": {"x": 3},
        "expected": expected,
        "tolerance": tolerance,
    }


def test_a_value_within_its_tolerance_passes() -> None:
    assert check(oracle(value=1.51, tolerance=0.02), HALVED).failures == ()
    assert check(oracle(value=1.51, tolerance=0.005), HALVED).failures == (
        "one half value: expected 1.51, got 1.5, tolerance 0.005",
    )


def test_each_key_may_have_its_own_tolerance() -> None:
    wide = {"value": 0.1, "list": 0}
    assert check(oracle(value=1.55, list=[3, "inf"], tolerance=wide), HALVED).failures == ()


def test_infinity_is_only_infinity() -> None:
    assert check(oracle(list=[3, "inf"]), HALVED).failures == ()
    assert check(oracle(list=["inf", "inf"], tolerance=1e300), HALVED).failures
    assert check(oracle(list=[3, "-inf"], tolerance=1e300), HALVED).failures


@pytest.mark.parametrize("expected", [{"list": [3]}, {"value": [1.5]}, {"list": 3}, {"none": 1}])
def test_another_shape_or_a_missing_key_fails(expected: dict[str, Any]) -> None:
    assert len(check(oracle(tolerance=9, **expected), HALVED).failures) == 1


@pytest.mark.parametrize("value", [float("nan"), None, "much"])
def test_what_is_no_number_fails(value: Any) -> None:
    assert check(oracle(value=1.0, tolerance=9), {"half": lambda _: {"value": value}}).failures


def test_an_unknown_method_fails() -> None:
    assert check(oracle("thirds", value=1), HALVED).failures == (
        "one thirds: no method of this name is known",
    )


def test_an_exception_fails_with_its_message() -> None:
    broken = {**oracle(value=1), "inputs": {}}
    assert check(broken, HALVED).failures == ("one half: KeyError: 'x'",)
    assert check({**oracle(value=1), "tolerance": {}}, HALVED).failures


def test_an_oracle_that_expects_nothing_fails() -> None:
    assert check(oracle(), HALVED).failures == ("one half: nothing is expected of it",)


def test_only_what_is_listed_is_skipped_and_only_without_a_call() -> None:
    skipped = check(oracle("n_arcsine", n=1), {})
    assert skipped.skipped == SKIPPED_WITHOUT_A_CALL["n_arcsine"]
    assert not skipped.failures
    called = check(oracle("n_arcsine", n=1), {"n_arcsine": lambda _: {"n": 2}})
    assert called.failures
    assert not called.skipped


def test_every_module_of_calls_is_collected() -> None:
    assert {"wilson", "welch_raw", "dunnett_p", "lan_demets_obf", "duration_days"} <= set(
        collected_calls()
    )


def test_a_file_is_run_and_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wilson = {"id": "w", "method": "wilson", "inputs": {"x": 81, "n": 263}, "tolerance": 1e-6}
    right = {**wilson, "expected": {"lo": 0.2552885, "hi": 0.3662096}}
    file = tmp_path / "values.json"
    file.write_text(json.dumps({"oracles": [right]}), encoding="utf-8")
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == "1 passed, 0 failed, 0 skipped\n"

    wrong = {**wilson, "expected": {"lo": 0.5, "hi": 0.3662096}}
    file.write_text(json.dumps({"oracles": [right, wrong]}), encoding="utf-8")
    assert main([str(file)]) == 1
    line, end = capsys.readouterr().out.splitlines()
    assert line.startswith("FAILED w wilson lo: expected 0.5, got 0.25528")
    assert end == "1 passed, 1 failed, 0 skipped"
