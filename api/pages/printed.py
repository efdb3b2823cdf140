"""What a report says on paper: every text, table and picture that the PDF is made of."""

from collections.abc import Iterator
from typing import Any

from api.i18n import gettext
from api.pages.figures import Figures
from api.pages.labels import label
from api.pages.printed_batches import batches
from api.pages.printed_cells import Cell, lift_cell, target_cell
from api.pages.speech import Speech
from api.pages.verdicts import standing, tone_of
from experiments.reporting.goal_facts import Goal
from experiments.reporting.group_facts import GroupFact
from experiments.reporting.pictures import PAPER, PICTURES
from experiments.reporting.pictures.render import printable
from experiments.reporting.pictures.standalone import embedded
from experiments.reporting.report import Report
from experiments.reporting.wording import say_withheld
from experiments.storage.codec import to_document

ROLES = ("primary", "secondary", "guardrail")


def printed(report: Report, language: str) -> dict[str, Any]:
    """The texts in the language of this request, as ``report.typ`` names them."""
    figures, speech = Figures(language, report.provenance.time_zone), Speech(report, language)
    moment = gettext("As of %(moment)s") % {"moment": figures.moment(report.as_of)}
    return {
        "language": language,
        "title": report.name or gettext("A test without its name"),
        "hypothesis": report.hypothesis.strip(),
        "facts": [
            label("state", report.state),
            ", ".join(label("channel", channel) for channel in report.channels),
            " / ".join(report.variants.values()),
            moment,
        ],
        "foot": f"Truelift · {report.experiment} · {moment} ({figures.zone})",
        "tone": tone_of(report),
        "standing": standing(report),
        "verdict": to_document(speech.verdict()),
        "sections": [*_sections(report, figures, speech)],
        "looks": {
            "title": gettext("Planned checks"),
            "note": gettext("checked more than once, so the bar is set higher"),
            "sentences": list(speech.looks()),
        },
        "health": {
            "title": gettext("Can these numbers be trusted?"),
            "checks": [*_checks(report, figures, speech)],
        },
        "segments": [*batches(report, figures, speech), *_segments(report, figures, speech)],
        "pictures": [*_pictures(report, figures)],
        "warnings": {
            "title": gettext("Known since the start"),
            "sentences": [speech.warning(warning) for warning in report.warnings],
        },
        "origin": {
            "title": gettext("Where the numbers come from"),
            "note": gettext("The same records give the same report, to the last digit."),
            "pairs": [*_origin(report, figures)],
        },
    }


def _sections(report: Report, figures: Figures, speech: Speech) -> Iterator[dict[str, Any]]:
    titles = {
        "primary": (gettext("Primary KPI"), ""),
        "secondary": (
            gettext("Secondary KPIs"),
            gettext("hints for the next test, no verdict rests on them"),
        ),
        "guardrail": (gettext("Guardrails"), gettext("what must not get worse")),
    }
    for role in ROLES:
        goals = [goal for goal in report.goals if goal.role == role]
        if goals:
            title, note = titles[role]
            kpis = [_kpi(report, goal, figures, speech) for goal in goals]
            yield {"title": title, "note": note, "kpis": kpis}


def _segments(report: Report, figures: Figures, speech: Speech) -> Iterator[dict[str, Any]]:
    """Channels and segments: whether effects differ, and the groups."""
    if not report.segments or report.withheld:
        return
    goal = next(goal for goal in report.goals if goal.kpi == report.segments[0].kpi)
    heads = [gettext("Group"), gettext("Customers"), gettext("Difference from the control")]
    dimensions = []
    for fact in report.segments:
        name = fact.name.in_language(figures.language)
        many = len(report.variants) > 2
        dimensions.append(
            {
                "title": f"{name}: {fact.variant_name}" if many else name,
                "note": figures.short_name(goal),
                "heads": heads,
                "rows": [_group(goal, group, figures, speech) for group in fact.groups],
                "about": [" ".join(speech.dimension(fact))],
            }
        )
    note = gettext("as the customers were when the test met them")
    yield {"title": gettext("Channels and segments"), "note": note, "kpis": dimensions}


def _group(goal: Goal, group: GroupFact, figures: Figures, speech: Speech) -> list[Cell]:
    name = {"said": group.name.in_language(figures.language)}
    units = {"said": figures.count(sum(group.units.values()))}
    if group.gap is not None or group.difference is None:
        return [name, units, {"said": speech.segment_gap(group) or gettext("at the planned end")}]
    told = gettext("allowing for error %(range)s") % {
        "range": figures.between(goal, group.interval)
    }
    return [name, units, {"said": figures.difference(goal, group.difference), "sub": told}]


