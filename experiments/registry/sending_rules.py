"""Rules about sending: quiet hours, advertising, labels, lengths, consent.

They are data with a date and a source, which an administrator edits: laws and the hours of
carriers change, and neither is ours to interpret. What ships stands in ``sending_rules.json``.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice, check_text
from experiments.kpis.document import Text
from experiments.names import check_key
from experiments.registry.channels import CHANNELS
from experiments.registry.send_times import check_clock, check_date, minute_of, read_date

SEVERITIES = ("refuse", "flag")
MOST_RULES = 100
MOST_WORDS = 20
LONGEST_WORD = 100
LARGEST_LIMIT = 100_000
MOST_MONTHS = 120

NEEDS: dict[str, frozenset[str]] = {
    "quiet_hours": frozenset({"starts", "ends"}),
    "no_advertising": frozenset(),
    "label": frozenset({"texts", "fields"}),
    "opt_out": frozenset({"texts", "fields"}),
    "length": frozenset({"fields", "limit"}),
    "consent": frozenset({"months"}),
}
"""What a rule of each kind must say, beside what all of them say."""

KINDS = tuple(NEEDS)
_OF_SOME_KINDS = frozenset().union(*NEEDS.values())


@dataclass(frozen=True)
class SendingRule:
    """One rule.

    Attributes:
        key: Name of the rule.
        kind: ``quiet_hours`` (nothing is sent from, until), ``no_advertising``, ``label`` (a text
            begins with), ``opt_out`` (a text contains), ``length`` (bytes of a text in CP949) or
            ``consent`` (to be confirmed again after so many months).
        channels: That it is about.
        severity: ``refuse`` a start that breaks it, or ``flag`` it.
        source: Law, contract or document that says so.
        as_of: When that was read.
        note: What it means, for people.
        advertising_only: Whether other messages are free of it.
        starts: First local time of the quiet hours.
        ends: Local time at which they are over.
        lifted_by_night_consent: Whether a separate consent to the night lifts the quiet hours.
        texts: Any of these will do.
        fields: Names in a variant's payload where the text stands; the first that is there.
        limit: Bytes.
        months: After which consent is confirmed again.
    """

    key: str
    kind: str
    channels: tuple[str, ...]
    severity: str
    source: str
    as_of: date
    note: Text
    advertising_only: bool = True
    starts: str | None = None
    ends: str | None = None
    lifted_by_night_consent: bool = False
    texts: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    limit: int | None = None
    months: int | None = None

    def __post_init__(self) -> None:
        check_key(self.key)
        check_choice(self.kind, KINDS, "kind")
        check_choice(self.severity, SEVERITIES, "severity")
        check_text(self.source, "source", shortest=1)
        check_text(self.note.ko, "note.ko", shortest=1)
        check_text(self.note.en, "note.en", shortest=1)
        check_date(self.as_of, "as_of")
        self._check_channels()
        self._check_kind()

    def _check_channels(self) -> None:
        for index, channel in enumerate(self.channels):
            check_choice(channel, CHANNELS, f"channels.{index}")
        if not self.channels or len(set(self.channels)) < len(self.channels):
            expected = "at least one channel, each once"
            raise Invalid(field="channels", expected=expected, got=list(self.channels))

    def _check_kind(self) -> None:
        needed = NEEDS[self.kind]
        for name in sorted(_OF_SOME_KINDS):
            given = getattr(self, name) not in {None, ()}
            if given != (name in needed):
                expected = "a value" if name in needed else f"none in a rule of kind {self.kind!r}"
                raise Invalid(
                    field=_WRITTEN.get(name, name), expected=expected, got=self._told(name)
                )
        if self.kind == "consent" and self.severity != "flag":
            expected = "flag, since nobody here knows how old a consent is"
            raise Invalid(field="severity", expected=expected, got=self.severity)
        if self.lifted_by_night_consent and self.kind != "quiet_hours":
            field, expected = "lifted_by_night_consent", "quiet hours only"
            raise Invalid(field=field, expected=expected, got=True)
        if self.starts is not None and self.ends is not None:
            check_clock(self.starts, "from")
            check_clock(self.ends, "until")
            if self.starts == self.ends:
                raise Invalid(field="until", expected="another time than from", got=self.ends)
        _check_words(self.texts, "texts")
        _check_words(self.fields, "fields")
        _check_number(self.limit, "limit", LARGEST_LIMIT)
        _check_number(self.months, "months", MOST_MONTHS)

    def _told(self, name: str) -> object:
        value = getattr(self, name)
        return list(value) if isinstance(value, tuple) else value

    def is_quiet(self, minute: int) -> bool:
        """Whether a minute of the day lies in the quiet hours, which may go past midnight.

        Examples:
            >>> night = next(each for each in shipped_rules() if each.key == "night-advertising")
            >>> [night.is_quiet(60 * hour) for hour in (7, 8, 20, 21, 0)]
            [True, False, False, True, True]
        """
        if self.starts is None or self.ends is None:
            return False
        start, end = minute_of(self.starts), minute_of(self.ends)
        if start < end:
            return start <= minute < end
        return minute >= start or minute < end


# Words of JSON that are none of Python's.
_WRITTEN = {"starts": "from", "ends": "until"}
_READ = {written: name for name, written in _WRITTEN.items()}
_NAMES = frozenset(_WRITTEN.get(each.name, each.name) for each in fields(SendingRule))


def rule_of(values: Mapping[str, Any]) -> SendingRule:
    """A rule as it is written in JSON.

    Raises:
        Invalid: Naming the field.
    """
    given = {_READ.get(name, name): value for name, value in values.items() if value is not None}
    given |= {name: tuple(given[name]) for name in ("channels", "texts", "fields") if name in given}
    day = read_date(given["as_of"], "as_of")
    return SendingRule(**given | {"as_of": day, "note": Text(**given["note"])})


def written(rule: SendingRule) -> dict[str, Any]:
    """A rule as JSON, without what its kind has no use for.

    Examples:
        >>> all(rule_of(written(rule)) == rule for rule in shipped_rules())
        True
    """
    values = {each.name: getattr(rule, each.name) for each in fields(rule)}
    values |= {"as_of": rule.as_of.isoformat(), "note": vars(rule.note)}
    kept = NEEDS[rule.kind] | (values.keys() - _OF_SOME_KINDS)
    return {
        _WRITTEN.get(name, name): list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if name in kept
    }


def check_rules(rules: Sequence[SendingRule]) -> None:
    """Refuse two rules of one key, or too many.

    Raises:
        Invalid: Naming ``items``.
    """
    keys = [rule.key for rule in rules]
    if len(keys) > MOST_RULES:
        raise Invalid(field="items", expected=f"at most {MOST_RULES} rules", got=len(keys))
    if len(set(keys)) < len(keys):
        raise Invalid(field="items", expected="keys that differ", got=keys)


@cache
def shipped_rules() -> tuple[SendingRule, ...]:
    """The rules that come with this version; a project may have its own."""
    path = files("experiments.registry").joinpath("sending_rules.json")
    rules = tuple(map(rule_of, json.loads(path.read_text(encoding="utf-8"))))
    check_rules(rules)
    return rules


@dataclass(frozen=True)
class SendingTerms:
    """What a project sends under.

    Attributes:
        rules: Its own, or those that ship.
        zone: Name of its time zone.
    """

    rules: tuple[SendingRule, ...]
    zone: str = "UTC"

    def about(
        self, channels: Collection[str], *, advertising: bool
    ) -> Iterator[tuple[SendingRule, tuple[str, ...]]]:
        """The rules about a message, each with those of the channels that it is about."""
        for rule in self.rules:
            met = tuple(channel for channel in channels if channel in rule.channels)
            if met and (advertising or not rule.advertising_only):
                yield rule, met


def _check_words(words: tuple[str, ...], field: str) -> None:
    for index, word in enumerate(words):
        check_text(word, f"{field}.{index}", shortest=1, longest=LONGEST_WORD)
    if len(words) > MOST_WORDS:
        raise Invalid(field=field, expected=f"at most {MOST_WORDS}", got=len(words))


def _check_number(number: int | None, field: str, most: int) -> None:
    if number is not None and not 1 <= number <= most:
        raise Invalid(field=field, expected=f"1 to {most}", got=number)
