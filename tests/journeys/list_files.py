"""Customers as files, answered over HTTP and offline."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from api.assign import assign
from tests.journeys.twenty_tests import Customer
from tests.journeys.ways_to_ask import Service

# What a CSV file says is text, but for these.
NUMBERS = ("age", "shop")


class File(NamedTuple):
    """A list of customers."""

    form: str
    content: bytes

    def variants(self) -> list[str | None]:
        """What stands under ``variant``."""
        text = self.content.decode()
        if self.form == "ndjson":
            return [json.loads(line)["variant"] for line in text.split("\n") if line]
        return [row["variant"] or None for row in csv.DictReader(io.StringIO(text, newline=""))]


class Answered(NamedTuple):
    """A list that was answered, with its proof."""

    file: File
    digest: str


def as_ndjson(asked: Iterable[Customer]) -> File:
    lines = (json.dumps(each, ensure_ascii=False) + "\n" for each in asked)
    return File("ndjson", "".join(lines).encode())


def as_csv(asked: Sequence[Customer]) -> File:
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(name for each in asked for name in each))
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in each.items()} for each in asked)
    return File("csv", out.getvalue().encode())


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def as_csv_tells(customer: Customer) -> Customer:
    """What a CSV file says of a customer: text, and numbers where they are asked for."""
    cells = {name: _cell(value) for name, value in customer.items()}
    return {name: _told(name, cell) for name, cell in cells.items() if cell}


def _told(name: str, cell: str) -> str | float:
    if name not in NUMBERS:
        return cell
    try:
        return float(cell)
    except ValueError:
        return cell


def by_file(service: Service, key: str, given: File) -> Answered:
    """``POST /experiments/{key}/assignments``."""
    answer = service.session().post(
        f"{service.client.url}/api/v1/experiments/{key}/assignments",
        data={"unit_column": "id", "numbers": ",".join(NUMBERS), "form": given.form},
        files={"file": (f"list.{given.form}", given.content)},
        timeout=120,
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Truelift-Rejected"] == "0"
    return Answered(File(given.form, answer.content), answer.headers["Truelift-Digest"])


def offline(service: Service, key: str, given: File, digest: str, folder: Path) -> File:
    """``truelift assign`` with the configuration file alone, which verifies the digest too."""
    path = f"{service.client.url}/api/v1/experiments/{key}/configuration"
    configuration, listed, output = (folder / name for name in ("configuration", "list", "output"))
    configuration.write_bytes(service.session().get(path, timeout=30).content)
    listed.write_bytes(given.content)
    command = [key, str(listed), "--unit-column", "id", "--form", given.form, "--verify", digest]
    command += ["--configuration", str(configuration), "--output", str(output)]
    command += [part for name in NUMBERS for part in ("--numbers", name)]
    done = CliRunner().invoke(assign, command)
    assert done.exit_code == 0, done.output
    assert "verified" in done.output
    return File(given.form, output.read_bytes())
