"""The command line: keys, people, imports with and without a server, reports."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api import cli
from api.start import first_sign_in
from experiments.storage.database import Database
from experiments.storage.projects import get_project
from sample_data.load import load_scenario
from tests.acceptance.server import Client, started

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "subject_line"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command line works on."""
    monkeypatch.setenv("TRUELIFT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def loaded(home: Path) -> Path:
    """The folder with the extract of the sample test in it."""
    run("migrate")
    with database_of(home) as database:
        first_sign_in(database, say=print)
        with database.reading() as db:
            project = get_project(db, "main")
        load_scenario(database, project, SAMPLE)
    return home


class database_of:  # noqa: N801 - reads as a function
    """The folder's database, closed afterwards."""

    def __init__(self, home: Path) -> None:
        self.database = Database.open(f"sqlite:///{home / 'truelift.db'}")

    def __enter__(self) -> Database:
        return self.database

    def __exit__(self, *_: object) -> None:
        self.database.dispose()


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, arguments, input=given)


def mapping_file(folder: Path) -> tuple[Path, Path]:
    entry = json.loads((SAMPLE / "imports.json").read_text())[1]
    path = folder / "mapping.json"
    path.write_text(json.dumps(entry["mapping"]))
    return SAMPLE / entry["file"], path


def test_help_lists_the_commands() -> None:
    text = run("--help").output
    for command in ("serve", "migrate", "import", "report", "key", "user"):
        assert command in text


def test_a_key_and_a_person_are_created(loaded: Path) -> None:
    made = run("key", "create", "crm", "--scope", "ingest", "--scope", "read")
    assert made.output.startswith("tls_")
    person = run("user", "create", "minji@example.com", given="a long password\n" * 2)
    assert "can sign in as marketer of main" in person.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["key", "create", "crm", "--scope", "write"], "scopes: expected some of"),
        (["key", "create", "crm", "--scope", "read", "--project", "none"], "no project 'none'"),
        (["report", "nothing"], "no experiment 'nothing'"),
    ],
)
def test_a_refusal_is_one_line_and_an_exit_status(
    loaded: Path, arguments: list[str], said: str
) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 1
    assert said in refused.output
    assert "Traceback" not in refused.output


def test_a_report_is_printed_in_both_languages(loaded: Path) -> None:
    korean, english = run("report", "subject-line"), run("report", "subject-line", "--lang", "en")
    assert "결론" in korean.output
    assert "Verdict" in english.output


def test_a_file_is_imported_without_a_server(loaded: Path, tmp_path: Path) -> None:
    file, mapping = mapping_file(tmp_path)
    again = run("import", str(file), "--mapping", str(mapping))
    assert again.exit_code == 0, again.output
    assert " 0 accepted," in again.output


def test_a_bad_mapping_is_refused_by_name(loaded: Path, tmp_path: Path) -> None:
    file, mapping = mapping_file(tmp_path)
    mapping.write_text('{"form": "long", "form": "wide"}')
    assert "stands twice" in run("import", str(file), "--mapping", str(mapping)).output
    mapping.write_text('{"form": "round"}')
    assert "form" in run("import", str(file), "--mapping", str(mapping)).output


def test_an_import_is_withdrawn_and_loaded_again_without_a_server(
    loaded: Path, tmp_path: Path
) -> None:
    file, mapping = mapping_file(tmp_path)
    assert "2  done  events.csv" in run("imports", "list").output
    assert "this cannot be done now" in run("imports", "pause", "2").output
    assert run("imports", "withdraw", "2").exit_code == 2
    withdrawn = run("imports", "withdraw", "2", "--reason", "the wrong week")
    assert "import 2 is withdrawn" in withdrawn.output
    assert "facts withdrawn" in withdrawn.output
    again = run("import", str(file), "--mapping", str(mapping))
    assert again.exit_code == 0, again.output
    assert " 0 accepted" not in again.output
    assert list((loaded / "imports").iterdir()) == []


def test_a_running_server_takes_the_import(loaded: Path, tmp_path: Path) -> None:
    file, mapping = mapping_file(tmp_path)
    with started(loaded) as (_, url, _):
        sent = run("import", str(file), "--mapping", str(mapping))
        assert sent.exit_code == 0, sent.output
        assert " 0 accepted," in sent.output
        withdrawn = run("imports", "withdraw", "3", "--reason", "twice")
        assert "import 3 is withdrawn" in withdrawn.output
        assert "cannot be done" in run("imports", "resume", "3").output
        assert "3  withdrawn  events.csv" in run("imports", "list").output
        mapping.write_text('{"form": "round"}')
        assert "form" in run("import", str(file), "--mapping", str(mapping)).output
        key = run("key", "create", "reader", "--scope", "read").output.strip()
        listed: Any = Client(url, key).get("/api/v1/experiments")
        assert [entry["key"] for entry in listed["items"]] == ["subject-line"]


def test_settings_without_a_secret_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/truelift")
    monkeypatch.delenv("TRUELIFT_SECRET_KEY", raising=False)
    refused = run("migrate")
    assert refused.exit_code == 1
    assert "TRUELIFT_SECRET_KEY" in refused.output
