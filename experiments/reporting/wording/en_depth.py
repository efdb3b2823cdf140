"""English sentences of what stands behind a verdict, under the same keys as the Korean ones."""

SENTENCES = {
    # One segment only.
    "segment.headline": "These are the numbers of one segment: {segment}.",
    "segment.units": "{customers} of it are counted.",
    "segment.none": "No verdict is given on one segment alone.",
    "segment.next": "See the report of all customers for the verdict.",
    # A planned look.
    "look.win": "At check {number} of {looks}, {variant} is shown to be better.",
    "look.loss": "At check {number} of {looks}, {variant} is shown to be worse.",
    "look.why": "We check {looks} times, so the bar was set higher, and it was passed.",
    "look.range": (
        "{kpi:capital}: the difference was {difference} then; allowing for error {range}."
    ),
    "look.win.next": "The test may end now, and {variant} be used.",
    "look.unsure.next": (
        "The test may end now, but a guardrail is not yet shown to be safe: the owner should "
        "decide."
    ),
    "look.loss.next": "The test may end now; keep {control}.",
    "look.came": "Check {number} ({at}): {seen} of the planned customers, {findings}.",
    "look.due": "Check {number}: once {share} of the planned customers are counted.",
    "look.shown": "a difference of {variant} shown",
    "look.not_shown": "no difference of {variant} shown",
    # Groups, the interaction first.
    "groups.each": "by {name}",
    "groups.whether": "between {name} and everybody else",
    "groups.differ": "The effect is shown to differ {each}. A difference is shown for {groups}.",
    "groups.differ.nowhere": (
        "The effect is shown to differ {each}, but it is not known yet where there is one."
    ),
    "groups.baselines": (
        "Differences are larger where values are high to begin with; that relative differences "
        "are unlike is not shown."
    ),
    "groups.look": (
        "Only for {groups} the difference looks large, but that the effect differs {each} is "
        "not shown."
    ),
    "groups.same": "That the effect differs {each} is not shown.",
    "groups.next": "Do not take it as a reason to send differently by {name}.",
    "groups.next.whether": "Do not take it as a reason to send differently to {name}.",
    "groups.gap": "Whether the effect differs {each} cannot be told. {reason}",
}
