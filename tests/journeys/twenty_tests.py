"""Twenty tests of every kind on a running server, and customers to ask them about."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

from tests.acceptance.server import Client

Customer = dict[str, Any]
HALVES = {"a": 0.5, "b": 0.5}
KPI = {
    "key": "click-rate",
    "name": "클릭률",
    "kind": "proportion",
    "unit_of_measure": "rate",
    "source": "mail tool",
    "formula": {"event": "click", "value": "occurrence", "window_hours": 72},
}
OLD_ENOUGH = {"age": {"$gte": 20, "$lt": 60}}
CASES: dict[str, dict[str, Any]] = {
    "halves": {},
    "unequal": {"weights": {"a": 0.1, "b": 0.9}},
    "partly-covered": {"coverage": 0.3},
    "four-arms": {"weights": {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}, "coverage": 0.77},
    "ten-arms": {"weights": dict.fromkeys("abcdefghij", 0.1)},
    "reallocated": {"coverage": 0.6},
    "reallocated-thirds": {"weights": {"a": 0.34, "b": 0.33, "c": 0.33}, "coverage": 0.5},
    "seed-in-korean": {"seed": "봄맞이 제목"},
    "seed-of-a-face": {"seed": "😀"},
    "low-slots": {"layer": {"key": "mail", "start": 0, "end": 4000}},
    "high-slots": {"layer": {"key": "mail", "start": 4000, "end": 10_000}, "coverage": 0.5},
    "by-household": {"hash_attribute": "household"},
    "by-number": {"hash_attribute": "shop", "layer": {"key": "shops", "start": 0, "end": 7000}},
    "in-korea": {"audience": {"conditions": {"country": "KR"}}},
    "of-age": {"audience": {"conditions": OLD_ENOUGH}},
    "new-app": {"audience": {"conditions": {"app": {"$vgte": "2.10.0", "$vne": "3.0.0"}}}},
    "tagged": {
        "audience": {
            "conditions": {
                "tags": {"$in": ["vip", "새 고객"]},
                "$or": [{"agent": {"$regex": "(Mobile|Tablet)"}}, {"age": {"$lt": 30}}],
            }
        }
    },
    "in-a-segment": {
        "audience": {"segments": ["grown-ups"], "conditions": {"$not": {"country": "JP"}}}
    },
    "payloads-of-every-kind": {
        "weights": {"a": 0.2, "b": 0.2, "c": 0.2, "d": 0.2, "e": 0.2},
        "payloads": {"a": False, "b": 0, "c": "", "d": [1.5, None], "e": {"제목": {"깊이": [1]}}},
    },
    "with-testers": {"audience": {"conditions": {"id": {"$nin": ["customer-3"]}}}},
}
# From here on, tests keep to a holdout of a tenth of the customers.
HELD_OUT_FROM = "in-korea"
REALLOCATED = {
    "reallocated": {"weights": {"a": 0.8, "b": 0.2}},
    "reallocated-thirds": {"weights": {"a": 0.5, "b": 0.25, "c": 0.25}, "coverage": 0.8},
}
TESTERS = {"with-testers": {"customer-1": "a", "customer-2": "b", "홍길동": "b"}}
# What goes by lists of customers, and so by no client's own evaluation.
LISTED: dict[str, dict[str, Any]] = {
    "not-to-who-refused": {"audience": {"exclude_lists": ["refused"]}},
    "to-who-agreed": {"audience": {"require_lists": ["agreed"], "conditions": {"country": "KR"}}},
}
ALL_CASES = CASES | LISTED
# The first so many customers are on the list.
MEMBERS = {"refused": 20, "agreed": 300}
ODD_IDS = ("홍길동", "user-é", "user-é", "😀", "👩‍👩‍👧", " ", "0", "null", "a,b\"c'd", "x" * 1024)


def set_up(client: Client) -> None:
    """Register and start the twenty tests, and change some of them while they run."""
    client.post("/api/v1/kpis", KPI)
    client.post("/api/v1/layers", {"key": "mail", "name": "Mail"})
    shops = {"key": "shops", "name": "Shops", "hash_attribute": "shop", "seed": "층"}
    client.post("/api/v1/layers", shops)
    segment = {"key": "grown-ups", "name": "Grown-ups", "condition": OLD_ENOUGH}
    client.post("/api/v1/segments", segment)
    for key, kind in {"refused": "suppression", "agreed": "consent"}.items():
        client.post("/api/v1/lists", {"key": key, "name": key, "kind": kind})
        members = [each["id"] for each in customers(MEMBERS[key])]
        client.post(f"/api/v1/lists/{key}/members", {"add": members})
    for key, case in ALL_CASES.items():
        if key == HELD_OUT_FROM:
            client.post("/api/v1/holdouts", {"key": "all", "name": "All", "share": 0.1})
        client.post("/api/v1/experiments", experiment(key, **case))
        client.post(f"/api/v1/experiments/{key}/start")
    for key, change in REALLOCATED.items():
        edit(client, "POST", f"/api/v1/experiments/{key}/reallocate", change)
    for key, given in TESTERS.items():
        edit(client, "PUT", f"/api/v1/experiments/{key}/overrides", {"overrides": given})


def experiment(
    key: str,
    weights: dict[str, float] | None = None,
    payloads: dict[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A test's document; its first variant is the control."""
    variants = [
        {"key": each, "name": f"{each}안", "weight": weight, "control": each == "a"}
        for each, weight in (weights or HALVES).items()
    ]
    for variant in variants:
        if payloads:
            variant["payload"] = payloads[str(variant["key"])]
    return {
        "key": key,
        "name": key,
        "anchor": "assignment",
        "shape": "triggered",
        "channels": ["email"],
        "variants": variants,
        "goals": [{"kpi": "click-rate", "role": "primary", "minimum_effect": 0.01}],
        **changes,
    }


def edit(client: Client, method: str, path: str, body: object) -> None:
    """Change something, whatever its revision."""
    request = urllib.request.Request(client.url + path, json.dumps(body).encode(), method=method)
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    for name, value in (headers | {"Authorization": f"Bearer {client.key}"}).items():
        request.add_header(name, value)
    with client.opener.open(request, timeout=30):
        pass


def customers(count: int) -> Iterator[Customer]:
    """Customers with their attributes, ``id`` among them; some know little of themselves."""
    for number in range(count):
        ids = (f"customer-{number}", f"고객-{number}", f"{number:08x}-4a7c")
        known: Customer = {
            "id": ODD_IDS[number] if number < len(ODD_IDS) else ids[number % 3],
            "country": ("KR", "JP", None, "kr", 82)[number % 5],
            "age": (19, 20, 35.5, "35", None, 60)[number % 6],
            "app": ("2.9.9", "2.10.0", "v3.0.0+7", "", 3, None)[number % 6],
            "tags": (["vip"], [], ["새 고객", "x"], "vip", None)[number % 5],
            "agent": ("Android Mobile", "Desktop", None)[number % 3],
            "household": (f"가구-{number // 3}", "", None, 0, number)[number % 5],
            "shop": (number % 70, 1.5, 1e21, "12", True, None)[number % 6],
        }
        yield {name: value for name, value in known.items() if value is not None or number % 2}
