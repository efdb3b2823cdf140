"""The examples of both READMEs and of the pages on the interface, run as they stand.

The commands of a page run one after the other in one shell, against a server of their
own. What the page shows below a command must be what came back: of JSON the fields that
are shown, of text every line; ``…`` stands for anything.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.server import ROOT, started

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"
PYTHON = ".venv/bin/python"
MARK = "@@end-of-example@@"
DOCS = ROOT / "docs"
PAGES = ("README.md", "README.ko.md")


@dataclass(frozen=True)
class Example:
    """Commands, and what the page shows of their answer.

    Attributes:
        form: ``json`` or ``text``; empty where nothing is shown.
    """

    commands: str
    form: str = ""
    shown: str = ""

    @property
    def for_make(self) -> bool:
        return self.commands.startswith(("git clone", "make "))


def blocks(page: str) -> list[tuple[str, str]]:
    return FENCE.findall((ROOT / page).read_text(encoding="utf-8"))


def examples(page: str) -> Iterator[Example]:
    """Each block of commands with the block that follows it, if that is an answer."""
    found = blocks(page)
    for (form, text), (next_form, next_text) in zip(found, [*found[1:], ("", "")], strict=True):
        if form == "sh" and next_form in {"json", "text"}:
            yield Example(text, next_form, next_text)
        elif form == "sh":
            yield Example(text)


def run(shown: list[Example], url: str, home: Path) -> list[str]:
    """What each example printed."""
    script = "set -u\n" + "".join(
        f"{example.commands.replace(ADDRESS, url).replace(PYTHON, sys.executable)}\n"
        f"printf '%s' '{MARK}'\n"
        for example in shown
    )
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ |= {"TRUELIFT_HOME": str(home), "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    *printed, rest = done.stdout.split(MARK)
    assert (len(printed), rest) == (len(shown), ""), done.stderr
    return printed


def check(example: Example, printed: str) -> None:
    if example.form == "json":
        assert_holds(json.loads(example.shown), last_answer(printed), example.commands)
    elif example.form == "text":
        lines, wanted = (
            printed.strip().removeprefix("\ufeff").splitlines(),
            example.shown.strip().splitlines(),
        )
        assert len(lines) == len(wanted), printed
        for line, want in zip(lines, wanted, strict=True):
            assert fits(want.rstrip(), line.rstrip()), (want, line)


def last_answer(printed: str) -> Any:
    """The last of the JSON texts that were printed one after the other."""
    decoder, found, rest = json.JSONDecoder(), None, printed.strip()
    while rest:
        found, end = decoder.raw_decode(rest)
        rest = rest[end:].lstrip()
    return found


def assert_holds(shown: Any, answer: Any, where: str) -> None:
    """Fail unless the answer holds what is shown: fields may be left out, list items not."""
    match shown:
        case dict():
            assert isinstance(answer, dict), where
            assert set(shown) <= set(answer), where
            for name, value in shown.items():
                assert_holds(value, answer[name], f"{where}: {name}")
        case list():
            assert isinstance(answer, list), where
            assert len(shown) == len(answer), f"{where}: {answer}"
            for index, value in enumerate(shown):
                assert_holds(value, answer[index], f"{where}: {index}")
        case str() if "…" in shown:
            assert fits(shown, str(answer)), f"{where}: {answer}"
        case _:
            assert shown == answer, where


def fits(shown: str, text: str) -> bool:
    """Whether the text is what is shown, ``…`` standing for anything.

    Examples:
        >>> fits("key:…", "key:ab12"), fits("key:…", "system")
        (True, False)
    """
    return bool(re.fullmatch(".*".join(map(re.escape, shown.split("…"))), text, re.DOTALL))


def interface_pages() -> Iterator[Any]:
    """The pages on the interface that show commands; all but the first are slow tests."""
    for path in sorted(DOCS.glob("api*.md")):
        page = f"docs/{path.name}"
        if any(examples(page)):
            marks = () if page == "docs/api.md" else (pytest.mark.slow,)
            yield pytest.param(page, marks=marks)


@pytest.fixture(scope="module", autouse=True)
def curl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where there is no curl, the part of it that the examples use."""
    if shutil.which("curl"):
        yield
        return
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "curl"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/tests/curl.py" "$@"\n')
    command.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=os.pathsep)
        yield


@pytest.mark.parametrize("page", list(interface_pages()))
def test_the_interface_answers_as_its_page_shows(page: str, tmp_path: Path) -> None:
    shown = list(examples(page))
    with started(tmp_path / "home") as (_, url, _):
        printed = run(shown, url, tmp_path / "home")
    for example, text in zip(shown, printed, strict=True):
        check(example, text)


@pytest.mark.slow
def test_the_tour_of_the_readme_is_what_happens(tmp_path: Path) -> None:
    start, *tour = [each for each in examples("README.md") if not each.for_make or each.shown]
    with started(tmp_path / "home", None, "--sample") as (_, url, said):
        printed = run(tour, url, tmp_path / "home")
    check(start, said.replace(url, ADDRESS))
    for example, text in zip(tour, printed, strict=True):
        check(example, text)


def test_both_readmes_have_the_same_examples() -> None:
    english, korean = map(blocks, PAGES)
    assert english == korean


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md"])
def test_every_make_target_named_exists(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert named
    assert {
        target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)
    } == set()
