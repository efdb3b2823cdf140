"""Whose a fact is, in plain Python over plain rows; shares no code with the engine."""

from collections import defaultdict

from tests.experiments.measurement.ledger import Row


def whose(rows: list[Row]) -> list[Row]:
    """The rows with `unit_id` found, and `doubt` and `known_as` beside it."""
    gone = {(row["project_id"], row["import_id"]) for row in rows if row["fact"] == "withdrawal"}
    told: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["fact"] == "alias" and (row["project_id"], row["import_id"]) not in gone:
            told[row["project_id"], row["alias"]].append(row)
    return [_found(row, told, gone) for row in rows if row["fact"] in {"exposure", "event"}]


def _found(
    row: Row, told: dict[tuple[int, str], list[Row]], gone: set[tuple[int, int | None]]
) -> Row:
    project, at, unit = row["project_id"], row["occurred_at"], row["unit_id"]
    doubt = None
    if unit is None:
        unit, doubt = _named(told.get((project, row["alias"]), []), at)
    before = unit
    for _ in range(2):
        merges = told.get((project, f"unit:{unit}"), [])
        if unit is not None and merges:
            unit, doubt = _named(merges, at)
    if (project, row["import_id"]) in gone:
        doubt = "withdrawn"
    return row | {"unit_id": unit, "known_as": before, "doubt": doubt}


def _named(aliases: list[Row], at: int) -> tuple[str | None, str | None]:
    if not aliases:
        return None, "unknown_identity"
    past = [each["occurred_at"] for each in aliases if each["occurred_at"] <= at]
    since = max(past) if past else min(each["occurred_at"] for each in aliases)
    units = {each["unit_id"] for each in aliases if each["occurred_at"] == since}
    return (None, "ambiguous_identity") if len(units) > 1 else (units.pop(), None)


def merged_apart(rows: list[Row]) -> set[str]:
    """Units several of whose former ids met different variants; of rows that count."""
    met: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        met[row["unit_id"]][row["known_as"]].append(row)
    return {unit for unit, ids in met.items() if len({_first(each) for each in ids.values()}) > 1}


def _first(rows: list[Row]) -> str:
    variant: str = min(rows, key=lambda row: (row["occurred_at"], row["source_id"]))["variant"]
    return variant
