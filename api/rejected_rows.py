"""The rows that an import did not take, as a CSV file that a spreadsheet opens safely."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from api.i18n import current_language, gettext, translations
from experiments.korean.particles import filled
from experiments.ledger.imports import rejected
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import ImportJob
from experiments.ledger.imports.reject import Reject

# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_AT_ONCE = 500


def rejects_csv(folder: ImportFolder, job: ImportJob) -> Iterator[str]:
    """All rows that were not taken, in parts: with BOM, without formulas.

    They are read from the file beside the upload. Once that is gone, the first of them are
    known still, without the row as it was.
    """
    found = rejected.read(folder.rejects(job.id), job.refused)
    first = next(found, None)
    rejects: Iterable[Reject] = job.rejects if first is None else chain([first], found)
    # Of this request: once the answer is being sent there is none.
    return _parts(rejects, translations(current_language()).gettext)


def message_of(reject: Reject) -> str:
    """Why a row was not taken, in the reader's language."""
    return filled(gettext(reject.template), reject.params)


def harmless(cell: str) -> str:
    """The cell, so that no spreadsheet takes it for a formula.

    Examples:
        >>> harmless("=1+1"), harmless("spend")
        ("'=1+1", 'spend')
    """
    return f"'{cell}" if cell.startswith(_FORMULA_LEADS) else cell


def _parts(rejects: Iterable[Reject], translated: Callable[[str], str]) -> Iterator[str]:
    yield "\ufeff" + _written([("line", "field", "code", "message", "row")])
    waiting = iter(rejects)
    while part := list(islice(waiting, _AT_ONCE)):
        yield _written(_cells(reject, translated) for reject in part)


def _cells(reject: Reject, translated: Callable[[str], str]) -> tuple[object, ...]:
    message = filled(translated(reject.template), reject.params)
    cells = (reject.field or "", reject.code, message, reject.row)
    return (reject.line, *map(harmless, cells))


def _written(rows: Iterable[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
