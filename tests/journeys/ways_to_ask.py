"""Ways to ask which variants customers get, each with a real client or a plain call.

An answer has, by test, the variant of each customer in their order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import requests
from growthbook import GrowthBook
from openfeature import api as openfeature
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

from tests.acceptance.server import Client
from tests.journeys.twenty_tests import ALL_CASES, Customer

Answers = dict[str, list[str | None]]
AT_ONCE = 4
MOST_IN_A_BATCH = 10_000
# The app's own value, by the kind of the flag.
OWN: dict[str, Any] = {"boolean": True, "number": 9, "string": "own", "object": {"own": True}}


class Service(NamedTuple):
    """A server with the twenty tests, and what an app needs to use it."""

    client: Client
    home: Path
    app_key: str

    def session(self) -> requests.Session:
        """A connection that shows the key."""
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {self.client.key}"
        return session


def differences(one: Answers, other: Answers) -> int:
    """How often two ways give a customer different variants."""
    assert one.keys() == other.keys()
    pairs = (zip(one[key], other[key], strict=True) for key in one)
    return sum(left != right for pair in pairs for left, right in pair)


def first(count: int, answers: Answers) -> Answers:
    return {key: found[:count] for key, found in answers.items()}


def without_id(customer: Customer) -> Customer:
    return {name: value for name, value in customer.items() if name != "id"}


def by_batch(service: Service, keys: Iterable[str], asked: Sequence[Customer]) -> Answers:
    """``POST /assign/batch``."""
    return {key: list(_batches(service, key, asked)) for key in keys}


def _batches(service: Service, key: str, asked: Sequence[Customer]) -> Iterator[str | None]:
    for start in range(0, len(asked), MOST_IN_A_BATCH):
        units = [
            {"unit_id": each["id"], "attributes": without_id(each)}
            for each in asked[start : start + MOST_IN_A_BATCH]
        ]
        answered = service.client.post("/api/v1/assign/batch", {"experiment": key, "units": units})
        assert answered["rejected"] == []
        yield from (each["variant"] for each in answered["assignments"])


def by_growthbook(service: Service, keys: Sequence[str], asked: Sequence[Customer]) -> Answers:
    """GrowthBook's client from PyPI, which works the variants out by itself."""
    client = GrowthBook(api_host=service.client.url, client_key=service.app_key)
    client.load_features()
    told: Answers = {key: [] for key in keys}
    for customer in asked:
        for key in keys:
            told[key].append(variant_told(client, key, customer))
    client.destroy()
    return told


def variant_told(client: GrowthBook, key: str, customer: Customer) -> str | None:
    """The variant that the client works out by itself."""
    # A copy, since the client empties what it was given when it is destroyed.
    client.set_attributes(dict(customer))
    found = client.eval_feature(key)
    if found.source == "experiment":
        assert found.experimentResult is not None
        return str(found.experimentResult.key)
    # A tester's: the payload is the key here.
    assert found.source in {"force", "defaultValue", "prerequisite"}
    return None if found.value is None else str(found.value)


def by_all_flags(service: Service, keys: Sequence[str], asked: Sequence[Customer]) -> Answers:
    """OpenFeature's protocol, plainly: all flags of a customer at once."""
    url = f"{service.client.url}/ofrep/v1/evaluate/flags"

    def work(share: Sequence[Customer]) -> list[dict[str, Any]]:
        with service.session() as session:
            return [_flags(session, url, each) for each in share]

    found = _shared(work, asked)
    return {key: [flags[key] for flags in found] for key in keys}


def _flags(session: requests.Session, url: str, customer: Customer) -> dict[str, str | None]:
    context = {"targetingKey": customer["id"], **without_id(customer)}
    answer = session.post(url, json={"context": context}, timeout=30)
    assert answer.status_code == 200, answer.text
    return {flag["key"]: flag["variant"] for flag in answer.json()["flags"]}


def by_openfeature(
    service: Service, keys: Sequence[str], asked: Sequence[Customer], expected: Answers
) -> Answers:
    """OpenFeature's client from PyPI, flag by flag.

    Which method is called goes by the kind of value to expect, which an app knows.
    """
    headers = {"Authorization": f"Bearer {service.client.key}"}
    openfeature.set_provider(OFREPProvider(service.client.url, headers_factory=lambda: headers))
    client = openfeature.get_client()

    def work(places: Sequence[int]) -> list[list[str | None]]:
        return [[_flag(client, key, asked[i], expected[key][i]) for key in keys] for i in places]

    found = _shared(work, range(len(asked)))
    openfeature.clear_providers()
    return {key: [row[place] for row in found] for place, key in enumerate(keys)}


def _flag(
    client: OpenFeatureClient, key: str, customer: Customer, expected: str | None
) -> str | None:
    kind = kind_of(value_of(key, expected))
    methods: dict[str, Callable[..., Any]] = {
        "boolean": client.get_boolean_details,
        "number": client.get_integer_details,
        "string": client.get_string_details,
        "object": client.get_object_details,
    }
    context = EvaluationContext(customer["id"], without_id(customer))
    found = methods[kind](key, OWN[kind], context)
    assert found.error_code is None, (key, found)
    variant: str | None = found.variant
    assert found.value == (OWN[kind] if variant is None else value_of(key, variant))
    return variant


def _shared(work: Callable[[Any], list[Any]], asked: Sequence[Any]) -> list[Any]:
    """The work done by several threads, each on its share, with the answers in order."""
    size = -(-len(asked) // AT_ONCE)
    shares = [asked[start : start + size] for start in range(0, len(asked), size)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [each for share in pool.map(work, shares) for each in share]


def value_of(key: str, variant: str | None) -> Any:
    """What an app gets: the variant's payload, or its key."""
    return ALL_CASES[key].get("payloads", {}).get(variant, variant)


def kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, dict | list) else "string"
