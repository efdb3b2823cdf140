"""Bodies of KPIs and experiments, to vary one thing of."""

from typing import Any

from tests.api.conftest import Api


def kpi_body(**changes: Any) -> dict[str, Any]:
    body = {
        "key": "open",
        "name": {"ko": "오픈율", "en": "Open rate"},
        "kind": "proportion",
        "formula": {"event": "open", "value": "occurrence", "window_hours": 72},
        "unit_of_measure": "rate",
        "source": "sendgrid",
        "owner": "minji",
        "purpose": "more readers",
        "stage": "activation",
        "tier": "strategic",
        "report_cycle": "weekly",
        "baseline": 0.177,
        "target": {"value": 0.197, "basis": "trend", "due_on": "2025-06-30"},
    }
    return body | changes


def unsubscribe_body(**changes: Any) -> dict[str, Any]:
    formula = {"event": "unsubscribe", "value": "occurrence", "window_hours": 72}
    return (
        kpi_body(
            key="unsubscribe",
            name="수신거부율",
            formula=formula,
            direction="down",
            baseline=None,
            target=None,
        )
        | changes
    )


def experiment_body(**changes: Any) -> dict[str, Any]:
    body = {
        "key": "subject-line",
        "name": "3월 제목 테스트",
        "hypothesis": "a name and a deadline bring more opens",
        "anchor": "sent",
        "shape": "one_blast",
        "channels": ["email"],
        "element": "subject_line",
        "variants": [
            {"key": "a", "name": "A안", "weight": 0.5, "control": True},
            {"key": "b", "name": "B안", "weight": 0.5, "payload": {"off": [0.1, 5]}},
        ],
        "goals": [
            {"kpi": "open", "role": "primary", "minimum_effect": 0.01},
            {"kpi": "unsubscribe", "role": "guardrail", "margin": 0.001},
        ],
        "owner": "minji",
    }
    return body | changes


def create_kpis(api: Api) -> None:
    """The two KPIs that :func:`experiment_body` names."""
    for body in (kpi_body(), unsubscribe_body()):
        answer = api.post("/api/v1/kpis", json=body)
        assert answer.status_code == 201, answer.text
