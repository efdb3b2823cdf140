"""English sentences on one KPI: target, comparison, 10,000 customers, secondary KPIs."""

SENTENCES = {
    # Targets.
    "target.yes": "Target reached.",
    "target.yes.at_least": (
        "{kpi:capital} with {variant}: {value}, {passed}, and at least {limit} even allowing "
        "for error."
    ),
    "target.yes.at_most": (
        "{kpi:capital} with {variant}: {value}, {passed}, and at most {limit} even allowing "
        "for error."
    ),
    "target.reached": "{kpi:capital} with {variant}: {value}, {passed}.",
    "target.reached.may": (
        "Allowing for error, though, it could be {limit}, so it is not certain to hold."
    ),
    "target.missed": "{kpi:capital} with {variant}: {value}, {rest} short of the target {target}.",
    "target.missed.may": (
        "Allowing for error, though, it could be {limit}, so a miss is not certain either."
    ),
    "target.above": "above the target {target}",
    "target.below": "below the target {target}",
    "target.equal": "just at the target {target}",
    # One line of a comparison.
    "comparison": "{variant} {difference}{relative}{range}",
    "comparison.range": "; allowing for error {range}",
    "comparison.worst": "; at worst {range}",
    "comparison.running": "; allowing for error so far {range}",
    "comparison.gap": "{variant}: cannot be compared. {reason}",
    "shown.yes": "A difference is shown.",
    "shown.no": "No difference is shown.",
    "shown.exploratory": "A difference is visible. A secondary KPI is a hint only.",
    "per_10000": "Per 10,000 customers: {total} {more}.",
    "per_10000.range": "Per 10,000 customers: about {total} {more} (allowing for error {range}).",
    "per_10000.open": (
        "Per 10,000 customers: about {total} {more}, but allowing for error it could be {range}."
    ),
    "rest.range": (
        "Sent to the remaining {customers} in place of {control}, {variant} is expected to bring "
        "about {total} {more} (allowing for error {range})."
    ),
    "rest.open": (
        "Sent to the remaining {customers} in place of {control}, {variant} is expected to bring "
        "about {total} {more}, but allowing for error it could be {range}."
    ),
    "rest.corrected": (
        "Chance may have made the difference look larger than it is, so this expects less of it "
        "than the test has shown."
    ),
    "secondary.shown": "Secondary KPIs with a visible difference: {kpis}.",
    "secondary.not_shown": "Secondary KPIs without a shown difference: {kpis}.",
    "secondary.gap": "Secondary KPIs that cannot be compared: {kpis}.",
    "secondary.hint": "Take secondary KPIs as hints; test again what matters.",
    "at_least": "at least {value}",
    "at_most": "at most {value}",
    "unnamed": "(no name)",
    "customers.one": "{number} customer",
    "customers": "{number} customers",
    "customers.large": "{number} customers",
    # Beside a comparison.
    "plain": "{difference} (allowing for error {range})",
}
