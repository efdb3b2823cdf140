"""The planned looks: what one of them has shown, and which are still to come."""

from experiments.reporting.report import Look, Report
from experiments.reporting.wording.moments import moment
from experiments.reporting.wording.names import kpi_name, listed
from experiments.reporting.wording.numbers import share
from experiments.reporting.wording.reasons import say_gap
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.telling import Telling, scale_of


def tell_win_at_look(telling: Telling) -> Said:
    """A variant is better, shown before the planned end."""
    return _told(telling, "win", "look.unsure.next" if telling.guardrails() else "look.win.next")


def tell_loss_at_look(telling: Telling) -> Said:
    """Every variant is worse, shown before the planned end."""
    return _told(telling, "loss", "look.loss.next")


def say_looks(report: Report, language: str) -> tuple[str, ...]:
    """Every planned look: when it came and what it found, or when it is due."""
    if report.timeline is None or report.withheld or report.segment is not None:
        return ()
    if report.timeline.gap is not None:
        return (say_gap(report.timeline.gap, language),)
    telling = Telling(report, language)
    return tuple(_look(telling, look) for look in report.timeline.looks)


def look_fact(telling: Telling) -> str:
    """At which look a variant was shown to be better; nothing at the planned end."""
    report, number = telling.report, telling.report.verdict.look
    if report.final or number is None:
        return ""
    looks = report.timeline.looks if report.timeline is not None else ()
    variant = telling.name(report.verdict.variant or "")
    return telling.phrase("look.win", variant=variant, looks=str(len(looks)), number=str(number))


def _told(telling: Telling, outcome: str, following: str) -> Said:
    report, variant = telling.report, telling.report.verdict.variant or ""
    looks = report.timeline.looks if report.timeline is not None else ()
    values = {
        "variant": telling.name(variant),
        "looks": str(len(looks)),
        "number": str(report.verdict.look),
    }
    look = next((each for each in looks if each.number == report.verdict.look), None)
    unsure = [kpi_name(goal, telling.language) for goal, _ in telling.guardrails()]
    facts = [telling.phrase("look.why", **values), _range(telling, look, variant)]
    if unsure:
        facts.append(telling.phrase("win.unsure", guardrails=listed(unsure, telling.language)))
    return Said(
        headline=telling.phrase(f"look.{outcome}", **values),
        sentences=tuple(fact for fact in facts if fact),
        next_step=telling.phrase(following, **values),
    )


def _range(telling: Telling, look: Look | None, variant: str) -> str:
    found = (
        next((each for each in look.findings if each.variant == variant), None) if look else None
    )
    if found is None or found.difference is None or found.interval is None:
        return ""
    lower, upper = found.interval.lower, found.interval.upper
    if lower is None or upper is None:
        return ""
    scale = scale_of(telling.goal, telling.language).of_differences
    difference, text = scale.signed_with_range(found.difference, lower, upper)
    kpi = kpi_name(telling.goal, telling.language)
    return telling.phrase("look.range", kpi=kpi, difference=difference, range=text)


def _look(telling: Telling, look: Look) -> str:
    number, language = str(look.number), telling.language
    if look.at is None or look.seen is None:
        return telling.phrase("look.due", number=number, share=share(look.share))
    said = [
        telling.phrase(
            "look.shown" if each.shown else "look.not_shown", variant=telling.name(each.variant)
        )
        for each in look.findings
    ]
    at = moment(look.at, telling.report.provenance.time_zone, language)
    findings = listed(said, language)
    return telling.phrase(
        "look.came", number=number, at=at, seen=share(look.seen), findings=findings
    )
