"""Every English sentence of a report, under the same keys as the Korean one.

A placeholder such as ``{kpi:capital}`` begins with a capital letter.
"""

SENTENCES = {
    # A difference is shown, and it is the wanted one.
    "win.headline": "{variant} is better.",
    "win.headline.many": "{variant} is better than {control}.",
    "win.values": (
        "{kpi:capital}: {control_value} with {control}, {value} with {variant}, "
        "{difference} {was}{relative}."
    ),
    "win.others": "{others} also did better than {control}.",
    "win.harmed": "{others} also did better than {control}, but went beyond a guardrail's limit.",
    "win.next": "Use {variant}. The real effect may be a little smaller than this.",
    "win.unsure": "Not yet shown to be safe: {guardrails}.",
    "win.unsure.next": (
        "The owner should decide whether to use {variant}. "
        "The real effect may be a little smaller than this."
    ),
    "range": "Allowing for error, the difference is {range}.",
    "lower_is_better": "For this KPI, lower is better.",
    # Better than the control, short of the target.
    "missed.headline": "{variant} did better than {control} but missed the target.",
    "missed.values": (
        "{kpi:capital}: {became_and} from {control_value} to {value}; the target is {target}."
    ),
    "missed.at_most": "Even allowing for error, it is at most {limit}.",
    "missed.at_least": "Even allowing for error, it is at least {limit}.",
    "missed.may": "Allowing for error, though, it could be {limit}.",
    "missed.next": "Use {variant}, and make a next test to close the remaining {rest}.",
    # A difference is shown, and it is not the wanted one.
    "loss.headline": "{variant} is worse.",
    "loss.headline.many": "Worse than {control}: {others}.",
    "loss.values": (
        "{kpi:capital}: {control_value} with {control}, {value} with {variant}, "
        "{difference} {became}{relative}."
    ),
    "loss.next": "Keep {control}. Write down what was different in the learnings.",
    # No difference worth knowing of.
    "none.headline": "We found no difference between the two.",
    "none.headline.many": "We found no variant that is better than {control}.",
    "none.range": (
        "Any difference is within {range}, short of the minimum effect you set, {minimum}."
    ),
    "none.range.plain": "Any difference is within {range}.",
    "none.rest": (
        "Any difference of the rest is within {range}, short of the minimum effect you set, "
        "{minimum}."
    ),
    "none.rest.plain": "Any difference of the rest is within {range}.",
    "none.worse": "Worse than {control}: {others}.",
    "none.next": "Use the one that costs less or is easier to run.",
    "none.next.many": "Leave out {others}; of the rest, use what costs less or is easier to run.",
    # Too few customers.
    "small.headline": "There are too few customers to tell.",
    "small.range": "Allowing for error, {variant} could be {worse} worse or {better} better.",
    "small.range.open": "Allowing for error, the size of the difference is still unknown.",
    "small.next": (
        "It takes about {customers} per variant to tell. "
        "Decide whether to collect more, or to use a KPI that moves {faster}."
    ),
    "small.next.unknown": "Decide whether to collect more, or to use a KPI that moves {faster}.",
    "small.faster": "faster, such as clicks",
    "small.faster.plain": "faster",
    # Before the planned end.
    "early.headline": "It is too early to say.",
    "early.share": "{share} of the customers have had their full {window}.",
    "early.closes": "The last of those met so far will have had it on {at}.",
    "early.running": "The test has not ended yet.",
    "early.next": (
        "Wait until the end. Stopping on these numbers could mistake chance for an effect."
    ),
    # The split is not the planned one.
    "split.headline": "Results are withheld.",
    "split.counts": "The plan was {planned}, but {stage} it was {observed} ({counts}).",
    "split.counts.assigned": "The plan was {planned}, but {stage} it was {observed} ({counts}).",
    "split.never": (
        "If nothing were wrong, a gap this large would not turn up once in a million tests."
    ),
    "split.seldom": (
        "If nothing were wrong, a gap this large would turn up by chance about once in "
        "{times} tests."
    ),
    "split.bias": "The missing customers could put a rate off by up to {bias}.",
    "split.next": (
        "First find out why customers are missing in {variant} {stage} "
        "(for example, those without a name were left out)."
    ),
    "split.fine": "The split {stage} is as planned: {planned}, met {observed} ({counts}).",
    "split.gap": "The split {stage} cannot be checked. {reason}",
    # Opens that cannot decide.
    "opens.headline": "No verdict can rest on this KPI: {kpi}.",
    "opens.machines": (
        "The variants differ in customers whose mail app opened by itself ({shares})."
    ),
    "opens.share": "Customers whose mail app opened by itself, per sent: {shares}.",
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
        "{variant}: at worst, what machine opens hide puts the difference at {range} "
        "(for reference)."
    ),
    # The data.
    "quality.two.none": "No customer met two variants.",
    "quality.two.some": (
        "{number} customers met two variants ({share}); the first one counts for each."
    ),
    "quality.two.warning": "That is more than 1%: find out why they were assigned twice.",
    "quality.two.alarm": (
        "Their share differs between the variants ({shares}), which can bias the comparison."
    ),
    "quality.merged": (
        "{number} customers had several ids that met different variants; they are left out."
    ),
    "quality.machines.open": "Customers whose mail app opened by itself: {shares}.",
    "quality.machines.click": "Customers with a click made by a program: {shares}.",
    "quality.machines.differ": "The share differs between the variants.",
    "quality.scanners": (
        "{links} or more different links of one message, clicked by one customer within "
        "{seconds} seconds, were clicked by a program: {number} clicks were told by that alone."
    ),
    "quality.contacts": "Messages per customer and week: {rates}.",
    "quality.contacts.differ": (
        "The variants differ in how often customers were written to; a difference in a KPI may "
        "come from that."
    ),
    "quality.watermark": "Events can be believed complete up to {moment}.",
    "quality.delay": "99 in 100 events '{event}' arrive within {delay}.",
    "quality.late": (
        "{share} of the events '{event}' that count came after their window had closed."
    ),
    "quality.minutes": "{number} min",
    "quality.exposures": "Exposures of this test that are left out: {reasons}.",
    "quality.withdrawn": (
        "{number} records of withdrawn imports are left out, as if they had never come."
    ),
    "quality.erased": ("{number} records of erased customers arrived later and were not taken in."),
    # Harm.
    "harm.headline.down": "{kpi:capital}: over the limit{where}.",
    "harm.headline.up": "{kpi:capital}: worse than the limit allows{where}.",
    "harm.values": (
        "It was {control_value} with {control} and {value} with {variant}: {worsening} {rose_and}, "
        "and the limit is {margin}."
    ),
    "harm.others": "Also over the limit: {others}.",
    "harm.next": "Send no more of {variant}. Going on takes the owner and a reason.",
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
    "trade.harm": "In return, {kpi}: {rose} by {amount}, beyond the limit of {margin}.",
    "trade.cost": "{kpi:capital}: {rose} by {amount}.",
    "trade.next": "Nothing was applied automatically. The owner should decide whether to use it.",
    "amount.rate": "{difference} ({total} per 10,000)",
    "amount.total": "{total} per 10,000 customers",
    # A choice, not shown.
    "choice.headline": "We choose {variant}, the best so far.",
    "choice.values": "{kpi:capital}: {values}.",
    "choice.open": "But a difference has not been shown.",
    "choice.next": "Send {variant} this time, and keep the learning as “unproven”.",
    # Nothing to compare.
    "empty.headline": "No {records} have arrived yet.",
    "empty.not_started": "The test has not been started yet.",
    "empty.last": "Last received: {at}.",
    "empty.never": "never",
    "empty.next": "Check that the sending tool's webhook or the file import is connected.",
    "empty.next.start": "Check what was registered, then start the test.",
    "gap.headline": "The variants cannot be compared by this KPI: {kpi}.",
    "gap.headline.no_primary": "Without a primary KPI there is no verdict.",
    "gap.next": "Look again with more customers; if it stays like this, judge by another KPI.",
    "gap.next.no_primary": "Choose one primary KPI to judge by.",
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
    "comparison.running": "; allowing for error so far {range}",
    "comparison.gap": "{variant}: cannot be compared. {reason}",
    "shown.yes": "A difference is shown.",
    "shown.no": "No difference is shown.",
    "shown.exploratory": "A difference is visible. A secondary KPI is a hint only.",
    "per_10000": "Per 10,000 customers: {total} {more}.",
    "per_10000.range": "Per 10,000 customers: about {total} {more} (allowing for error {range}).",
    "secondary.shown": "Secondary KPIs with a visible difference: {kpis}.",
    "secondary.not_shown": "Secondary KPIs without a shown difference: {kpis}.",
    "secondary.gap": "Secondary KPIs that cannot be compared: {kpis}.",
    "secondary.hint": "Take secondary KPIs as hints; test again what matters.",
    "withheld.split": "withheld: the split is broken",
    "withheld.opens": "withheld: opens cannot be relied on",
    "before_the_end": (
        "Until the end, only counts, the value of each variant and the range that may be watched "
        "all along are shown."
    ),
    "at_least": "at least {value}",
    "at_most": "at most {value}",
    "unnamed": "no name",
    "customers": "{number} customers",
    "customers.large": "{number} customers",
}

_UP = {"was": "higher", "became": "higher", "became_and": "up"}
_DOWN = {"was": "lower", "became": "lower", "became_and": "down"}

MOVES = {
    "any": {
        "up": {"rose": "up", "rose_and": "higher", "rise": "increase", "more": "more"},
        "down": {"rose": "down", "rose_and": "lower", "rise": "drop", "more": "less"},
    },
    "rate": {"up": {**_UP, "more": "more"}, "down": {**_DOWN, "more": "fewer"}},
    "amount": {"up": _UP, "down": _DOWN},
    "days": {
        "up": {"was": "longer", "became": "longer", "became_and": "up"},
        "down": {"was": "shorter", "became": "shorter", "became_and": "down"},
    },
}
"""Words for a move up or down; ``any`` fits every KPI, the others one family of units."""
