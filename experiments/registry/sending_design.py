"""Whether a send-time test compares what it is meant to: follow-up, days, hours, advertising."""

from collections.abc import Iterator
from datetime import timedelta

from experiments.assignment.send_instants import next_instant
from experiments.registry.advertising import breaches
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.send_times import SendTime
from experiments.registry.sending_rules import SendingTerms
from experiments.registry.start_findings import StartRefused, StartWarning, UnequalFollowUp
from experiments.zones import zone

# Longest wait for the next send at a time of day, in hours.
_DAY, _WEEK = 24, 168
_BY_SEND = ("planned_send", "sent")


def design_refusals(
    draft: ExperimentDraft, window_hours: int | None, terms: SendingTerms
) -> Iterator[StartRefused]:
    """What about its sends makes a test meaningless, or breaks a rule that refuses.

    Args:
        draft: The experiment.
        window_hours: In which the primary KPI counts; None without one.
        terms: What the project sends under.
    """
    yield from (breach.refusal for breach in breaches(draft, terms) if breach.refuses)
    hours = _follow_up(draft, window_hours, terms)
    if len(set(hours.values())) > 1:
        told = ", ".join(f"{key}: {_told(each)}" for key, each in hours.items())
        yield UnequalFollowUp(field="schedule.ends_at", window=window_hours, hours=told)


def design_flags(
    draft: ExperimentDraft, window_hours: int | None, terms: SendingTerms
) -> Iterator[StartWarning]:
    """What about its sends is amber; arguments as in :func:`design_refusals`."""
    yield from (breach.warning for breach in breaches(draft, terms) if not breach.refuses)
    yield from _flags_of_days(draft)
    yield from _flags_of_times(draft)
    yield from _flags_of_wait(draft, window_hours)
    yield from _flags_of_end(draft, window_hours, terms)


def _times(draft: ExperimentDraft) -> dict[str, SendTime]:
    return {each.key: each.send_at for each in draft.variants if each.send_at is not None}


def _flags_of_days(draft: ExperimentDraft) -> Iterator[StartWarning]:
    times = _times(draft)
    if len({(each.on, each.weekday) for each in times.values()}) > 1:
        days = ", ".join(f"{key}: {_day(each)}" for key, each in times.items())
        yield StartWarning("days_differ", "variants", {"days": days})


def _day(when: SendTime) -> str:
    if when.on is not None:
        return f"{when.on.isoformat()} {when.day_of_week}"
    return when.weekday or "any day"


def _flags_of_times(draft: ExperimentDraft) -> Iterator[StartWarning]:
    times = _times(draft)
    if not times:
        return
    for index, variant in enumerate(draft.variants):
        # Of customers who are left alone, too, a planned send tells from when on they count.
        counts = not variant.no_message or draft.anchor == "planned_send"
        if counts and variant.send_at is None:
            field = f"variants.{index}.send_at"
            yield StartWarning("send_time_missing", field, {"variant": variant.key})
    if draft.element == "send_time" and len(times) > 1 and len(set(times.values())) == 1:
        yield StartWarning("send_times_equal", "variants")


def _flags_of_wait(draft: ExperimentDraft, window_hours: int | None) -> Iterator[StartWarning]:
    """A message that goes out long after the anchor has little of the window left."""
    if draft.anchor in _BY_SEND or window_hours is None:
        return
    for index, variant in enumerate(draft.variants):
        when = variant.send_at
        if variant.no_message or when is None or when.on is not None:
            continue
        wait = _DAY if when.weekday is None else _WEEK
        if window_hours <= wait:
            params = {"variant": variant.key, "wait": wait, "window": window_hours}
            yield StartWarning("sent_late", f"variants.{index}.send_at", params)


def _flags_of_end(
    draft: ExperimentDraft, window_hours: int | None, terms: SendingTerms
) -> Iterator[StartWarning]:
    hours = set(_follow_up(draft, window_hours, terms).values())
    if window_hours is not None and len(hours) == 1 and (left := hours.pop()) < window_hours:
        params = {"hours": _told(left), "window": window_hours}
        yield StartWarning("follow_up_cut", "schedule.ends_at", params)
    starts_at, ends_at = draft.schedule.starts_at, draft.schedule.ends_at
    if draft.shape != "triggered" or starts_at is None or ends_at is None:
        return
    here = zone(terms.zone)
    # By the calendar: a week in which clocks change is a whole one too.
    length = ends_at.astimezone(here).replace(tzinfo=None) - starts_at.astimezone(here).replace(
        tzinfo=None
    )
    if length % timedelta(weeks=1):
        days = _told(length / timedelta(days=1))
        yield StartWarning("not_whole_weeks", "schedule.ends_at", {"days": days})


def _follow_up(
    draft: ExperimentDraft, window_hours: int | None, terms: SendingTerms
) -> dict[str, float]:
    """Hours of the window that each variant's first customers have had when the test ends.

    Nothing where it is not known: without an end, or before anybody knows when it is sent.
    Customers are taken to live in the project's zone.
    """
    ends_at, starts_at = draft.schedule.ends_at, draft.schedule.starts_at
    if ends_at is None or window_hours is None:
        return {}
    here, found = zone(terms.zone), {}
    for key, when in _times(draft).items():
        if draft.anchor not in _BY_SEND:
            counts_from = starts_at
        elif when.on is None and starts_at is None:
            counts_from = None
        else:
            counts_from = next_instant(when, starts_at or ends_at, here)
        if counts_from is not None:
            left = (ends_at - counts_from) / timedelta(hours=1)
            found[key] = min(max(left, 0.0), float(window_hours))
    return found


def _told(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
