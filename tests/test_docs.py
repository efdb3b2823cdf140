"""The documents keep up with the code: what is registered is described, what is linked is there."""

import doctest
import importlib
import io
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import stats
from api.app import create_app
from api.routes import MODULES
from api.settings import Settings
from experiments.kpis.kinds import KINDS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
LONGEST_PAGE = 400
NOT_OURS = {".venv", "node_modules", ".pytest_cache", "var"}
# Files that come with libraries, and the page's own.
ASSET_ROUTES = {"static", "bootstrap.static"}
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SETTING = re.compile(r"\b(?:TRUELIFT_[A-Z_]+|DATABASE_URL)\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|work|Users|tmp|opt|mnt)/\w")
SHARED = re.compile(r"(?<!\.\./)\bshared/")


def pages() -> list[Path]:
    """Every Markdown file of ours."""
    return [
        path
        for path in sorted(ROOT.rglob("*.md"))
        if not NOT_OURS & set(path.relative_to(ROOT).parts)
    ]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(*names: str) -> str:
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


def interface_pages() -> list[str]:
    """The pages on the HTTP interface."""
    return [name_of(path) for path in sorted(DOCS.glob("api*.md"))]


def methods() -> Iterator[str]:
    """Every name in a registry ``METHODS`` of ``stats``."""
    for module in pkgutil.walk_packages(stats.__path__, "stats."):
        yield from getattr(importlib.import_module(module.name), "METHODS", {})


def settings() -> set[str]:
    """Every variable that the code reads from the environment."""
    sources = [ROOT / "wsgi.py", *sorted((ROOT / "api").rglob("*.py"))]
    return {name for path in sources for name in SETTING.findall(path.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, for its routes; its database is never asked."""
    home = tmp_path_factory.mktemp("home")
    url = f"sqlite:///{home / 'unused.db'}"
    return create_app(Settings(home, url, secret_key="k" * 32, background=False))


def routes(app: Flask) -> Iterator[str]:
    """Every route as ``GET /api/v1/kpis/{key}``."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in ASSET_ROUTES:
            address = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield f"{method} {address}"


def statistics_pages() -> list[Path]:
    return sorted(DOCS.glob("statistics*.md"))


def worked_examples(text: str, name: str) -> doctest.DocTest:
    """The ``python`` blocks of a page as one session, with the page's line numbers."""
    kept, end = "", 0
    for block in PYTHON.finditer(text):
        kept += "\n" * text.count("\n", end, block.start(1)) + block[1]
        end = block.end(1)
    return doctest.DocTestParser().get_doctest(kept, {}, name, name, 0)


def said_of(examples: doctest.DocTest) -> str:
    """What went wrong when the examples were run; nothing if they all held."""
    said = io.StringIO()
    doctest.DocTestRunner(verbose=False).run(examples, out=said.write)
    return said.getvalue()


@pytest.mark.parametrize("page", statistics_pages(), ids=name_of)
def test_worked_examples_give_what_they_say(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    examples = worked_examples(text, name_of(page))
    described = [name for name in methods() if f"| `{name}` |" in text]
    assert examples.examples or not described, "a page of methods has examples to try"
    assert said_of(examples) == ""


def test_a_worked_example_that_is_wrong_is_noticed() -> None:
    page = (
        "# Sums\n\n```python\n>>> one = 1\n```\n\n```\n>>> no\n```\n\n```python\n>>> one\n{}\n```\n"
    )
    assert said_of(worked_examples(page.format(1), "sums.md")) == ""
    assert 'File "sums.md", line 12' in said_of(worked_examples(page.format(2), "sums.md"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_kpi_is_described(kind: str) -> None:
    assert f"`{kind}`" in text_of("docs/kpis.md")


def test_every_statistical_method_is_described() -> None:
    described = text_of(*(name_of(path) for path in DOCS.glob("statistics*.md")))
    found = set(methods())
    assert found
    assert {name for name in found if f"`{name}`" not in described} == set()


def test_every_setting_is_described() -> None:
    described = text_of("docs/operations.md")
    assert {name for name in settings() if f"`{name}`" not in described} == set()


def test_every_route_is_described(app: Flask) -> None:
    described = text_of(*interface_pages())
    assert {route for route in routes(app) if f"`{route}`" not in described} == set()


def test_no_route_is_described_that_is_not_there(app: Flask) -> None:
    pages = text_of(*interface_pages())
    described = re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`\s]*)`", pages)
    assert set(described) - set(routes(app)) == set()


def test_every_module_of_routes_is_there() -> None:
    present = {path.stem for path in (ROOT / "api" / "routes").glob("*.py")} - {"__init__"}
    assert present == set(MODULES)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = [link.partition("#")[0] for link in LINK.findall(text) if "://" not in link]
    missing = [target for target in targets if target and not (page.parent / target).exists()]
    assert missing == []


def test_every_decision_is_listed() -> None:
    listed = text_of("docs/decisions/README.md")
    found = {path.name for path in (DOCS / "decisions").glob("0*.md")}
    assert {name for name in found if f"]({name})" not in listed} == set()


def test_decisions_are_short() -> None:
    long = [path.name for path in (DOCS / "decisions").glob("*.md") if lines(path) > 40]
    assert long == []


def test_no_page_is_too_long() -> None:
    assert [name_of(page) for page in pages() if lines(page) > LONGEST_PAGE] == []


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_glossary_is_in_order_and_names_each_word_once() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\*", text_of("docs/glossary.md"), re.MULTILINE)
    assert words == sorted(set(words), key=str.casefold)


def test_no_document_names_a_place_on_somebodys_machine() -> None:
    named = {
        name_of(path): found[0]
        for path in [*pages(), ROOT / "Makefile", ROOT / "pyproject.toml"]
        if (found := MACHINE_PATH.search(path.read_text(encoding="utf-8")))
    }
    assert named == {}


def test_shared_files_are_only_named_beside_the_repository() -> None:
    named = [name_of(page) for page in pages() if "shared/" in page.read_text(encoding="utf-8")]
    makefile = SHARED.search(text_of("Makefile"))
    assert (named, makefile) == ([], None)


def test_no_lock_file_names_an_address() -> None:
    assert [path.name for path in ROOT.glob("*.lock") if "://" in path.read_text()] == []
