"""Other people's clients: what each sends, read as exposures and events.

To add one: a module with a ``SOURCE``, an entry here, a recorded example in
``sample_data/recorded/``, a row in ``docs/sources.md``. GrowthBook's plugins, which need the
running tests to be read, have a module of their own form (``growthbook.py``).
"""

from experiments.ledger.sources import (
    amplitude,
    braze,
    brevo,
    cloudevents,
    customerio,
    ga4,
    ga4_bigquery,
    hubspot,
    klaviyo,
    mandrill,
    mapped,
    mixpanel,
    segment,
    sendgrid,
    ses,
)
from experiments.ledger.sources.contract import Source

SOURCES: dict[str, Source] = {
    module.SOURCE.name: module.SOURCE
    for module in (
        segment, sendgrid, ses, mapped, mandrill, braze, klaviyo, hubspot, customerio, brevo, ga4,
        ga4_bigquery, amplitude, mixpanel, cloudevents,
    )
}  # fmt: skip
