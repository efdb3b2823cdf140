"""A draft held against the rules about sending: hours, advertising, labels, lengths, consent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.registry.experiment import ExperimentDraft
from experiments.registry.sending_rules import SendingRule, SendingTerms
from experiments.registry.start_findings import (
    AdvertisingNotCarried,
    LabelMissing,
    NightConsentMissing,
    OptOutMissing,
    QuietHours,
    StartRefused,
    StartWarning,
    TextTooLong,
)
from experiments.registry.variants import Variant

REFUSALS: dict[str, type[StartRefused]] = {
    "quiet_hours": QuietHours,
    "night_consent_missing": NightConsentMissing,
    "advertising_not_carried": AdvertisingNotCarried,
    "label_missing": LabelMissing,
    "opt_out_missing": OptOutMissing,
    "text_too_long": TextTooLong,
}
"""What a breach of a rule that refuses is, by code; others are only flagged."""

Params = dict[str, object]


@dataclass(frozen=True)
class Breach:
    """A rule that a draft breaks, or comes near to.

    Attributes:
        rule: The rule.
        code: One of ``WARNINGS``.
        field: Path in the draft.
        params: Values of the sentence's placeholders.
    """

    rule: SendingRule
    code: str
    field: str
    params: Params

    @property
    def refuses(self) -> bool:
        """Whether the test may not start like this."""
        return self.rule.severity == "refuse" and self.code in REFUSALS

    @property
    def refusal(self) -> StartRefused:
        """The refusal of the start."""
        return REFUSALS[self.code](field=self.field, **self.params)

    @property
    def warning(self) -> StartWarning:
        """The warning, with what its sentence says."""
        return StartWarning(self.code, self.field, self.params)


def breaches(draft: ExperimentDraft, terms: SendingTerms) -> Iterator[Breach]:
    """Every rule that the draft breaks or comes near to, in the order of the rules."""
    for rule, channels in terms.about(draft.channels, advertising=draft.advertising):
        told: Params = {
            "channels": ", ".join(channels),
            "source": rule.source,
            "as_of": rule.as_of.isoformat(),
        }
        for code, field, params in _CHECKS[rule.kind](draft, rule, terms):
            yield Breach(rule, code, field, {**told, **params})


_Found = Iterator[tuple[str, str, Params]]
_Check = Callable[[ExperimentDraft, SendingRule, SendingTerms], _Found]


def _quiet_hours(draft: ExperimentDraft, rule: SendingRule, _: SendingTerms) -> _Found:
    hours: Params = {"start": rule.starts, "end": rule.ends}
    unseen = False
    for index, variant in _sent(draft):
        when = variant.send_at
        if when is None:
            unseen = draft.advertising and rule.severity == "refuse"
        elif rule.is_quiet(when.minute):
            params = {**hours, "variant": variant.key, "local_time": when.local_time}
            yield _night(draft, rule), f"variants.{index}.send_at", params
    if unseen:
        yield "quiet_hours_unseen", "variants", hours


def _night(draft: ExperimentDraft, rule: SendingRule) -> str:
    if not rule.lifted_by_night_consent:
        return "quiet_hours"
    return "night_consent" if draft.night_consent else "night_consent_missing"


def _no_advertising(draft: ExperimentDraft, _: SendingRule, __: SendingTerms) -> _Found:
    if draft.advertising:
        yield "advertising_not_carried", "channels", {}


def _label(draft: ExperimentDraft, rule: SendingRule, _: SendingTerms) -> _Found:
    for index, variant in _sent(draft):
        for name, text in _first_text(variant, rule).items():
            if not _labelled(text, rule):
                params: Params = {"variant": variant.key, "text": rule.texts[0]}
                yield "label_missing", f"variants.{index}.payload.{name}", params


def _opt_out(draft: ExperimentDraft, rule: SendingRule, _: SendingTerms) -> _Found:
    for index, variant in _sent(draft):
        texts = _texts(variant, rule)
        if texts and not any(_can_opt_out(text, rule) for text in texts.values()):
            params: Params = {"variant": variant.key, "text": rule.texts[0]}
            yield "opt_out_missing", f"variants.{index}.payload.{next(iter(texts))}", params


def _length(draft: ExperimentDraft, rule: SendingRule, terms: SendingTerms) -> _Found:
    for index, variant in _sent(draft):
        for name, text in _first_text(variant, rule).items():
            length = _size(text) + sum(map(_size, _to_be_added(text, draft, rule, terms)))
            if rule.limit is not None and length > rule.limit:
                params: Params = {"variant": variant.key, "length": length, "limit": rule.limit}
                yield "text_too_long", f"variants.{index}.payload.{name}", params


def _consent(_: ExperimentDraft, rule: SendingRule, __: SendingTerms) -> _Found:
    yield "consent_again", "audience.require_lists", {"months": rule.months}


_CHECKS: Mapping[str, _Check] = {
    "quiet_hours": _quiet_hours,
    "no_advertising": _no_advertising,
    "label": _label,
    "opt_out": _opt_out,
    "length": _length,
    "consent": _consent,
}


def _sent(draft: ExperimentDraft) -> Iterator[tuple[int, Variant]]:
    """The variants whose customers get a message, each with its place."""
    return (each for each in enumerate(draft.variants) if not each[1].no_message)


def _texts(variant: Variant, rule: SendingRule) -> dict[str, str]:
    """The texts of a payload that the rule looks at, by name, in the rule's order."""
    payload: Any = variant.payload
    if not isinstance(payload, Mapping):
        return {}
    return {name: payload[name] for name in rule.fields if isinstance(payload.get(name), str)}


def _first_text(variant: Variant, rule: SendingRule) -> dict[str, str]:
    return dict(list(_texts(variant, rule).items())[:1])


def _labelled(text: str, rule: SendingRule) -> bool:
    return text.lstrip().startswith(rule.texts)


def _can_opt_out(text: str, rule: SendingRule) -> bool:
    return any(words.casefold() in text.casefold() for words in rule.texts)


def _to_be_added(
    text: str, draft: ExperimentDraft, rule: SendingRule, terms: SendingTerms
) -> Iterator[str]:
    """Label and opt-out that the text still lacks: they count in its length."""
    for other, _ in terms.about(rule.channels, advertising=draft.advertising):
        if other.kind == "label" and not _labelled(text, other):
            yield other.texts[0]
        if other.kind == "opt_out" and not _can_opt_out(text, other):
            yield min(other.texts, key=_size)


def _size(text: str) -> int:
    """Bytes as carriers count them: one of a Latin letter, two of a Korean one."""
    return sum(1 if letter.isascii() else 2 for letter in text)
