"""A server with one scenario in it, as a client would have brought it there.

The campaigns are over, so that they are registered as campaigns of the past: the exposures say
the variant. That it is the one our own hash gives is asked for of a twin that Truelift assigns.
"""

import csv
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sample_data.generate import generate
from tests.acceptance.server import Client, own_server

IMPORT_WITHIN_SECONDS = 300


@dataclass(frozen=True)
class Shop:
    """A service, and the files of the scenario that is in it."""

    client: Client
    folder: Path

    @property
    def truth(self) -> Any:
        return self.read("truth")

    def read(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    def report(self, key: str | None = None, **asked: str) -> Any:
        """Of the scenario's test, or of another; ``as_of`` a moment, or of one ``segment``."""
        key = key or self.read("experiment")["key"]
        query = f"?{urlencode(asked)}" if asked else ""
        return self.client.get(f"/api/v1/experiments/{key}/report{query}")

    def register(self, draft: dict[str, Any]) -> str:
        """A test of the past, started."""
        key = str(
            self.client.post("/api/v1/experiments", draft | {"allocation": "external"})["key"]
        )
        self.client.post(f"/api/v1/experiments/{key}/start")
        return key

    def load(self, file: str, mapping: dict[str, Any]) -> Any:
        """Read one of the files in, and wait until it is."""
        fields = {"mapping": json.dumps(mapping)}
        job = self.client.upload("/api/v1/imports", self.folder / file, fields)
        until = time.monotonic() + IMPORT_WITHIN_SECONDS
        while job["state"] in {"waiting", "running"}:
            assert time.monotonic() < until, job
            time.sleep(0.2)
            job = self.client.get(f"/api/v1/imports/{job['id']}")
        assert (job["state"], job["rejected"], job["conflicts"]) == ("done", 0, 0), job
        return job

    def stop(self, key: str) -> None:
        self.client.post(f"/api/v1/experiments/{key}/stop")

    def given_by_hash(self) -> dict[str, str]:
        """The variant that Truelift gives every customer of the list, by customer."""
        draft = self.read("experiment")
        twin = draft | {"key": f"{draft['key']}-twin", "seed": draft.get("seed", draft["key"])}
        self.client.post("/api/v1/experiments", twin)
        self.client.post(f"/api/v1/experiments/{twin['key']}/start")
        answer = self.client.upload(
            f"/api/v1/experiments/{twin['key']}/assignments",
            self.folder / "customers.csv",
            {"unit_column": "user_id"},
        )
        rows = csv.DictReader(io.StringIO(answer.removeprefix("\ufeff")))
        return {row["user_id"]: row["variant"] for row in rows}

    def assignments(self) -> dict[str, str]:
        with (self.folder / "assignments.csv").open(encoding="utf-8", newline="") as file:
            return {row["user_id"]: row["variant"] for row in csv.DictReader(file)}


@contextmanager
def opened(scenario: str, folder: Path, imports: str = "imports") -> Iterator[Shop]:
    """A server with the scenario at full size: registered, started, imported, stopped."""
    files = folder / "files"
    generate(scenario, files)
    with own_server(folder / "home") as client:
        shop = Shop(client, files)
        for document in shop.read("kpis"):
            client.post("/api/v1/kpis", document)
        keys = [shop.register(shop.read(each.stem)) for each in sorted(files.glob("experiment*"))]
        for step in shop.read(imports):
            shop.load(step["file"], step["mapping"])
        for key in keys:
            shop.stop(key)
        yield shop


def goal_of(report: Any, kpi: str) -> Any:
    return next(goal for goal in report["goals"] if goal["kpi"] == kpi)


def comparison_of(report: Any, kpi: str, variant: str) -> Any:
    found = goal_of(report, kpi)["comparisons"]
    return next(entry for entry in found if entry["variant"] == variant)


def counted(report: Any) -> dict[str, dict[str, dict[str, int]]]:
    """Customers and total by KPI and variant, as ``truth.json`` has them."""
    return {
        goal["kpi"]: {
            arm["variant"]: {"units": arm["units"], "total": arm["total"]} for arm in goal["arms"]
        }
        for goal in report["goals"]
    }


def without_divisors(kpis: Any) -> Any:
    """The truth's counts without what ratios divide by."""
    return {
        kpi: {
            variant: {"units": told["units"], "total": told["total"]}
            for variant, told in arms.items()
        }
        for kpi, arms in kpis.items()
    }


def accounted(report: Any, kpis: Any) -> dict[str, Any]:
    """Where every event went, of these KPIs, as ``truth.json`` has it."""
    found = {kpi: goal_of(report, kpi)["accounting"] for kpi in kpis}
    return {
        kpi: {
            "received": told["received"],
            "used": told["used"],
            "excluded": dict(sorted(told["excluded"].items())),
        }
        for kpi, told in found.items()
    }
