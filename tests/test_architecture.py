"""The structure of the code: imports go one way, rules stay pure, hot paths stay light."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "stats": {"stats"},
    "experiments": {"experiments", "stats"},
    "sample_data": {"experiments", "sample_data"},
    "migrations": {"experiments", "migrations"},
    "api": {"api", "experiments", "stats", "migrations", "sample_data", "wsgi"},
}
OURS = {"api", "experiments", "stats", "sample_data", "migrations", "wsgi", "tests", "bench"}
WEB = {"flask", "marshmallow", "flask_smorest", "werkzeug", "click", "granian"}
# Modules that decide: plain values in and out.
PURE = (
    "experiments/names.py",
    "experiments/units.py",
    "experiments/access/roles.py",
    *(
        f"experiments/kpis/{name}.py"
        for name in (
            "descriptive",
            "document",
            "fit",
            "formula",
            "known_names",
            "meaning",
            "measured",
            "preview",
            "status",
            "term_checks",
            "terms",
            "text",
            "tracking",
            "tree",
            "catalogue/__init__",
            "catalogue/entry",
            "catalogue/search",
        )
    ),
    "experiments/kpis/kinds.py",
    "experiments/kpis/smart.py",
    *(
        f"experiments/tracking/{name}.py"
        for name in ("baseline", "forecast", "narrowed", "pace", "periods", "preview", "series")
    ),
    "experiments/registry/adaptive.py",
    "experiments/registry/experiment.py",
    "experiments/registry/lifecycle.py",
    "experiments/registry/channels.py",
    "experiments/registry/preflight.py",
    "experiments/registry/start_findings.py",
    "experiments/registry/send_times.py",
    "experiments/registry/sending_rules.py",
    "experiments/registry/sending_design.py",
    "experiments/registry/advertising.py",
    "experiments/assignment/send_instants.py",
    "experiments/zones.py",
    "experiments/assignment/hashing.py",
    "experiments/assignment/buckets.py",
    "experiments/assignment/evaluation.py",
    "experiments/assignment/bulk.py",
    "experiments/assignment/gates.py",
    "experiments/assignment/hash_values.py",
    "experiments/assignment/members.py",
    "experiments/assignment/overlap.py",
    "experiments/assignment/propensities.py",
    "experiments/assignment/reallocation.py",
    "experiments/registry/audience.py",
    *(
        f"experiments/assignment/conditions/{name}.py"
        for name in ("check", "compare", "evaluate", "patterns", "portable", "values", "versions")
    ),
    "experiments/assignment/growthbook.py",
    "experiments/assignment/payload.py",
    "experiments/assignment/remote.py",
    "experiments/reporting/goal_facts.py",
    "experiments/reporting/health_facts.py",
    "experiments/reporting/report.py",
    "experiments/reporting/verdict.py",
)
HEAVY = ("scipy.stats", "statsmodels", "pandas", "ibis", "duckdb")


def sources(package: str) -> Iterator[Path]:
    yield from sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that the file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_one_way(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(package)
        for name in imported(path)
        if (top := name.split(".")[0]) in OURS and top not in MAY_IMPORT[package]
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["stats", "experiments", "sample_data"])
def test_only_the_outermost_layer_knows_the_web(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(package)
        for name in imported(path)
        if name.split(".")[0] in WEB
    ]
    assert wrong == []


@pytest.mark.parametrize("module", PURE)
def test_modules_that_decide_know_no_database(module: str) -> None:
    names = list(imported(ROOT / module))
    assert not [name for name in names if name.split(".")[0] == "sqlalchemy"]
    assert not [name for name in names if name.startswith("experiments.storage")]


def test_assignment_and_ingest_stay_light() -> None:
    """Importing the application must not load what only reports need."""
    program = (
        "import sys, api.app, experiments.assignment.snapshot; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_package_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for package in MAY_IMPORT
        for path in sources(package)
        if "versions" not in path.parts
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_lock_file_names_a_registry() -> None:
    named = [path.name for path in ROOT.glob("*.lock") if "://" in path.read_text()]
    assert named == []


SUPPRESSION = re.compile(r"# (?:noqa|type: ignore)\b")
WITH_REASON = re.compile(r"(?:noqa: [A-Z0-9, ]+?|type: ignore\[[a-z,-]+\]) *(?:-|#) ?\S")


@pytest.mark.parametrize("package", sorted(OURS - {"wsgi"}))
def test_a_check_that_is_switched_off_names_its_rule_and_its_reason(package: str) -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources(package)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if SUPPRESSION.search(line) and not WITH_REASON.search(line)
    ]
    assert bare == []
