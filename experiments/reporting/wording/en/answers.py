"""English sentences on tests that have answered: better, worse, no difference, a choice."""

SENTENCES = {
    # A difference is shown, and it is the wanted one.
    "win.headline": "{variant} is better.",
    "win.headline.many": "{variant} is better than {control}.",
    "win.values": (
        "{kpi:capital}: {control_value} with {control}, {value} with {variant}, "
        "{difference} {was}{relative}."
    ),
    "win.others": "{others} also did better than {control}.",
    "win.ahead": "{others} had a larger difference, but went beyond a guardrail's limit.",
    "win.harmed": "{others} also did better than {control}, but went beyond a guardrail's limit.",
    "win.gap": "Could not be compared: {others}.",
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
    "none.rest": (
        "Any difference of the rest is within {range}, short of the minimum effect you set, "
        "{minimum}."
    ),
    "none.worse": "Worse than {control}: {others}.",
    "none.next": "Use the one that costs less or is easier to run.",
    "none.unsure.next": (
        "Keep {control}; if another variant is to be used, the owner should decide."
    ),
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
    # A choice, not shown.
    "choice.headline": "We choose {variant}, the best so far.",
    "choice.values": "{kpi:capital}: {values}.",
    "choice.open": "But a difference has not been shown.",
    "choice.next": "Send {variant} this time, and keep the learning as “unproven”.",
    "choice.unsure.next": (
        "The owner should decide whether to send {variant} this time. Keep the learning as "
        "“unproven”."
    ),
}
