"""The status of a KPI document: which changes there are, and what each needs."""

from experiments.errors import Conflict
from experiments.kpis.document import KpiDocument
from experiments.kpis.meaning import changed_meaning

STEPS: dict[str, tuple[str, ...]] = {
    "draft": ("under_review", "official", "retired"),
    "under_review": ("official", "draft", "retired"),
    "official": ("under_review", "retired"),
    "retired": ("under_review",),
}
"""Where a document can go from each status."""


class IllegalStatus(Conflict):
    """A document cannot go from its status to that one."""

    template = "a KPI that is {before} cannot become {after}, only: {legal}"


class OfficialMeaning(Conflict):
    """An official KPI would count something else without having been looked at again."""

    template = (
        "what an official KPI counts changes only under review: give the status under_review "
        "together with the new {part}"
    )


def check_step(before: KpiDocument, after: KpiDocument) -> None:
    """Refuse a change of status, or of an official meaning, that skips a step.

    Raises:
        IllegalStatus: Naming ``status``.
        OfficialMeaning: Naming the first field whose meaning changes.
    """
    if before.status != after.status and after.status not in STEPS[before.status]:
        raise IllegalStatus(
            field="status",
            before=before.status,
            after=after.status,
            legal=", ".join(STEPS[before.status]),
        )
    changed = changed_meaning(before, after)
    if before.status == after.status == "official" and changed:
        raise OfficialMeaning(field=changed[0], part=changed[0])


def is_approval(before: KpiDocument | None, after: KpiDocument) -> bool:
    """Whether the change makes the document official: somebody has approved it."""
    return after.status == "official" and (before is None or before.status != "official")
