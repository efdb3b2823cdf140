"""Whether the numbers can be trusted: the split, and opens that machines make."""

from collections.abc import Mapping, Sequence
from math import floor

from experiments.reporting.goal_facts import Goal
from experiments.reporting.health_facts import OpensFact, Split, SplitCause
from experiments.reporting.report import Report, State
from experiments.reporting.wording.labels import label
from experiments.reporting.wording.names import kpi_name, listed
from experiments.reporting.wording.numbers import about, count, places_apart, ratio
from experiments.reporting.wording.phrases import phrase
from experiments.reporting.wording.reasons import say_gap
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.scales import Scale
from experiments.reporting.wording.telling import Telling, range_text, scale_of

_NEVER = 1_000_000
_RATIO_PLACES = 2


def say_split(split: Split, language: str) -> tuple[str, ...]:
    """The planned split against the one met, at one stage."""
    values = _split_values(split, language)
    if split.gap is not None:
        reason = say_gap(split.gap, language)
        return (phrase(language, "split.gap", **values, reason=reason),)
    if not split.broken:
        return (phrase(language, "split.fine", **values),)
    key = "split.counts.assigned" if split.stage == "assigned" else "split.counts"
    facts = [phrase(language, key, **values), _rarity(split.one_in, language)]
    if split.bias is not None:
        (bias,) = Scale("points", None, language).sizes(split.bias)
        facts.append(phrase(language, "split.bias", bias=bias))
    return tuple(facts)


def say_causes(report: Report, language: str) -> tuple[str, ...]:
    """The way forward from a broken split: how many are missing, where, and what may be done."""
    broken = next((split for split in report.health.splits if split.broken), None)
    if broken is None:
        return ()
    telling = Telling(report, language)
    said = [
        phrase(
            language, "way.lost", variant=telling.name(key), share=_at_least(lost),
        )
        for key, lost in broken.lost.items()
        if lost > 0
    ]  # fmt: skip
    said += [_cause(cause, language) for cause in report.health.causes]
    if not report.health.causes:
        said.append(phrase(language, "way.nowhere"))
    return (*said, phrase(language, "way.next"))


def _at_least(lost: float) -> str:
    """A share in per cent, rounded down: so many are missing, and maybe more."""
    return f"{floor(1000 * lost) / 10:.1f}%" if lost >= 0.001 else "0.1%"


def _cause(cause: SplitCause, language: str) -> str:
    kind, _, name = cause.dimension.partition(":")
    group = label("channel", cause.group, language) if kind == "channel" else cause.group
    met = sum(cause.counts.values())
    title = name or label("cause", kind, language)
    observed = ratio([units / met for units in cause.counts.values()])
    return phrase(
        language,
        "way.cause",
        stage=label("stage", cause.stage, language),
        group=f"{title} {group or label('term', 'none', language)}",
        observed=observed,
        counts=_counts(list(cause.counts.values()), language),
    )


def say_opens(report: Report, fact: OpensFact, language: str) -> tuple[str, ...]:
    """Opens counted three ways, for one variant against the control."""
    telling, scale = Telling(report, language), Scale("points", None, language)
    every, human = scale.signed(fact.all_difference, fact.human_difference)
    values = {
        "variant": telling.name(fact.variant),
        "all": every,
        "human": human,
        "shares": _shares(telling, fact.machine_share),
        "range": range_text(scale, fact.bounds, always_signed=True) or "",
    }
    keys = [
        "opens.differ" if "signs_disagree" in fact.faults else "opens.same",
        "opens.unequal" if "machines_differ" in fact.faults else "opens.balanced",
        *(["opens.bounds"] if values["range"] else []),
    ]
    return tuple(telling.phrase(key, **values) for key in keys)


def say_withheld(report: Report, language: str) -> str:
    """What every lift carries while results are withheld; nothing if they are not."""
    if not report.withheld:
        return ""
    broken = report.verdict.state is State.SPLIT_BROKEN
    return phrase(language, "withheld.split" if broken else "withheld.opens")


def tell_split_broken(telling: Telling) -> Said:
    """The split up to the anchor is not the planned one."""
    split = next(each for each in telling.report.health.splits if each.broken)
    short = telling.report.verdict.variant or min(
        split.counts, key=lambda key: split.counts[key] / (split.expected[key] or 1)
    )
    stage = label("stage", split.stage, telling.language)
    return Said(
        headline=telling.phrase("split.headline"),
        sentences=say_split(split, telling.language),
        next_step=telling.phrase("split.next", variant=telling.name(short), stage=stage),
    )


def tell_opens_unreliable(telling: Telling) -> Said:
    """Opens decide, and cannot be relied on."""
    opens = telling.report.health.opens or ()
    fact = next(each for each in opens if each.faults)
    every, human = Scale("points", None, telling.language).signed(
        fact.all_difference, fact.human_difference
    )
    unequal = "machines_differ" in fact.faults
    values = {"shares": _shares(telling, fact.machine_share), "all": every, "human": human}
    facts = [telling.phrase("opens.machines" if unequal else "opens.share", **values)]
    if "signs_disagree" in fact.faults:
        facts.append(telling.phrase("opens.signs", **values))
    return Said(
        headline=telling.phrase("opens.headline", kpi=kpi_name(telling.goal, telling.language)),
        sentences=tuple(facts),
        next_step=_instead_of_opens(telling),
    )


def _instead_of_opens(telling: Telling) -> str:
    clicks = next((goal for goal in telling.report.goals if _is_clicks(goal)), None)
    if clicks is None:
        return telling.phrase("opens.next.plain")
    values = scale_of(clicks, telling.language).values(*(arm.value or 0.0 for arm in clicks.arms))
    named = [
        f"{telling.name(arm.variant)} {value}"
        for arm, value in zip(clicks.arms, values, strict=True)
    ]
    reference = f"{kpi_name(clicks, telling.language)}({', '.join(named)})"
    if telling.language != "ko":
        reference = reference.replace("(", " (", 1)
    return telling.phrase("opens.next", reference=reference)


def _is_clicks(goal: Goal) -> bool:
    known_by = f"{goal.kpi} {goal.name.ko} {goal.name.en}".lower()
    return goal.role == "secondary" and ("click" in known_by or "클릭" in known_by)


def _shares(telling: Telling, shares: Mapping[str, float]) -> str:
    """Machine-opening customers per sent, by variant."""
    values = Scale("rate", None, telling.language).values(*shares.values())
    return ", ".join(
        f"{telling.name(variant)} {value}" for variant, value in zip(shares, values, strict=True)
    )


def _split_values(split: Split, language: str) -> dict[str, str]:
    total = sum(split.counts.values())
    met = [units / total if total else 0.0 for units in split.counts.values()]
    planned = list(split.expected.values())
    places = places_apart([100 * each for each in (*met, *planned)], 1, _RATIO_PLACES)
    return {
        "stage": label("stage", split.stage, language),
        "planned": ratio(planned, places),
        "observed": ratio(met, places),
        "counts": _counts(list(split.counts.values()), language),
    }


def _counts(numbers: Sequence[int], language: str) -> str:
    if language == "ko":
        return ", ".join(phrase(language, "customers", number=count(each)) for each in numbers)
    return phrase(language, "customers", number=listed([count(each) for each in numbers], language))


def _rarity(one_in: int | None, language: str) -> str:
    """How often chance alone would do this; None is rarer than can be said."""
    if one_in is None or one_in >= _NEVER:
        return phrase(language, "split.never")
    size = about(one_in, language)
    return phrase(language, "split.seldom", times=size, gap=" " if size[-1] in "만억" else "")
