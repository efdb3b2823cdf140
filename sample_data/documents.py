"""The documents that go with a mailing: its KPIs, its experiment, how its files are read."""

from typing import Any

from sample_data.scenario import WINDOW_HOURS, Scenario
from sample_data.writing import event_mapping, exposure_mapping

_SOURCE = "메일 발송 도구와 쇼핑몰의 이벤트 파일(events.csv)"
_OWNER = "CRM 팀"
SUBJECTS = {"a": "[공지] 3월 혜택 안내", "b": "{이름}님만을 위한 3월 혜택이 내일 끝나요"}


def kpi_documents() -> list[dict[str, Any]]:
    """The KPIs, parents before children; the same in every mailing."""
    return [
        _rate(
            key="conversion",
            name=("구매 전환율", "Purchase conversion"),
            short=("발송 대비 구매 전환율", "Buyers per sent"),
            formula={"event": "purchase"},
            purpose="메일 한 통이 구매로 이어지는 비율을 봅니다.",
            levels=("0.0017", "0.0020"),
            tier="strategic",
            timing="lagging",
            stage="revenue",
        ),
        _rate(
            key="click",
            name=("클릭률", "Click rate"),
            short=("발송 대비 클릭률", "Clickers per sent"),
            formula={"event": "click"},
            purpose="메일을 읽고 혜택 페이지로 넘어오는 고객을 봅니다.",
            levels=("0.0213", "0.0235"),
            tier="tactical",
            timing="leading",
            stage="activation",
            parent="conversion",
        ),
        _rate(
            key="human_open",
            name=("오픈율(자동 오픈 제외)", "Human open rate"),
            short=("발송 대비 오픈율", "Human openers per sent"),
            formula={"event": "open"},
            purpose="제목이 고객의 눈길을 끄는지 봅니다.",
            levels=("0.177", "0.197"),
            tier="operational",
            timing="leading",
            stage="awareness",
            parent="click",
        ),
        _rate(
            key="open_all",
            name=("전체 오픈율(자동 오픈 포함)", "Open rate with machine opens"),
            short=("발송 대비 전체 오픈율", "All openers per sent"),
            formula={"event": "open", "machine": "include"},
            purpose="메일 앱이 대신 연 것까지 세면 얼마나 달라지는지 봅니다.",
            levels=("0.346", "0.36"),
            tier="operational",
            timing="leading",
            stage="awareness",
            parent="human_open",
        ),
        _rate(
            key="unsubscribe",
            name=("수신거부율", "Unsubscribe rate"),
            short=("발송 대비 수신거부율", "Unsubscribers per sent"),
            formula={"event": "unsubscribe"},
            purpose="메일이 고객을 떠나게 하지 않는지 지킵니다.",
            levels=("0.0025", "0.0020"),
            tier="tactical",
            timing="leading",
            stage="retention",
            parent="conversion",
            direction="down",
        ),
    ]


def _rate(
    *,
    key: str,
    name: tuple[str, str],
    short: tuple[str, str],
    formula: dict[str, str],
    levels: tuple[str, str],
    **rest: str,
) -> dict[str, Any]:
    """A proportion per customer within the window; ``levels`` are baseline and target."""
    baseline, target = levels
    return {
        "key": key,
        "name": _both(*name),
        "short_name": _both(*short),
        "kind": "proportion",
        "formula": {
            "event": formula["event"],
            "value": "occurrence",
            "window_hours": WINDOW_HOURS,
            "machine": formula.get("machine", "exclude"),
        },
        "unit_of_measure": "rate",
        "source": _SOURCE,
        "owner": _OWNER,
        "report_cycle": "weekly",
        "baseline": baseline,
        "target": {"value": target, "basis": "realistic", "due_on": "2025-06-30"},
        "status": "official",
    } | rest


def experiment_document(scenario: Scenario) -> dict[str, Any]:
    """The draft, as an API client would post it."""
    draft: dict[str, Any] = {
        "key": scenario.key,
        "name": scenario.name,
        "hypothesis": "제목에 이름을 넣고 마감을 알리면 더 많은 고객이 메일을 엽니다.",
        "anchor": "sent",
        "shape": "one_blast",
        "purpose": "learn",
        "channels": ["email"],
        "element": "subject_line",
        "allocation": "truelift",
        "variants": [
            _variant("a", "A안", control=True),
            _variant("b", "B안", control=False),
        ],
        "goals": [
            {
                "kpi": "human_open",
                "role": "primary",
                "minimum_effect": "0.01",
                "target": {"value": "0.197"},
            },
            {"kpi": "click", "role": "secondary"},
            {"kpi": "conversion", "role": "secondary"},
            {"kpi": "open_all", "role": "secondary"},
            {"kpi": "unsubscribe", "role": "guardrail", "margin": "0.001"},
        ],
        "plan": {"units_planned": scenario.customers},
        "schedule": {
            "starts_at": "2025-03-10T09:00:00+09:00",
            "ends_at": "2025-03-14T10:00:00+09:00",
        },
        "owner": _OWNER,
        "tags": ["sample"],
    }
    if scenario.assignment_seed is not None:
        draft["seed"] = scenario.assignment_seed
    return draft


def choice_document(scenario: Scenario) -> dict[str, Any]:
    """The draft of a second test on the same list and split, which only chooses."""
    draft = experiment_document(scenario)
    name = f"{scenario.name}, 고르기"
    seed = {"seed": scenario.hash_seed}
    return draft | {"key": scenario.choice_key, "name": name, "purpose": "choose"} | seed


def import_mappings(scenario: Scenario) -> list[dict[str, Any]]:
    """How the files are read: in this order, each with its column mapping."""
    channel = {"channel": "email"}
    tests = [
        {"file": "exposures.csv", "mapping": exposure_mapping(scenario.key, constants=channel)}
    ]
    if scenario.choice_key is not None:
        mapping = exposure_mapping(scenario.choice_key, constants=channel)
        # Another fact than that of the first test: it gets an id of its own.
        del mapping["columns"]["source_id"]
        tests.append({"file": "exposures.csv", "mapping": mapping})
    return [*tests, {"file": "events.csv", "mapping": event_mapping()}]


def _variant(key: str, name: str, *, control: bool) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "weight": "0.5",
        "control": control,
        "payload": {"subject": SUBJECTS[key]},
    }


def _both(korean: str, english: str) -> dict[str, str]:
    return {"ko": korean, "en": english}
