"""Mailchimp: the recipients of a campaign, exported from its report.

https://mailchimp.com/help/about-email-campaign-reports/
What opened, clicked and bounced mean is described there. The names of the file's columns are
not: those here are unverified, as is that a file may come in another language.
"""

from experiments.ledger.imports.presets.contract import Happening, Preset, WideExport

_EXPORT = WideExport(
    preset="mailchimp",
    units=("Customer ID", "Member ID", "Unit ID"),
    addresses={"email": ("Email Address", "Email", "이메일 주소", "이메일")},
    sent=("Send Time", "Sent At", "발송 시간"),
    happenings=(
        Happening("open", ("Opens", "Opened", "오픈", "열람"), ("Open Time", "Opened At")),
        Happening("click", ("Clicks", "Clicked", "클릭"), ("Click Time", "Clicked At")),
        Happening("bounced", ("Hard Bounces", "Hard Bounce"), bounce="hard"),
        Happening("bounced", ("Soft Bounces", "Soft Bounce"), bounce="soft"),
        Happening("unsubscribe", ("Unsubscribed",), ("Unsub Time", "Unsubscribe Time")),
        Happening("complaint", ("Abuse Complaints", "Abuse Report")),
    ),
    more={"channel": "email"},
)

PRESET = Preset(
    name="mailchimp",
    title="Mailchimp",
    documentation="https://mailchimp.com/help/about-email-campaign-reports/",
    unverified="the names of the columns",
    propose=_EXPORT.propose,
    telling=(("Email Address", "이메일 주소"), ("Opens",), ("Clicks",)),
)
