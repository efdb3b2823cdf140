"""The last report that was kept, for while nothing can be measured."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import ValidationError
from sqlalchemy import Connection

from experiments.errors import Unavailable
from experiments.reporting.report import Report
from experiments.reporting.stored.kept import StoredReport, content_of, last_stored
from experiments.storage.codec import from_document
from experiments.storage.projects import Project


class OnlyTheLastReport(Unavailable):
    """A file was asked for while nothing can be measured, and only an earlier report is there."""

    template = (
        "not possible right now ({because}). The last report that was kept is {age} old: "
        "read it at {address}, or ask again later"
    )


@dataclass(frozen=True)
class LastReport:
    """A kept report in place of a new one.

    Attributes:
        because: Why there is no new one.
        age: Since the moment that it looks from.
        document: As it was kept.
    """

    stored: StoredReport
    because: Unavailable
    age: timedelta
    document: dict[str, Any]

    def report(self) -> Report:
        """The values, to show on a page.

        Raises:
            Unavailable: What kept the new one from being made, if another version kept this
                one and its values cannot be read.
        """
        values = {name: found for name, found in self.document.items() if name != "said"}
        try:
            return from_document(Report, values)
        except ValidationError:
            raise self.because from None


def last_report(
    db: Connection, project: Project, key: str, because: Unavailable, now: datetime
) -> LastReport | None:
    """The kept report of a test that looks from the latest moment; None without one."""
    stored = last_stored(db, project, key)
    if stored is None:
        return None
    _, content = content_of(db, project, stored.public_id)
    age = max(now - stored.as_of, timedelta(0))
    return LastReport(stored, because, age, json.loads(content))
