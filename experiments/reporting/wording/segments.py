"""Groups of customers, said: whether effects differ first, and only then where there is one."""

from experiments.reporting.group_facts import DimensionFact, GroupFact
from experiments.reporting.wording.names import listed
from experiments.reporting.wording.phrases import phrase
from experiments.reporting.wording.reasons import say_gap
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.telling import Telling, counted

_OWN_NAMES = frozenset({"channel", "property"})
_GIVEN_NAMES = frozenset({"property", "test"})


def say_dimension(fact: DimensionFact, language: str) -> tuple[str, ...]:
    """What may be said of one dimension; the last sentence is what to do, where there is one."""
    values = _values(fact, language)
    if fact.gap is not None:
        reason = say_gap(fact.gap, language)
        return (phrase(language, "groups.gap", **values, reason=reason),)
    if fact.supported:
        return _differ(fact, values, language)
    looking = [group for group in fact.groups if _looks(group)]
    if not looking or len(looking) == len(fact.groups):
        return (phrase(language, "groups.same", **values),)
    named = listed([group.name.in_language(language) for group in looking], language)
    key = "groups.next" if fact.kind in _OWN_NAMES else "groups.next.whether"
    if fact.kind == "test":
        key = "groups.next.test"
    return (
        phrase(language, "groups.look", **values, groups=named),
        phrase(language, key, **values),
    )


def say_segment_gap(group: GroupFact, language: str) -> str:
    """Why a group takes no part in the test."""
    return "" if group.gap is None else say_gap(group.gap, language)


def tell_one_segment(telling: Telling) -> Said:
    """A report of one segment: numbers, and no verdict."""
    report, language = telling.report, telling.language
    facts, name = [], ""
    if report.segment is not None:
        name = report.segment.name.in_language(language)
        met = counted(report.segment.units, language)
        facts.append(telling.phrase("segment.units", customers=met))
    primary = report.primary
    gaps = dict.fromkeys(each.gap for each in primary.comparisons if each.gap) if primary else {}
    facts += [say_gap(gap, language) for gap in gaps][:1]
    return Said(
        headline=telling.phrase("segment.headline", segment=name),
        sentences=(*facts, telling.phrase("segment.none")),
        next_step=telling.phrase("segment.next"),
    )


def _differ(fact: DimensionFact, values: dict[str, str], language: str) -> tuple[str, ...]:
    shown = [group.name.in_language(language) for group in fact.groups if group.shown]
    key = "groups.differ" if shown else "groups.differ.nowhere"
    said = [phrase(language, key, **values, groups=listed(shown, language))]
    if fact.explained_by_baselines:
        said.append(phrase(language, "groups.baselines"))
    return tuple(said)


def _values(fact: DimensionFact, language: str) -> dict[str, str]:
    name = fact.name.in_language(language)
    key = "groups.each" if fact.kind in _OWN_NAMES else "groups.whether"
    if fact.kind == "test":
        key = "groups.test"
    shown = name if language == "ko" or fact.kind in _GIVEN_NAMES else _within(name)
    return {"name": shown, "each": phrase(language, key, name=shown)}


def _within(name: str) -> str:
    """An English name in the middle of a sentence; VIP stays VIP."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _looks(group: GroupFact) -> bool:
    """Whether a group, read alone, looks as if there were a difference."""
    if group.interval is None or group.gap is not None:
        return False
    lower, upper = group.interval.lower, group.interval.upper
    return (lower is not None and lower > 0) or (upper is not None and upper < 0)
