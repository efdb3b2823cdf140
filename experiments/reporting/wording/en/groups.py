"""English sentences on groups of customers: channels, segments, other tests."""

SENTENCES = {
    # Groups, the interaction first.
    "groups.each": "by {name}",
    "groups.whether": "between {name} and everybody else",
    "groups.differ": "The effect is shown to differ {each}. A difference is shown for {groups}.",
    "groups.differ.nowhere": (
        "The effect is shown to differ {each}, but not yet where there is a difference."
    ),
    "groups.baselines": (
        "Differences are larger where values are high to begin with; it is not shown that "
        "relative differences differ."
    ),
    "groups.look": (
        "The difference looks large only for {groups}, but it is not shown that the effect "
        "differs {each}."
    ),
    "groups.same": "It is not shown that the effect differs {each}.",
    "groups.test": "by the variant met in the test “{name}”",
    "groups.next.test": "Do not take it as a sign that one test changes the other.",
    "groups.next": "Do not take it as a reason to send differently by {name}.",
    "groups.next.whether": "Do not take it as a reason to send differently to {name}.",
    "groups.gap": "Whether the effect differs {each} cannot be told. {reason}",
}
