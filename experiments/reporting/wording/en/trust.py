"""English sentences on whether numbers can be trusted: split, opens, what is withheld."""

SENTENCES = {
    # The split is not the planned one.
    "split.headline": "Results are withheld.",
    "split.counts": "The plan was {planned}, but {stage} it was {observed} ({counts}).",
    "split.counts.assigned": "The plan was {planned}, but {stage} it was {observed} ({counts}).",
    "split.never": (
        "If nothing were wrong, a gap this large would turn up by chance less than once in a "
        "million tests."
    ),
    "split.seldom": (
        "If nothing were wrong, a gap this large would turn up by chance about once in "
        "{times} tests."
    ),
    "split.bias": "Because of the missing customers, a rate may be off by up to {bias}.",
    "split.next": (
        "First find out why customers are missing in {variant} {stage} "
        "(for example, those without a name were left out)."
    ),
    "split.fine": "The split {stage} is as planned: {planned}, met {observed} ({counts}).",
    "split.gap": "The split {stage} cannot be checked. {reason}",
    # Opens that cannot decide.
    "opens.headline": "No verdict can rest on this KPI: {kpi}.",
    "opens.machines": (
        "The share of customers whose mail app opened by itself differs between the variants "
        "({shares})."
    ),
    "opens.share": "Share of customers sent to whose mail app opened by itself: {shares}.",
    "opens.signs": (
        "Which variant leads depends on how those opens are counted "
        "({all} with them, {human} without)."
    ),
    "opens.next": "Judge by {reference} or by purchases.",
    "opens.next.plain": "Judge by clicks or by purchases.",
    "opens.same": "{variant}: {all} with machine opens and {human} without, the same direction.",
    "opens.balanced": (
        "{variant}: no difference found in the share of machine-opening customers ({shares})."
    ),
    "opens.unequal": "{variant}: the share of machine-opening customers differs ({shares}).",
    "opens.differ": (
        "{variant}: {all} with machine opens and {human} without, so the leader changes."
    ),
    "opens.bounds": (
        "{variant}: depending on how many real opens hide behind machine opens, the difference "
        "could be {range} (for reference)."
    ),
    "withheld.split": "withheld: the split is broken",
    "withheld.opens": "withheld: opens cannot be relied on",
    # The way forward from a broken split.
    "way.lost": "At least {share} of the customers of {variant} are missing.",
    "way.cause": "{stage:capital}, {group}: {observed} ({counts}).",
    "way.nowhere": "No single channel, customer attribute or day was found where they are missing.",
    "way.next": (
        "Fix the cause and start again in a new phase, or leave out a channel or a day that was "
        "named before anybody saw results."
    ),
}
