"""Facts about the data, said: who met or made too much, what came late, what is left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from experiments.reporting.health_facts import DeliveryFact
from experiments.reporting.quality import Arrival, ContactPressure, Machines, Quality, TwoVariants
from experiments.reporting.report import Report
from experiments.reporting.wording.labels import label, say_exclusion
from experiments.reporting.wording.moments import dated_moment, duration
from experiments.reporting.wording.names import spoken
from experiments.reporting.wording.numbers import count, share
from experiments.reporting.wording.phrases import phrase
from experiments.reporting.wording.scales import Scale

_SECONDS_PER_HOUR = 3600
_MINUTES_PER_HOUR = 60


@dataclass(frozen=True)
class Note:
    """One fact.

    Attributes:
        topic: What it is about, a label of the kind ``quality``.
        tone: ``good``, ``quiet``, ``caution`` or ``bad``.
        sentences: In the reader's language.
    """

    topic: str
    tone: str
    sentences: tuple[str, ...]


def say_quality(report: Report, language: str) -> tuple[Note, ...]:
    """Everything to be known of the data, in order; nothing where there are numbers only."""
    quality = report.health.quality
    if quality is None:
        return ()
    return (
        _two_variants(quality.two_variants, report, language),
        *_merged_apart(quality.merged_apart, language),
        *(_delivery(each, report, language) for each in report.health.delivery),
        *(_machines(each, report, language) for each in quality.machines if each.shares),
        *_scanners(quality, language),
        *_contacts(quality.contacts, report, language),
        *_arrivals(quality, report, language),
        *_left_out(quality, language),
    )


def _two_variants(fact: TwoVariants, report: Report, language: str) -> Note:
    if not fact.units or fact.share is None:
        return Note("two_variants", "good", (phrase(language, "quality.two.none"),))
    [met] = Scale("rate", None, language).values(fact.share)
    said = [phrase(language, "quality.two.some", number=count(fact.units), share=met)]
    if fact.level == "alarm":
        shares = _shares(fact.by_variant, report, language)
        said.append(phrase(language, "quality.two.alarm", shares=shares))
    elif fact.level == "warning":
        said.append(phrase(language, "quality.two.warning"))
    tone = {"alarm": "bad", "warning": "caution"}.get(fact.level, "quiet")
    return Note("two_variants", tone, tuple(said))


def _merged_apart(units: int, language: str) -> Iterator[Note]:
    if units:
        said = phrase(language, "quality.merged", number=count(units))
        yield Note("merged_apart", "caution", (said,))


def _machines(fact: Machines, report: Report, language: str) -> Note:
    shares = _shares(fact.shares, report, language)
    said = [phrase(language, f"quality.machines.{fact.event}", shares=shares)]
    if fact.differs:
        said.append(phrase(language, "quality.machines.differ"))
    return Note("machines", "caution" if fact.differs else "quiet", tuple(said))


def _delivery(fact: DeliveryFact, report: Report, language: str) -> Note:
    said = [phrase(language, "quality.delivery", rates=_shares(fact.rates, report, language))]
    if not fact.differs:
        return Note("delivery", "good", (*said, phrase(language, "quality.delivery.alike")))
    [most] = Scale("rate", None, language).values(fact.most_bias)
    said.append(phrase(language, "quality.delivery.differ", share=most))
    return Note("delivery", "caution", tuple(said))


def _scanners(quality: Quality, language: str) -> Iterator[Note]:
    fact = quality.scanners
    if fact is not None:
        values = {
            "links": count(fact.links),
            "seconds": count(fact.seconds),
            "number": count(fact.clicks),
        }
        said = phrase(language, "quality.scanners", **values)
        yield Note("scanners", "quiet", (said,))


def _contacts(fact: ContactPressure, report: Report, language: str) -> Iterator[Note]:
    if not any(fact.per_week.values()):
        return
    rates = "; ".join(
        f"{_name(key, report, language)} {_channels(channels, language)}"
        for key, channels in fact.per_week.items()
    )
    said = [phrase(language, "quality.contacts", rates=rates)]
    if fact.differs:
        said.append(phrase(language, "quality.contacts.differ"))
    yield Note("contacts", "caution" if fact.differs else "quiet", tuple(said))


def _channels(per_week: Mapping[str, float], language: str) -> str:
    if not per_week:
        return label("term", "none", language)
    return ", ".join(
        phrase(
            language,
            "quality.rate",
            channel=label("channel", channel, language),
            rate=f"{rate:.2f}",
        )
        for channel, rate in per_week.items()
    )


def _arrivals(quality: Quality, report: Report, language: str) -> Iterator[Note]:
    if quality.watermark is None:
        return
    until = dated_moment(quality.watermark, report.provenance.time_zone, language)
    said = [phrase(language, "quality.watermark", moment=until)]
    said += [line for each in quality.arrivals for line in _arrival(each, language)]
    yield Note("arrivals", "quiet", tuple(said))


def _arrival(fact: Arrival, language: str) -> Iterator[str]:
    if fact.delay_seconds is not None:
        delay = _delay(fact.delay_seconds, language)
        yield phrase(language, "quality.delay", event=fact.event, delay=delay)
    if fact.late_share:
        yield phrase(language, "quality.late", event=fact.event, share=share(fact.late_share))


def _delay(seconds: float, language: str) -> str:
    if seconds > _SECONDS_PER_HOUR:
        return duration(ceil(seconds / _SECONDS_PER_HOUR), language)
    minutes = max(1, ceil(seconds / _MINUTES_PER_HOUR))
    key = "quality.minute" if minutes == 1 else "quality.minutes"
    return phrase(language, key, number=count(minutes))


def _left_out(quality: Quality, language: str) -> Iterator[Note]:
    said = []
    if quality.exposures_left_out:
        reasons = ", ".join(
            phrase(
                language,
                "quality.rows",
                reason=say_exclusion(reason, language),
                number=count(rows),
            )
            for reason, rows in quality.exposures_left_out.items()
        )
        said.append(phrase(language, "quality.exposures", reasons=reasons))
    if quality.withdrawn:
        said.append(phrase(language, "quality.withdrawn", number=count(quality.withdrawn)))
    if quality.erased:
        said.append(phrase(language, "quality.erased", number=count(quality.erased)))
    if said:
        yield Note("left_out", "caution" if quality.withdrawn else "quiet", tuple(said))


def _shares(shares: Mapping[str, float], report: Report, language: str) -> str:
    values = Scale("rate", None, language).values(*shares.values())
    return ", ".join(
        f"{_name(key, report, language)} {value}" for key, value in zip(shares, values, strict=True)
    )


def _name(key: str, report: Report, language: str) -> str:
    return spoken(report.variants.get(key, key), language)
