"""Which of GrowthBook's published cases are not for this service, and why.

The list is made by rule, from what a case asks for and never from what comes out:

    python -m tests.experiments.assignment.left_out
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from experiments.assignment.conditions.portable import ORDERS
from experiments.assignment.conditions.values import at_path, kind_of
from tests.experiments.assignment.vectors import growthbook_cases

LIST = Path(__file__).with_name("growthbook_left_out.csv")
# What our payload says, and what a remote evaluation is asked with.
RULE_FIELDS = {
    "id", "key", "name", "phase", "seed", "hashVersion", "hashAttribute", "ranges", "meta",
    "variations", "condition", "filters", "parentConditions", "force", "tracks",
}  # fmt: skip
CONTEXT_FIELDS = {"attributes", "features", "savedGroups", "forcedVariations"}
SECTIONS = {
    "getQueryStringOverride": "a page's address is seen by clients alone",
    "urlRedirect": "a page's address is seen by clients alone",
    "stickyBucket": "an assignment is worked out and stored nowhere",
    "contextualBandit": "variants are not chosen by context",
    "decrypt": "payloads are not encrypted",
}


class LeftOut(NamedTuple):
    """A case that is not run: its section, its place there from 1, and why."""

    section: str
    number: int
    name: str
    reason: str


def left_out() -> Iterator[LeftOut]:
    """Every case left out, by the rules."""
    for section, reason in SECTIONS.items():
        for number, case in enumerate(growthbook_cases(section), 1):
            yield LeftOut(section, number, case[0], reason)
    for number, (name, condition, attributes, *_) in enumerate(
        growthbook_cases("evalCondition"), 1
    ):
        if orders_two_kinds(condition, attributes):
            reason = "orders values of two kinds, which is refused at registration"
            yield LeftOut("evalCondition", number, name, reason)
    for number, (name, context, *_) in enumerate(growthbook_cases("feature"), 1):
        rules = [rule for each in context.get("features", {}).values() for rule in of(each)]
        yield from _by_fields("feature", number, name, context, rules)
    for number, (name, context, experiment, *_) in enumerate(growthbook_cases("run"), 1):
        yield from _by_fields("run", number, name, context, [experiment])


def of(feature: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of a feature."""
    return feature.get("rules") or []


def orders_two_kinds(condition: dict[str, Any], attributes: dict[str, Any]) -> bool:
    """Whether a value is to come before or after one of another kind."""
    return any(
        kind_of(operand) != kind_of(at_path(attributes, path))
        for path, wanted in condition.items()
        if isinstance(wanted, dict)
        for operator, operand in wanted.items()
        if operator in ORDERS
    )


def _by_fields(
    section: str, number: int, name: str, context: dict[str, Any], rules: list[dict[str, Any]]
) -> Iterator[LeftOut]:
    foreign = set(context) - CONTEXT_FIELDS
    foreign |= {field for rule in rules for field in set(rule) - RULE_FIELDS}
    if foreign:
        reason = "fields that our payload does not have: " + ", ".join(sorted(foreign))
        yield LeftOut(section, number, name, reason)


def read_list() -> list[LeftOut]:
    """The list as committed."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return [
            LeftOut(row["section"], int(row["number"]), row["name"], row["reason"])
            for row in csv.DictReader(file)
        ]


def kept(section: str) -> list[Any]:
    """The cases of a section that are not on the committed list."""
    numbers = {each.number for each in read_list() if each.section == section}
    cases = growthbook_cases(section)
    return [case for number, case in enumerate(cases, 1) if number not in numbers]


if __name__ == "__main__":
    with LIST.open("w", encoding="utf-8", newline="") as written:
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(LeftOut._fields)
        writer.writerows(left_out())
