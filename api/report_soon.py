"""The report of a test for a page: as of now if it is there in time."""

from datetime import UTC

from api.auth import caller
from api.runtime import runtime
from api.soon import StillComputing
from experiments.registry.experiment import Experiment
from experiments.reporting.asked import EVERYTHING, Asked
from experiments.reporting.report import Report


def report_soon(experiment: Experiment, until: float, asked: Asked = EVERYTHING) -> Report:
    """The report of a test of the caller's project.

    Args:
        experiment: As just read: what was made of an earlier state of it does not stand for it.
        until: How long to wait, as :meth:`api.soon.Soon.until` says.
        asked: What is wanted besides.

    Raises:
        StillComputing: If it is not there in time; the next look may find it.
        NotFound, Invalid, Unavailable: As :meth:`ReportShelf.report`.
    """
    held, project, key = runtime(), caller().project, experiment.key
    now = held.clock().astimezone(UTC)
    name = ("report", project.id, key, experiment.revision, asked)
    try:
        return held.soon.get(
            name, lambda: held.reports.report(project, key, now=now, asked=asked), until
        )
    except StillComputing:
        # The shelf would give it as it is, if its turn had come.
        lately: Report | None = held.soon.lately(name)
        if lately is None:
            raise
        return lately
