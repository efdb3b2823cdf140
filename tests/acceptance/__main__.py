"""``python -m tests.acceptance ../shared/data/hillstrom``: a published study, number by number.

A study of customers is registered, imported and read through the HTTP interface; one of counts or
moments alone (asos, upworthy) goes through `stats`.
"""

import importlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.acceptance.server import Client, own_server
from tests.acceptance.study import Study

IMPORT_WITHIN_SECONDS = 180


def main(arguments: list[str]) -> int:
    """Run one study; 0 if everything held, or if its data are not there."""
    folder = Path(arguments[0])
    module = importlib.import_module(f"tests.acceptance.{folder.name}")
    study: Study | None = getattr(module, "STUDY", None)
    file = folder / (study.file if study else module.FILE)
    if not file.exists():
        print(f"SKIPPED {folder.name}: {file} is not there")
        return 0
    lines = module.checked(file) if study is None else through_http(study, file)
    failures = [line for held, line in lines if print_line(held, line)]
    print(f"{folder.name}: {'all held' if not failures else f'{len(failures)} FAILED'}")
    return 1 if failures else 0


def through_http(study: Study, file: Path) -> Iterator[tuple[bool, str]]:
    """Import a file into a server of its own and hold its report against the publication."""
    with tempfile.TemporaryDirectory() as empty, own_server(Path(empty) / "home") as client:
        file = file if study.prepared is None else study.prepared(file, Path(empty))
        job = import_study(client, study, file)
        report = client.get(f"/api/v1/experiments/{study.experiment['key']}/report")
    print(f"imported {job['rows_read']} rows: {job['accepted']} facts, {job['rejected']} rejected")
    yield from checked(study, report)
    print_verdict(report)


def import_study(client: Client, study: Study, file: Path) -> Any:
    """Register, start, upload, and wait until the file is in."""
    for document in study.kpis:
        client.post("/api/v1/kpis", document)
    key = client.post("/api/v1/experiments", study.experiment)["key"]
    client.post(f"/api/v1/experiments/{key}/start")
    job = client.upload("/api/v1/imports", file, {"mapping": json.dumps(study.mapping)})
    until = time.monotonic() + IMPORT_WITHIN_SECONDS
    while job["state"] in {"waiting", "running"}:
        if time.monotonic() > until:
            raise TimeoutError(f"the import is still {job}")
        time.sleep(0.2)
        job = client.get(f"/api/v1/imports/{job['id']}")
    assert job["state"] == "done", job
    assert job["rejected"] == 0, job
    return job


def checked(study: Study, report: Any) -> Iterator[tuple[bool, str]]:
    """Every published number beside ours."""
    goals = {goal["kpi"]: goal for goal in report["goals"]}
    for fact in study.arms:
        arm = next(arm for arm in goals[fact.kpi]["arms"] if arm["variant"] == fact.variant)
        held = arm["units"] == fact.units and round(arm["total"], 6) == fact.total
        held = held and abs(arm["value"] - fact.total / fact.units) < 1e-12
        yield (
            held,
            (
                f"{fact.kpi:13} {fact.variant:9} {arm['units']:>7,} customers "
                f"{arm['total']:>12,.2f} total {arm['value']:>12.6f} each"
            ),
        )
    for lift in study.lifts:
        entry = next(
            entry for entry in goals[lift.kpi]["comparisons"] if entry["variant"] == lift.variant
        )
        interval = entry["interval"]
        near = max(
            abs(entry["difference"] - lift.difference),
            abs(interval["lower"] - lift.lower),
            abs(interval["upper"] - lift.upper),
        )
        held = near <= lift.tolerance and entry["significant"] == lift.significant
        yield (
            held,
            (
                f"{lift.kpi:13} {lift.variant:9} {entry['difference']:+.6f} "
                f"[{interval['lower']:+.6f}, {interval['upper']:+.6f}] "
                f"published [{lift.lower:+.6f}, {lift.upper:+.6f}] p {entry['p_value']:.3g}"
            ),
        )
    (split,) = report["health"]["splits"]
    held = abs(split["p_value"] - study.split_p_value) < 5e-5 and not split["broken"]
    yield held, f"sample ratio p {split['p_value']:.4f}, published {study.split_p_value}, no alarm"
    met = sum(report["health"]["two_variants"].values())
    yield met == study.two_variants, f"{met} customers met two variants"
    verdict = (report["verdict"]["state"], report["verdict"]["variant"])
    yield verdict == study.verdict, f"verdict: {verdict[0]}, about {verdict[1]}"


def print_line(held: bool, line: str) -> bool:
    """Print the line; whether it failed."""
    print(f"{'  ok  ' if held else ' FAIL '} {line}")
    return not held


def print_verdict(report: Any) -> None:
    """The verdict in both languages."""
    for language in ("ko", "en"):
        said = report["said"][language]
        print(" ".join([said["headline"], *said["sentences"], "→", said["next_step"]]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
