"""The sections of the plain-text report that say what its numbers rest on."""

from collections.abc import Iterator

from experiments.reporting.columns import width, wrapped
from experiments.reporting.goal_facts import Goal
from experiments.reporting.report import Report
from experiments.reporting.wording import (
    label,
    say_causes,
    say_exclusion,
    say_opens,
    say_quality,
    say_split,
    say_warning,
)
from experiments.reporting.wording.moments import dated_moment
from experiments.reporting.wording.names import kpi_name
from experiments.reporting.wording.numbers import count, share


def heading(key: str, language: str) -> str:
    """The title of a section, underlined."""
    title = label("term", key, language)
    return f"{title}\n{'-' * width(title)}"


def fact_line(key: str, value: str, language: str) -> list[str]:
    """A labelled value, on as many lines as it needs."""
    return wrapped(f"{label('term', key, language)}: {value}", 2)


def health(report: Report, language: str) -> Iterator[str]:
    """Whether the numbers can be trusted."""
    found = report.health
    yield heading("health", language)
    for split in found.splits:
        yield from wrapped(" ".join(say_split(split, language)), 2)
    for line in say_causes(report, language):
        yield from wrapped(line, 4)
    for fact in found.opens or ():
        for sentence in say_opens(report, fact, language):
            yield from wrapped(sentence, 2)
    if found.mature_share is not None:
        yield from fact_line("immature", share(1 - found.mature_share), language)
    doubles = sum(found.two_variants.values())
    for key, number in (
        *(() if found.quality else (("two_variants", doubles),)),
        ("other_variant", found.other_variant),
        ("duplicates", found.duplicates),
    ):
        yield from fact_line(key, count(number), language)
    if found.suppressed:
        yield from fact_line("suppressed", _suppressed(found.suppressed, language), language)
    for goal in report.goals:
        yield from wrapped(_events(goal, language), 2)
    yield from fact_line("last_received", _last(report, language), language)
    for note in say_quality(report, language):
        said = " ".join(note.sentences)
        yield from wrapped(f"{label('quality', note.topic, language)}: {said}", 2)


def _suppressed(reasons: dict[str, int], language: str) -> str:
    return ", ".join(
        f"{label('suppressed', reason, language)} {count(number)}"
        for reason, number in reasons.items()
    )


def _last(report: Report, language: str) -> str:
    at = report.health.last_received_at
    if at is None:
        return label("term", "none", language)
    return dated_moment(at, report.provenance.time_zone, language)


def _events(goal: Goal, language: str) -> str:
    """Where the KPI's events went: received = used + left out."""
    accounting = goal.accounting
    words = {key: label("term", key, language) for key in ("received", "used", "excluded")}
    reasons = ", ".join(
        f"{say_exclusion(reason, language)} {count(number)}"
        for reason, number in accounting.excluded.items()
        if number
    )
    left_out = sum(accounting.excluded.values())
    line = (
        f"{label('term', 'events', language)} - {kpi_name(goal, language)}: "
        f"{words['received']} {count(accounting.received)} = {words['used']} "
        f"{count(accounting.used)} + {words['excluded']} {count(left_out)}"
    )
    return f"{line} ({reasons})" if reasons else line


def warnings(report: Report, language: str) -> list[str]:
    """What was amber at the start."""
    if not report.warnings:
        return []
    lines = [heading("warnings", language)]
    for warning in report.warnings:
        lines += wrapped(f"- {say_warning(warning, language)}", 2)
    return lines


def provenance(report: Report, language: str) -> Iterator[str]:
    """What the numbers rest on."""
    proof = report.provenance
    versions = ", ".join(f"{key} v{version}" for key, version in proof.kpi_versions.items())
    methods = {each.method for goal in report.goals for each in goal.comparisons if each.method}
    several = len(report.variants) > 2
    yield heading("provenance", language)
    for key, value in (
        ("ledger", f"{proof.ledger_identity} @ {proof.ledger_position:,}"),
        ("revision", str(proof.experiment_revision)),
        ("kpi_versions", versions),
        ("code_version", proof.code_version),
        ("time_zone", f"{proof.time_zone} ({proof.time_zone_data})"),
        ("alpha", f"{100 * proof.alpha:g}%"),
        ("correction", label("correction", proof.correction, language) if several else ""),
        ("method", ", ".join(sorted(methods))),
    ):
        if value:
            yield from fact_line(key, value, language)
