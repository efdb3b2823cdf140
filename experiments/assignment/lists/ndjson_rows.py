"""NDJSON: one JSON object a line; it goes out as it came in, with members added at its end."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from experiments.assignment.lists.deciding import Decider
from experiments.assignment.lists.reading import BYTE_ORDER_MARK, blocks
from experiments.assignment.lists.rows import (
    Batch,
    BrokenText,
    ColumnMissing,
    ColumnTaken,
    ListOptions,
    NotAnObject,
    checked_unit_id,
)
from experiments.errors import Invalid


def assign_ndjson(source: Path, target: BinaryIO, options: ListOptions, decider: Decider) -> None:
    """Answer an NDJSON file line by line; it is UTF-8, and empty lines are passed over.

    Raises:
        RowTooLong: If a line does not end within a megabyte.
    """
    line = 1
    with source.open("rb") as file:
        for block in blocks(file, quoted=False):
            batch = decider.batch()
            for number, text in enumerate(block.split(b"\n"), start=line):
                if bare := text.removeprefix(BYTE_ORDER_MARK).strip():
                    _take(number, bare, batch, options, decider.columns)
            answers = decider.decide(batch)
            members = [_members(decider.columns, values) for values in answers.values]
            rows = zip(batch.rows, answers.codes, strict=True)
            target.write(b"".join(row + members[code] for row, code in rows))
            line += block.count(b"\n")


def _take(line: int, text: bytes, batch: Batch, options: ListOptions, added: Sequence[str]) -> None:
    try:
        item = _object(text)
        if options.unit_column not in item:
            columns = ", ".join(item)[:200]
            raise ColumnMissing(field="file", column=options.unit_column, columns=columns)
        for name in added:
            if name in item:
                raise ColumnTaken(field="variant_column", column=name)
        unit_id = checked_unit_id(item[options.unit_column], options)
        # The closing brace makes room for what is added; an object with a unit is never empty.
        batch.keep(text[:-1].rstrip(), unit_id, item)
    except Invalid as refusal:
        batch.reject(line, refusal)


def _object(text: bytes) -> dict[str, Any]:
    try:
        item = json.loads(text.decode(), object_pairs_hook=_unique, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise BrokenText(field="file", encoding="utf-8") from error
    except (ValueError, RecursionError) as error:
        raise NotAnObject(field="file") from error
    if not isinstance(item, dict):
        raise NotAnObject(field="file")
    return item


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "a name twice"
        raise ValueError(message)
    return found


def _constant(name: str) -> Iterator[Any]:
    raise ValueError(name)


def _members(columns: Sequence[str], values: Sequence[str]) -> bytes:
    pairs = zip(columns, values, strict=True)
    told = (f"{json.dumps(name, ensure_ascii=False)}: {_json(value)}" for name, value in pairs)
    return (", " + ", ".join(told) + "}\n").encode()


def _json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if value else "null"
