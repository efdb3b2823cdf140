"""English sentences on groups of customers: channels, segments, other tests."""

SENTENCES = {
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
    "groups.test": "by the variant met in the test “{name}”",
    "groups.next.test": "Do not take it as a sign that one test changes the other.",
    "groups.next": "Do not take it as a reason to send differently by {name}.",
    "groups.next.whether": "Do not take it as a reason to send differently to {name}.",
    "groups.gap": "Whether the effect differs {each} cannot be told. {reason}",
}
