"""Lists of customers as they come over HTTP: a form with a file in, a file out."""

import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from flask import Response, request
from werkzeug.datastructures import FileStorage
from werkzeug.wsgi import FileWrapper

from api.auth import caller
from api.runtime import runtime
from experiments.assignment.lists.presets import PRESETS, Preset
from experiments.assignment.lists.rows import FORMS, ListOptions
from experiments.assignment.lists.run import (
    ENDINGS,
    ListConfiguration,
    ListSummary,
    assign_list,
    form_of,
)
from experiments.errors import Invalid
from experiments.kpis.checks import check_choice
from experiments.registry.send_times import read_date

LARGEST_LIST_BYTES = 512 * 1024 * 1024
FIELDS = (
    "unit_column", "variant_column", "send_at_column", "send_on", "payload", "numbers",
    "delimiter", "encoding", "form", "preset", "answer", "lang", "csrf_token",
)  # fmt: skip
TRUE = frozenset({"true", "1", "on", "yes"})
MEDIA_TYPES = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


class NoList(Invalid):
    """The form was sent without a list."""

    template = "choose a file"


class NoUnitColumn(Invalid):
    """Nobody said in which column the customers stand."""

    template = "name the column with the customer ids"


class UnknownFormField(Invalid):
    """A field that the form does not have."""

    template = "there is no such field"


@dataclass(frozen=True)
class ListQuestion:
    """What was asked with a list."""

    options: ListOptions
    form: str | None
    preset: Preset | None


@dataclass(frozen=True)
class AnsweredList:
    """A list with its variants, in a file that nobody else sees."""

    summary: ListSummary
    form: str
    preset: Preset | None
    file: BinaryIO

    def response(self) -> Response:
        """The file, streamed; what was counted stands in the headers."""
        self.file.seek(0)
        answer = Response(FileWrapper(self.file), mimetype=MEDIA_TYPES[self.form])
        answer.call_on_close(self.file.close)
        name = f"{self.summary.experiment}-assigned.{self.form}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        answer.headers["Cache-Control"] = "no-store"
        for header, value in headers_of(self.summary).items():
            answer.headers[header] = value
        return answer


def headers_of(summary: ListSummary) -> dict[str, str]:
    """A summary as headers of the file."""
    return {
        "Truelift-Rows": str(summary.rows),
        "Truelift-Counts": json.dumps(summary.counts),
        "Truelift-Rejected": str(summary.rejected),
        "Truelift-Configuration": summary.configuration,
        "Truelift-Digest": summary.digest,
    }


def question_of(form: Mapping[str, str]) -> ListQuestion:
    """What the form asks.

    Raises:
        Invalid: Naming the field.
    """
    for name in form:
        if name not in FIELDS:
            raise UnknownFormField(field=name)
    if not form.get("unit_column"):
        raise NoUnitColumn(field="unit_column")
    check_choice(form.get("preset") or None, tuple(PRESETS), "preset")
    check_choice(form.get("form") or None, FORMS, "form")
    numbers = tuple(name.strip() for name in form.get("numbers", "").split(",") if name.strip())
    options = ListOptions(
        unit_column=form["unit_column"],
        variant_column=form.get("variant_column") or "variant",
        send_at_column=form.get("send_at_column") or "send_at",
        send_on=read_date(form.get("send_on") or None, "send_on"),
        payload=form.get("payload", "").lower() in TRUE,
        numbers=numbers,
        delimiter=form.get("delimiter") or None,
        encoding=form.get("encoding") or None,
    )
    return ListQuestion(options, form.get("form") or None, PRESETS.get(form.get("preset") or ""))


def answer_upload(key: str) -> AnsweredList:
    """Answer the list in this request's form for a test of the caller's project.

    Raises:
        NotFound: If the project has no such test.
        Invalid: Naming the field that does not fit.
    """
    request.max_content_length = LARGEST_LIST_BYTES
    configuration = ListConfiguration.of(runtime().keeper.current, caller().project.id, key)
    question = question_of(request.form)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise NoList(field="file")
    folder = runtime().settings.home / "lists"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _arrived(upload, folder) as source:
        form = question.form or form_of(source)
        target = cast("BinaryIO", tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - sent later
        try:
            summary = assign_list(
                configuration,
                source,
                target,
                question.options,
                form=form,
                preset=question.preset,
                now=runtime().clock(),
            )
        except BaseException:
            target.close()
            raise
    return AnsweredList(summary, "csv" if question.preset else form, question.preset, target)


@contextmanager
def _arrived(upload: FileStorage, folder: Path) -> Iterator[Path]:
    """The upload on disk, as long as it is read; its name is ours but for an ending we know."""
    ending = Path(upload.filename or "").suffix.lower()
    path = folder / f"{secrets.token_hex(16)}{ending if ending in ENDINGS else ''}"
    try:
        upload.save(path, buffer_size=1 << 20)
        yield path
    finally:
        path.unlink(missing_ok=True)
