"""English sentences on tests that have not answered: too early, no records, one segment."""

SENTENCES = {
    # Before the planned end.
    "early.headline": "It is too early to say.",
    "early.share": "{share} of the customers have had their full {window}.",
    "early.all": "All customers met so far have had their full {window}.",
    "early.closes": "The last of those met so far will have had theirs on {at}.",
    "early.running": "The test has not ended yet.",
    "early.next": (
        "Wait until the end. Stopping on these numbers could mean taking chance for an effect."
    ),
    # Nothing to compare.
    "empty.headline": "No {records} have arrived yet.",
    "empty.not_started": "The test has not been started yet.",
    "empty.last": "Last received: {at}.",
    "empty.never": "never",
    "empty.next": "Check that the sending tool's webhook or the file import is connected.",
    "empty.next.other": (
        "Check that the tool that reports them, or the file import, is connected."
    ),
    "empty.next.start": "Check what was registered, then start the test.",
    "gap.headline": "The variants cannot be compared by this KPI: {kpi}.",
    "gap.headline.no_primary": "Without a primary KPI there is no verdict.",
    "gap.next": "Look again with more customers; if it stays like this, judge by another KPI.",
    "gap.next.no_primary": "Choose one primary KPI to judge by.",
    "before_the_end": (
        "Until the end, only counts, the value of each variant and the range that may be watched "
        "all along are shown."
    ),
    # One segment only.
    "segment.headline": "These are the numbers of one segment: {segment}.",
    "segment.units": "Counted: {customers}.",
    "segment.none": "No verdict is given on one segment alone.",
    "segment.next": "See the report of all customers for the verdict.",
}
