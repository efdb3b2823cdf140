"""What is found before a start: what refuses it, and what is only warned of."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from experiments.errors import Conflict

WARNINGS = {
    "no_owner": "nobody is named as owner of this test",
    "no_hypothesis": "no hypothesis says what should change, and why",
    "many_kpis": (
        "{count} KPIs: to be as sure of each of them as of one alone, the test needs about "
        "{percent} % more customers"
    ),
    "retired_kpi": "the KPI {kpi!r} is retired",
    "target_not_smart": (
        "the document of the primary KPI {kpi!r} is not SMART yet; missing: {missing}"
    ),
    "no_minimum_effect": (
        "without a minimum effect, the report cannot say that a difference is too small to matter"
    ),
    "machine_opens": "the primary KPI {kpi!r} counts opens that mail apps make by themselves",
    "small_list": "a list of {units} customers shows only large differences",
    "list_too_small": (
        "a list of {units} customers shows differences from about {visible} percentage points; "
        "the minimum effect is {minimum}"
    ),
    "timing_by_send": (
        "variants that send at different times are compared fairly only from the trigger or "
        "the planned send, not from the actual send"
    ),
    "days_differ": (
        "the variants go out on different days ({days}): what differs between those days counts "
        "as if it came from the variants"
    ),
    "send_time_missing": (
        "the variant {variant!r} has no send time, and others have one: its customers are not "
        "counted from a comparable moment"
    ),
    "send_times_equal": "the send time is under test, and all variants go out at the same time",
    "sent_late": (
        "the variant {variant!r} goes out up to {wait} hours after its customers begin to count, "
        "which they do for {window} hours"
    ),
    "follow_up_cut": (
        "when the test ends, its first customers have had {hours} of their {window} hours"
    ),
    "not_whole_weeks": (
        "the test is open for {days} days: let it run for whole weeks, so that every weekday "
        "counts alike"
    ),
    "quiet_hours": (
        "the variant {variant!r} goes out at {local_time}: {channels} must not be sent from "
        "{start} to {end} ({source}, as of {as_of})"
    ),
    "night_consent_missing": (
        "the variant {variant!r} goes out at {local_time}: advertising by {channels} from {start} "
        "to {end} needs a separate consent, which nobody has stated ({source}, as of {as_of})"
    ),
    "night_consent": (
        "the variant {variant!r} goes out at {local_time}: everybody who gets it must have "
        "agreed to advertising by {channels} from {start} to {end} ({source}, as of {as_of})"
    ),
    "quiet_hours_unseen": (
        "no send time is stated: the sending tool must keep advertising by {channels} out of the "
        "hours from {start} to {end} ({source}, as of {as_of})"
    ),
    "advertising_not_carried": (
        "no advertising may be sent by {channels} ({source}, as of {as_of})"
    ),
    "label_missing": (
        "the text of the variant {variant!r} must begin with {text!r}, since it is advertising "
        "by {channels} ({source}, as of {as_of})"
    ),
    "opt_out_missing": (
        "the text of the variant {variant!r} does not say how to opt out, such as {text!r}; it "
        "is advertising by {channels} ({source}, as of {as_of})"
    ),
    "text_too_long": (
        "the text of the variant {variant!r} has {length} bytes with label and opt-out, {limit} "
        "fit into {channels} ({source}, as of {as_of})"
    ),
    "consent_again": (
        "consent to advertising by {channels} is confirmed again every {months} months: leave out "
        "customers whose consent is older ({source}, as of {as_of})"
    ),
}
"""The sentence of each warning, by code."""


class StartRefused(Conflict):
    """Base of what refuses a start."""


class NoPrimaryKpi(StartRefused):
    """Nothing decides the test."""

    template = "the test has no primary KPI: choose the one that decides it"


class NoEventSource(StartRefused):
    """Nobody knows where the primary KPI's events come from."""

    template = (
        "the primary KPI {kpi!r} does not say where its events come from: "
        "name a source in its document"
    )


class UnequalFollowUp(StartRefused):
    """The test ends before every variant has had the same share of its window."""

    template = (
        "when the test ends, the variants have had different shares of their {window} hours "
        "({hours}): let it end later"
    )


class QuietHours(StartRefused):
    """A message would go out when none may be sent."""

    template = WARNINGS["quiet_hours"]


class NightConsentMissing(StartRefused):
    """Advertising would go out at night, and nobody says that customers agreed to it."""

    template = WARNINGS["night_consent_missing"]


class AdvertisingNotCarried(StartRefused):
    """A channel takes no advertising."""

    template = WARNINGS["advertising_not_carried"]


class LabelMissing(StartRefused):
    """Advertising does not say that it is."""

    template = WARNINGS["label_missing"]


class OptOutMissing(StartRefused):
    """Advertising does not say how to get no more of it."""

    template = WARNINGS["opt_out_missing"]


class TextTooLong(StartRefused):
    """A text does not fit into its channel with what must be added to it."""

    template = WARNINGS["text_too_long"]


@dataclass(frozen=True)
class StartWarning:
    """Something amber.

    Attributes:
        code: One of ``WARNINGS``.
        field: Path in the draft.
        params: Values of the sentence's placeholders.
    """

    code: str
    field: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def template(self) -> str:
        """The sentence, with placeholders."""
        return WARNINGS[self.code]

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.template.format(**self.params)
