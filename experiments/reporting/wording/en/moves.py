"""English words for a move up or down."""

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
