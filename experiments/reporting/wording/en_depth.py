"""English sentences of what stands behind a verdict, under the same keys as the Korean ones."""

SENTENCES = {
    # One segment only.
    "segment.headline": "These are the numbers of one segment: {segment}.",
    "segment.units": "{customers} of it are counted.",
    "segment.none": "No verdict is given on one segment alone.",
    "segment.next": "See the report of all customers for the verdict.",
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
