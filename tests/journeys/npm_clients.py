"""The clients from npm, as they are, in the scripts of tests/clients."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.twenty_tests import Customer
from tests.journeys.ways_to_ask import Answers, Service, kind_of, value_of

SCRIPTS = Path(__file__).resolve().parents[1] / "clients"
WITHIN_SECONDS = 600


def require_npm_clients() -> None:
    """Skip the test where they are absent, unless REQUIRE_NODE=1 asks for them."""
    there = shutil.which("node") and (SCRIPTS / "node_modules").is_dir()
    if not there and os.environ.get("REQUIRE_NODE") != "1":
        pytest.skip("needs Node and the clients from npm: make clients")


def ask(script: str, question: dict[str, Any]) -> Any:
    """Ask a script; its answer."""
    require_npm_clients()
    done = subprocess.run(
        ["node", str(SCRIPTS / script)],
        input=json.dumps(question).encode(),
        capture_output=True,
        check=False,
        timeout=WITHIN_SECONDS,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def by_growthbook(service: Service, keys: Sequence[str], asked: Sequence[Customer]) -> Answers:
    """GrowthBook's client, which works the variants out by itself."""
    question = {
        "url": service.client.url,
        "client_key": service.app_key,
        "keys": list(keys),
        "customers": list(asked),
    }
    told: Answers = ask("growthbook.mjs", question)
    return told


def by_openfeature(
    way: str, service: Service, keys: Sequence[str], asked: Sequence[Customer], expected: Answers
) -> Answers:
    """OpenFeature's clients: "flag by flag" is the server's, "all at once" the browser's.

    Which method is called goes by the kind of value to expect, which an app knows.
    """
    question = {
        "url": service.client.url,
        "api_key": service.client.key,
        "way": way,
        "kinds": {key: [kind_of(value_of(key, each)) for each in expected[key]] for key in keys},
        "customers": list(asked),
    }
    told = ask("openfeature.mjs", question)
    return {key: [_variant(key, *each) for each in found] for key, found in told.items()}


def _variant(key: str, variant: str | None, value: object) -> str | None:
    assert json.dumps(value) == json.dumps(value_of(key, variant)), (key, variant, value)
    return variant
