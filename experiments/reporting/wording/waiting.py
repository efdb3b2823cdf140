"""The states in which there is nothing to say yet."""

from experiments.reporting.wording.labels import label
from experiments.reporting.wording.moments import duration, moment
from experiments.reporting.wording.names import kpi_name
from experiments.reporting.wording.numbers import share
from experiments.reporting.wording.reasons import say_gap
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.telling import Telling

_SENT_BY_A_TOOL = frozenset({"sent", "planned_send"})


def tell_too_early(telling: Telling) -> Said:
    """Before the planned end: how far it is, and no number."""
    health, primary = telling.report.health, telling.report.primary
    facts = []
    if health.mature_share is not None and primary is not None:
        window = duration(primary.window_hours, telling.language)
        key = "early.all" if health.mature_share >= 1 else "early.share"
        facts.append(telling.phrase(key, window=window, share=share(health.mature_share)))
    if health.matures_at is None:
        facts.append(telling.phrase("early.running"))
    else:
        at = moment(health.matures_at, telling.report.provenance.time_zone, telling.language)
        facts.append(telling.phrase("early.closes", at=at))
    return Said(telling.phrase("early.headline"), tuple(facts), telling.phrase("early.next"))


def tell_no_data(telling: Telling) -> Said:
    """Nobody has been met."""
    report, language = telling.report, telling.language
    last = report.health.last_received_at
    at = (
        telling.phrase("empty.never")
        if last is None
        else moment(last, report.provenance.time_zone, language)
    )
    started = report.started_at is not None
    facts = [] if started else [telling.phrase("empty.not_started")]
    records = label("records", report.anchor, language)
    following = "empty.next" if report.anchor in _SENT_BY_A_TOOL else "empty.next.other"
    return Said(
        headline=telling.phrase("empty.headline", records=records),
        sentences=(*facts, telling.phrase("empty.last", at=at)),
        next_step=telling.phrase(following if started else "empty.next.start"),
    )


def tell_no_answer(telling: Telling) -> Said:
    """Nothing decides, or what decides cannot be compared."""
    primary = telling.report.primary
    if primary is None:
        return Said(
            telling.phrase("gap.headline.no_primary"), (), telling.phrase("gap.next.no_primary")
        )
    reasons = dict.fromkeys(each.gap for each in primary.comparisons if each.gap)
    return Said(
        headline=telling.phrase("gap.headline", kpi=kpi_name(primary, telling.language)),
        sentences=tuple(say_gap(reason, telling.language) for reason in reasons)[:3],
        next_step=telling.phrase("gap.next"),
    )
