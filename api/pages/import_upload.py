"""What is sent with the form of an upload: a file, and what was said of its columns."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, cast

from flask import request

from api.auth import caller
from api.contract import document_of
from api.db import reading, transaction
from api.import_form import (
    KEPT,
    KINDS,
    PROPERTY,
    Choices,
    choices_of,
    kind_of,
    likely_arms,
    mapping_of,
)
from api.runtime import runtime
from api.schemas.imports import told_preview
from experiments.errors import Invalid, TrueliftError
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import ImportJob, submit_import
from experiments.ledger.imports.presets import PRESETS
from experiments.ledger.imports.preview import Preview, first_part, look
from experiments.ledger.imports.run import Target
from experiments.registry.catalog import list_experiments

MOST_COLUMNS = 200
EXAMPLE = """{
  "form": "wide",
  "experiment": "spring-subject",
  "unit_id": {"column": "customer_id"},
  "variant": {"column": "segment", "values": {"A": "a", "B": "b"}},
  "exposure": "sent",
  "at": "2025-03-10T10:00:00+09:00",
  "channel": "email",
  "events": [
    {"column": "opened", "type": "open"},
    {"column": "spend", "type": "purchase", "amount": true, "currency": "KRW"}
  ]
}"""
_SAME = ("experiment", "variant", "at", "zone", "date_order", "channel", "type")


class NoFile(Invalid):
    """The form was sent without a file."""

    template = "choose a file"


@dataclass(frozen=True)
class Shown:
    """What the form shows.

    Attributes:
        mapping: Its JSON text.
        choices: What it chooses; None where no form can show it.
        columns: Of the file, as far as they are known.
        preview: How the file's first rows would be read.
        refusal: Why the file was not taken.
        samples: Of each column, what stands in its first row.
        words: What stands in the column of the variant.
    """

    mapping: str = EXAMPLE
    choices: Choices | None = None
    columns: tuple[str, ...] = ()
    preview: dict[str, Any] | None = None
    refusal: TrueliftError | None = None
    samples: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def submitted() -> ImportJob:
    """The import of the file that was sent.

    Raises:
        TrueliftError: If something of it does not fit.
    """
    me, (name, stream) = caller(), _file()
    document = _document()
    with _folder().arriving(stream) as file, transaction() as db:
        job = submit_import(
            db,
            me.project,
            name=name,
            file=file,
            document=document,
            actor=me.actor,
            now=runtime().clock(),
        )
        _folder().keep(file, job.id)
    return job


def looked() -> Shown:
    """How the first rows of the file that was sent would be read.

    Raises:
        TrueliftError: If it cannot be read at all.
    """
    project = caller().project
    _, stream = _file()
    document = _document() if _is_said() else _preset()
    target = Target(runtime().database, project, runtime().clock, runtime().identity)
    with first_part(_folder(), stream, is_part=request.form.get("part") == "true") as file:
        found = look(target, file, document, zone=project.time_zone)
        guessed = _with_arms(found)
        if guessed is not None:
            found = look(target, file, guessed, zone=project.time_zone)
    cells = [row.cells for row in found.rows if row.cells]
    return Shown(
        mapping=json.dumps(found.mapping, ensure_ascii=False, indent=2),
        choices=choices_of(found.mapping),
        columns=found.header[:MOST_COLUMNS],
        preview=told_preview(found),
        samples=dict(zip(found.header, cells[0], strict=False)) if cells else {},
        words=found.words,
    )


def _with_arms(found: Preview) -> dict[str, Any] | None:
    """The mapping with the variants that the words in the file most likely mean."""
    choices = choices_of(found.mapping)
    if choices is None or not found.words or not choices.same.get("experiment"):
        return None
    names = variants_of(choices.same["experiment"])
    if set(found.words) <= set(names) or choices.arms.keys() & set(found.words):
        return None
    arms = likely_arms(found.words, names)
    return mapping_of(replace(choices, arms=arms), found.mapping) if arms else None


def variants_of(key: str) -> dict[str, str]:
    """Names of a test's variants by their keys; empty if there is no such test."""
    with reading() as db:
        known = list_experiments(db, caller().project)
    found = next((each for each in known if each.key == key), None)
    return {each.key: each.name for each in found.draft.variants} if found else {}


def _is_said() -> bool:
    """Whether the form says what the columns are; if not, it is to be found out."""
    if _columns() or request.form.get("how") == "json":
        return True
    document = _document()
    return document is not None and kind_of(document) is None


def _preset() -> dict[str, str] | None:
    chosen = request.form.get("preset", "")
    return {"preset": chosen} if chosen in PRESETS else None


def again(refusal: TrueliftError) -> Shown:
    """The form as it was sent."""
    text = request.form.get("mapping", "")
    columns = _columns()
    choices = _choices() if columns and request.form.get("how") != "json" else None
    return Shown(text, choices, columns, refusal=refusal)


def _document() -> Any:
    text = request.form.get("mapping", "")
    base = document_of(text.encode("utf-8", "replace"), "mapping") if text else None
    if not _columns() or request.form.get("how") == "json":
        return base
    return mapping_of(_choices(), base)


def _choices() -> Choices:
    kind = request.form.get("kind", "")
    roles: dict[str, str] = {}
    for number, column in enumerate(_columns()):
        role = request.form.get(f"role-{number}", "")
        if role and (role in {KEPT, PROPERTY} or role not in roles.values()):
            roles[column] = role
    same = {name: request.form.get(name, "").strip() for name in _SAME}
    known = variants_of(same["experiment"]) if same["experiment"] else {}
    said = zip(_listed("word"), _listed("arm"), strict=False)
    arms = {word: arm for word, arm in said if arm in known}
    return Choices(kind if kind in KINDS else KINDS[0], roles, same, arms)


def _columns() -> tuple[str, ...]:
    """The columns that the form was made for."""
    return _listed("column")


def _listed(name: str) -> tuple[str, ...]:
    numbered = (f"{name}-{number}" for number in range(MOST_COLUMNS))
    return tuple(request.form[each] for each in numbered if each in request.form)


def _file() -> tuple[str, BinaryIO]:
    found = request.files.get("file")
    if found is None or not found.filename:
        raise NoFile(field="file")
    return found.filename.replace("\0", ""), cast("BinaryIO", found.stream)


def _folder() -> ImportFolder:
    return ImportFolder(runtime().imports.folder)
