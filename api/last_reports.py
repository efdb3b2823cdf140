"""What a report's reader is told while nothing can be measured: the last one that was kept."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

from flask import jsonify, url_for

from api.auth import caller
from api.db import reading
from api.errors import localised, retry_after
from api.i18n import LANGUAGES, ngettext, translations
from api.runtime import runtime
from experiments.errors import Unavailable
from experiments.korean.particles import filled
from experiments.reporting.report import Report
from experiments.reporting.stored.standing import LastReport, OnlyTheLastReport, last_report


def report_or_last(
    key: str, build: Callable[[], Report], *, newest: bool = True
) -> Report | LastReport:
    """The report, or the last one that was kept if it cannot be made now.

    Args:
        key: Of the test.
        build: Makes the report.
        newest: Whether it is the whole report as of now: no kept one stands for another.

    Raises:
        Unavailable: If it cannot be made, and none was kept.
    """
    try:
        return build()
    except Unavailable as outage:
        if not newest:
            raise
        now = runtime().clock().astimezone(UTC)
        with reading() as db:
            found = last_report(db, caller().project, key, outage, now)
        if found is None:
            raise
        return found


def answer_of(last: LastReport, wanted: str) -> Any:
    """The kept report with its age and the reason, as JSON.

    Raises:
        OnlyTheLastReport: If another format is wanted: a file would not say how old it is.
    """
    address = url_for("stored_reports.one", public_id=last.stored.public_id)
    if wanted != "json":
        raise OnlyTheLastReport(
            because=localised(last.because), age=age_said(last.age), address=address
        )
    answer = jsonify(last.document | {"earlier": _earlier(last, address)})
    answer.headers["Retry-After"] = retry_after()
    return answer


def age_said(age: timedelta) -> str:
    """An age as people say it: in minutes, hours or days.

    Examples:
        >>> age_said(timedelta(hours=3))
        '3 hours'
    """
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    if minutes < 48 * 60:
        hours = minutes // 60
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    days = minutes // (24 * 60)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


def _earlier(last: LastReport, address: str) -> dict[str, Any]:
    said = {
        language: str(translations(language).gettext(last.because.template))
        for language in LANGUAGES
    }
    return {
        "id": last.stored.public_id,
        "address": address,
        "as_of": last.stored.as_of.isoformat(),
        "age_seconds": int(last.age.total_seconds()),
        "because": {
            "code": last.because.code,
            "said": {
                language: filled(text, last.because.params) for language, text in said.items()
            },
        },
    }
