"""English sentences on guardrails, and of gain beside loss."""

SENTENCES = {
    # Harm.
    "harm.headline.down": "{kpi:capital}: over the limit{where}.",
    "harm.headline.up": "{kpi:capital}: worse than the limit allows{where}.",
    "harm.values": (
        "It was {control_value} with {control} and {value} with {variant}: {worsening} {rose_and}, "
        "and the limit is {margin}."
    ),
    "harm.others": "Also over the limit: {others}.",
    "harm.next": "Stop sending {variant}. Going on needs the owner's decision and a reason.",
    "safe.headline": "{kpi:capital}: safe{where}.",
    "safe.next": "As far as this KPI goes, {variant} may be used.",
    "unsafe.next": "This does not mean danger. The owner should decide whether to go on.",
    "safe.worst": "Any {rise} is within {worst}, below the limit of {margin}.",
    "safe.never": "Even allowing for error it did not get worse (the limit is {margin}).",
    "unsafe.headline": "{kpi:capital}: not yet shown to be safe{where}.",
    "unsafe.worst": (
        "The difference is {difference} so far, but the {rise} could be as large as {worst}; "
        "the limit you set is {margin}."
    ),
    "unsafe.open": "The difference is {difference} so far; the limit you set is {margin}.",
    "where": " with {variant}",
    # Gain and loss together.
    "trade.headline": "There is something to gain and something to lose.",
    "trade.gain": "{kpi:capital}: {rose} by {amount} with {variant} instead of {control}.",
    "trade.harm": "At a cost: {kpi} {rose} by {amount}, beyond the limit of {margin}.",
    "trade.cost": "{kpi:capital}: {rose} by {amount}.",
    "trade.next": "Nothing was applied automatically. The owner should decide whether to use it.",
    "amount.rate": "{difference} ({total} per 10,000)",
    "amount.total": "{total} per 10,000 customers",
}
