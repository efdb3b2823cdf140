"""What an outsider is not to see is nowhere in what is kept for them."""

import json
from dataclasses import dataclass, replace

import pytest

from experiments.kpis.text import Text
from experiments.reporting.group_facts import SegmentRead
from experiments.reporting.redaction import REDACTIONS, redacted
from experiments.reporting.report import Report, State
from experiments.reporting.text import render_text
from experiments.reporting.wording import say
from experiments.storage.codec import from_document, to_document
from tests.experiments.reporting.factories import (
    CASES,
    REVENUE,
    THREE_ARMS,
    VARIATIONS,
    Case,
    example,
    report_of,
)
from tests.experiments.reporting.pictures.test_pictures import with_timeline

EVERYTHING = frozenset(REDACTIONS)
REPORTS = {
    **{state.value: report_of(case) for state, case in CASES.items()},
    **{name: report_of(case) for name, case in VARIATIONS.items()},
}


def kept(report: Report, *what: str) -> str:
    return json.dumps(to_document(redacted(report, frozenset(what))), ensure_ascii=False)


def odd(report: Report) -> Report:
    """The report with keys and names that stand nowhere else."""
    names = {key: f"이름-{key}-XYZ" for key in report.variants}
    keys = {key: f"key-{key}-xyz" for key in report.variants}
    text = json.dumps(to_document(report))
    document = json.loads(text)
    renamed = _renamed(document, keys, names)
    renamed["name"], renamed["experiment"] = "비밀 테스트", "secret-test"
    renamed["hypothesis"] = "비밀 가설"
    return from_document(Report, renamed)


def _renamed(found: object, keys: dict[str, str], names: dict[str, str]) -> dict[str, object]:
    """The document with other keys of variants, in every place that holds one."""

    def walk(value: object, field: str = "") -> object:
        if isinstance(value, dict):
            if set(value) <= set(keys) and value:
                inner = {keys[key]: walk(each) for key, each in value.items()}
                return inner if field != "variants" else {keys[key]: names[key] for key in value}
            out = {name: walk(each, name) for name, each in value.items()}
            if value.get("variant") in keys and "name" in value:
                out["name"] = names[value["variant"]]
            return out
        if isinstance(value, list):
            if field == "guardrails" and value and all(isinstance(each, list) for each in value):
                return [[kpi, keys[variant]] for kpi, variant in value]
            return [walk(each, field) for each in value]
        return keys.get(value, value) if field in {"variant", "control", "better"} and isinstance(value, str) else value  # fmt: skip  # noqa: E501 - one rule

    result = walk(found)
    assert isinstance(result, dict)
    return result


@pytest.mark.parametrize("name", REPORTS)
def test_no_name_and_no_key_of_a_variant_is_left(name: str) -> None:
    report = odd(with_timeline(REPORTS[name]))
    text = kept(report, "names")
    for secret in ("비밀", "secret", "XYZ", "xyz"):
        assert secret not in text


@pytest.mark.parametrize("what", [frozenset({each}) for each in REDACTIONS] + [EVERYTHING])
@pytest.mark.parametrize("name", REPORTS)
def test_what_is_left_can_still_be_told_in_both_languages(name: str, what: frozenset[str]) -> None:
    report = redacted(with_timeline(REPORTS[name]), what)
    again = from_document(Report, json.loads(json.dumps(to_document(report))))
    assert again == report
    for language in ("ko", "en"):
        assert say(again, language).headline
        assert render_text(again, language)


def test_amounts_become_an_index_and_their_relation_stays() -> None:
    report = report_of(Case(kpis=(REVENUE,)))
    hidden = redacted(report, frozenset({"revenue"}))
    goal, shown = report.goals[0], hidden.goals[0]
    assert (shown.arms[0].value, shown.currency) == (100.0, None)
    assert shown.arms[1].value == pytest.approx(100 * 3_044 / 2_652)
    assert shown.comparisons[0].relative == goal.comparisons[0].relative
    assert shown.comparisons[0].p_value == goal.comparisons[0].p_value
    assert "기준안=100" in shown.name.ko
    assert hidden.verdict == report.verdict


def test_no_amount_of_money_is_left() -> None:
    report = with_timeline(example(State.TRADE_OFF))
    text = kept(report, "revenue")
    goal = report.goals[0]
    amounts = [goal.minimum_effect, goal.comparisons[0].difference]
    amounts += [each for arm in goal.arms for each in (arm.value, arm.total)]
    amounts += [point.difference for point in report.timeline.points] if report.timeline else []
    for amount in filter(None, amounts):
        assert f" {json.dumps(amount)}," not in text
    assert "KRW" not in text
    for language in ("ko", "en"):
        hidden = redacted(report, frozenset({"revenue"}))
        said = say(hidden, language)
        told = " ".join((said.headline, *said.sentences, said.next_step))
        assert "원" not in told.replace("지원", "")
        assert "₩" not in told


def test_other_kpis_are_untouched_by_hiding_amounts() -> None:
    report = example(State.TRADE_OFF)
    hidden = redacted(report, frozenset({"revenue"}))
    assert hidden.goals[1:] == report.goals[1:]


def test_segments_go_wherever_a_report_has_them() -> None:
    @dataclass(frozen=True)
    class WithSegments(Report):
        segment_note: str | None = None

    report = WithSegments(
        **vars(example(State.WIN))
        | {"segment": SegmentRead("vip", Text("VIP", "VIP"), 5), "segment_note": "vip"}
    )
    hidden = redacted(report, frozenset({"segments"}))
    assert isinstance(hidden, WithSegments)
    assert (hidden.segments, hidden.segment_note) == ((), None)


def test_two_variants_of_one_name_are_told_apart() -> None:
    report = report_of(replace(THREE_ARMS, names=("A안", "B안", "B안")))
    hidden = redacted(report, frozenset({"names"}))
    assert [arm.name for arm in hidden.goals[0].arms] == ["A", "B", "C"]
    assert list(hidden.variants) == ["a", "b", "c"]


def test_nothing_is_hidden_unless_it_is_asked_for() -> None:
    report = example(State.WIN)
    assert redacted(report, frozenset()) == report
