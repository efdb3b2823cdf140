"""The documents that go with the send-time test."""

from typing import Any

from sample_data.kpi_forms import OWNER, both, kpi_document, occurrence
from sample_data.push_time import CUSTOMERS, KEY, SEND_DAYS
from sample_data.writing import event_mapping, exposure_mapping

_DUE = "2025-04-10"
_BASELINES = {1: ("0.12", "0.13"), 2: ("0.09", "0.095"), 3: ("0.075", "0.08")}


def kpi_documents() -> list[dict[str, Any]]:
    """The KPIs, parents before children."""
    return [
        *(_revisit(day) for day in (3, 2, 1)),
        kpi_document(
            "push_open",
            ("푸시 오픈율", "Push open rate"),
            ("발송 대비 24시간 푸시 오픈율", "Push openers in 24 hours per sent"),
            occurrence("open", 24),
            levels=("0.042", "0.048"),
            due_on=_DUE,
            purpose="푸시가 고객의 눈길을 끄는지 봅니다.",
            tier="operational",
            timing="leading",
            stage="awareness",
            parent="revisit_d1",
        ),
        kpi_document(
            "push_opt_out",
            ("푸시 거부율", "Push opt-out rate"),
            ("발송 대비 푸시 거부율", "Push opt-outs per sent"),
            occurrence("push_opt_out", 72),
            levels=("0.003", "0.0025"),
            due_on=_DUE,
            purpose="푸시가 고객을 떠나게 하지 않는지 지킵니다.",
            timing="leading",
            stage="retention",
            direction="down",
            parent="revisit_d3",
        ),
    ]


def _revisit(day: int) -> dict[str, Any]:
    parent = {} if day == 3 else {"parent": f"revisit_d{day + 1}"}
    return kpi_document(
        f"revisit_d{day}",
        (f"D+{day} 재방문율", f"Back on D+{day}"),
        (f"발송 대비 D+{day} 재방문율", f"Back on D+{day} per sent"),
        {"event": "visit", "value": "occurrence", "days": {"first": day, "last": day}},
        levels=_BASELINES[day],
        due_on=_DUE,
        purpose=f"푸시를 받은 고객이 {day}일 뒤에 다시 오는지 봅니다.",
        tier="strategic" if day == 3 else "tactical",
        stage="retention",
        **parent,
    )


def experiment_document() -> dict[str, Any]:
    """The draft, as an API client would post it."""
    return {
        "key": KEY,
        "name": "푸시 발송 시각",
        "hypothesis": "퇴근 시간에는 푸시를 더 많이 열어 봅니다.",
        "anchor": "planned_send",
        "shape": "triggered",
        "purpose": "learn",
        "channels": ["app_push"],
        "element": "send_time",
        "allocation": "truelift",
        "variants": [
            _variant("a", "A안 10시", "10:00", control=True),
            _variant("b", "B안 18시", "18:00", control=False),
        ],
        "goals": [
            {
                "kpi": "push_open",
                "role": "primary",
                "minimum_effect": "0.005",
                "target": {"value": "0.048"},
            },
            {"kpi": "revisit_d1", "role": "secondary", "target": {"value": "0.13"}},
            {"kpi": "revisit_d2", "role": "secondary"},
            {"kpi": "revisit_d3", "role": "secondary"},
            {"kpi": "push_opt_out", "role": "guardrail", "margin": "0.0015"},
        ],
        "plan": {"units_planned": CUSTOMERS, "looks": SEND_DAYS},
        "schedule": {
            "starts_at": "2025-04-01T00:00:00+09:00",
            "ends_at": "2025-04-15T00:00:00+09:00",
        },
        "owner": OWNER,
        "tags": ["sample"],
    }


def _variant(key: str, name: str, local_time: str, *, control: bool) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "weight": "0.5",
        "control": control,
        "payload": {"title": both("오늘의 소식", "Today's news")["ko"]},
        "send_at": {"local_time": local_time},
    }


def import_mappings() -> list[dict[str, Any]]:
    """How the files are read: in this order, each with its column mapping."""
    exposures = exposure_mapping(KEY, constants={"channel": "app_push"})
    exposures["properties"] = {"segment": "segment"}
    return [
        {"file": "exposures.csv", "mapping": exposures},
        {"file": "events.csv", "mapping": event_mapping()},
    ]