def _kpi(report: Report, goal: Goal, figures: Figures, speech: Speech) -> dict[str, Any]:
    with_target = any(arm.target for arm in goal.arms) and not report.withheld
    counted = goal.unit_of_measure == "rate"
    heads = [
        gettext("Variant"),
        gettext("Customers"),
        gettext("Customers who did") if counted else gettext("Total"),
        figures.short_name(goal),
        gettext("Difference from the control"),
    ]
    window = figures.window(goal.window_hours)
    anchored = {"anchor": label("anchor", report.anchor), "window": window}
    return {
        "title": figures.short_name(goal),
        "note": gettext("%(anchor)s, within %(window)s") % anchored,
        "heads": [*heads, gettext("Target")] if with_target else heads,
        "rows": [*_rows(report, goal, figures, with_target=with_target)],
        "about": [*_about(goal, speech)],
    }


def _rows(
    report: Report, goal: Goal, figures: Figures, *, with_target: bool
) -> Iterator[list[Cell]]:
    for arm, (value, around) in zip(goal.arms, figures.column(goal), strict=True):
        entry = next((each for each in goal.comparisons if each.variant == arm.variant), None)
        row = [
            {"said": arm.name, "sub": gettext("control") if arm.control else ""},
            {"said": figures.count(arm.units)},
            {"said": figures.total(goal, arm.total)},
            {"said": value, "sub": around},
            lift_cell(report, goal, entry, figures),
        ]
        yield [*row, target_cell(goal, arm, figures)] if with_target else row


def _about(goal: Goal, speech: Speech) -> Iterator[str]:
    for name, sentences in speech.about(goal):
        told = " ".join(sentences)
        yield f"{name}: {told}" if name else told
    yield from (" ".join(lines) for lines in speech.guardrails(goal))
    for note in speech.depth(goal):
        yield f"{label('depth', note.topic)}: {' '.join(note.sentences)}"


def _pictures(report: Report, figures: Figures) -> Iterator[dict[str, str]]:
    note = say_withheld(report, figures.language)
    for name, draw in PICTURES.items():
        drawing = draw(report, figures, PAPER)
        # The values stand in the tables already.
        if drawing is not None and name != "rates":
            svg = printable(embedded(drawing))
            told = note if name != "funnel" else ""
            yield {"title": drawing.title, "note": told, "svg": svg, "alt": drawing.description}


def _checks(report: Report, figures: Figures, speech: Speech) -> Iterator[dict[str, Any]]:
    health = report.health
    for split in health.splits:
        way = speech.way_forward() if split.broken else ()
        title = f"{gettext('Split')}: {label('split', split.stage)}"
        yield {"title": title, "sentences": [*speech.split(split), *way]}
    for fact in health.opens or ():
        title = gettext("Opens, counted three ways")
        yield {"title": title, "sentences": list(speech.opens(fact))}
    notes = speech.quality()
    yield from (
        {"title": label("quality", note.topic), "sentences": list(note.sentences)} for note in notes
    )
    if not notes:
        yield _two_variants(report, figures)
    yield {"title": gettext("Records"), "sentences": [*_records(report, figures)]}


def _two_variants(report: Report, figures: Figures) -> dict[str, Any]:
    twice = sum(report.health.two_variants.values())
    told = gettext("%(number)s customers met two variants; the first one counts.")
    said = told % {"number": figures.count(twice)} if twice else gettext("None.")
    return {"title": gettext("Customers in two variants"), "sentences": [said]}


def _records(report: Report, figures: Figures) -> Iterator[str]:
    twice = {"number": figures.count(report.health.duplicates)}
    yield gettext("%(number)s records arrived more than once and are counted once.") % twice
    told = gettext("%(received)s received = %(used)s used + %(excluded)s left out")
    for goal in report.goals:
        found = goal.accounting
        numbers = {
            "received": figures.count(found.received),
            "used": figures.count(found.used),
            "excluded": figures.count(sum(found.excluded.values())),
        }
        yield f"{figures.short_name(goal)}: {told % numbers}"


def _origin(report: Report, figures: Figures) -> Iterator[tuple[str, str]]:
    proof = report.provenance
    versions = ", ".join(f"{key} {version}" for key, version in proof.kpi_versions.items())
    place = f"{figures.count(proof.ledger_position)} · {proof.ledger_identity}"
    yield gettext("Position in the ledger"), place
    yield gettext("Versions of the KPIs"), versions
    yield gettext("Revision of the test"), str(proof.experiment_revision)
    yield gettext("Version of Truelift"), proof.code_version
    yield gettext("Time zone"), f"{proof.time_zone} ({proof.time_zone_data})"
    yield gettext("Error rate, correction"), f"{proof.alpha}, {proof.correction}"
