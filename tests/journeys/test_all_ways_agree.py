"""Whichever way a variant is asked for, it is the same one.

For the local evaluation of GrowthBook's clients, tests are left out that go by what no client
knows: lists of customers, contact caps, cool-downs. Their other conditions are compared.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.journeys import npm_clients
from tests.journeys.list_files import File, as_csv, as_csv_tells, as_ndjson, by_file, offline
from tests.journeys.npm_clients import require_npm_clients
from tests.journeys.twenty_tests import ALL_CASES, CASES, Customer, customers
from tests.journeys.ways_to_ask import (
    Answers,
    Service,
    by_all_flags,
    by_batch,
    by_growthbook,
    by_openfeature,
    differences,
    first,
)


class Sizes(NamedTuple):
    """How many customers are asked about."""

    together: int
    one_by_one: int


FEW, MANY = Sizes(200, 12), Sizes(10_000, 1_000)


class Asked(NamedTuple):
    """The customers, and what the batch answers about them."""

    customers: list[Customer]
    answers: Answers
    one_by_one: int

    def some(self) -> tuple[list[Customer], Answers]:
        """So many that they can be asked about one by one."""
        count = self.one_by_one
        return self.customers[:count], first(count, self.answers)

    def of(self, tests: Iterable[str]) -> Answers:
        return {key: self.answers[key] for key in tests}


@pytest.fixture(
    scope="session",
    params=[pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.slow)],
)
def asked(request: pytest.FixtureRequest, service: Service) -> Asked:
    everybody = list(customers(request.param.together))
    answers = by_batch(service, ALL_CASES, everybody)
    return Asked(everybody, answers, request.param.one_by_one)


def test_each_test_gives_several_variants(asked: Asked) -> None:
    assert len(CASES) == 20
    for key, found in asked.answers.items():
        assert len(set(found) - {None}) >= 2, (key, Counter(found))


@pytest.mark.parametrize("write", [as_ndjson, as_csv])
def test_a_list_as_a_file(
    service: Service, asked: Asked, tmp_path: Path, write: Callable[[list[Customer]], File]
) -> None:
    given, expected = write(asked.customers), asked.answers
    if write is as_csv:
        told = [as_csv_tells(each) for each in asked.customers]
        expected = by_batch(service, ALL_CASES, told)
    answered = {key: by_file(service, key, given) for key in ALL_CASES}
    assert differences(expected, {key: each.file.variants() for key, each in answered.items()}) == 0
    for key, (file, digest) in answered.items():
        assert offline(service, key, given, digest, tmp_path) == file


def test_growthbook_from_pypi(service: Service, asked: Asked) -> None:
    told = by_growthbook(service, list(CASES), asked.customers)
    assert differences(asked.of(CASES), told) == 0


def test_growthbook_from_npm(service: Service, asked: Asked) -> None:
    require_npm_clients()
    told = npm_clients.by_growthbook(service, list(CASES), asked.customers)
    assert differences(asked.of(CASES), told) == 0


def test_openfeature_from_pypi(service: Service, asked: Asked) -> None:
    some, expected = asked.some()
    told = by_openfeature(service, list(ALL_CASES), some, expected)
    assert differences(expected, told) == 0


def test_all_flags_at_once(service: Service, asked: Asked) -> None:
    told = by_all_flags(service, list(ALL_CASES), asked.customers)
    assert differences(asked.answers, told) == 0


def test_openfeature_of_servers_from_npm(service: Service, asked: Asked) -> None:
    require_npm_clients()
    some, expected = asked.some()
    told = npm_clients.by_openfeature("flag by flag", service, list(ALL_CASES), some, expected)
    assert differences(expected, told) == 0


def test_openfeature_of_browsers_from_npm(service: Service, asked: Asked) -> None:
    require_npm_clients()
    told = npm_clients.by_openfeature(
        "all at once", service, list(ALL_CASES), asked.customers, asked.answers
    )
    assert differences(asked.answers, told) == 0
