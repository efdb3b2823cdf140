"""Korean words for a move up or down."""

MOVES = {
    "any": {
        "up": {
            "rose": "늘었",
            "rose_and": "늘었고",
            "rose_so": "늘어",
            "rose_formal": "늘었습니다",
            "rise": "늘지",
            "more": "많습니다",
            "more_but": "많지만",
            "to_rise": "늘",
        },
        "down": {
            "rose": "줄었",
            "rose_and": "줄었고",
            "rose_so": "줄어",
            "rose_formal": "줄었습니다",
            "rise": "줄지",
            "more": "적습니다",
            "more_but": "적지만",
            "to_rise": "줄",
        },
    },
    "rate": {
        "up": {"was": "높았습니다", "became": "높아졌습니다", "became_and": "올랐고"},
        "down": {"was": "낮았습니다", "became": "낮아졌습니다", "became_and": "내렸고"},
    },
    "amount": {
        "up": {"was": "많았습니다", "became": "늘었습니다", "became_and": "늘었고"},
        "down": {"was": "적었습니다", "became": "줄었습니다", "became_and": "줄었고"},
    },
    "days": {
        "up": {"was": "길었습니다", "became": "길어졌습니다", "became_and": "길어졌고"},
        "down": {"was": "짧았습니다", "became": "짧아졌습니다", "became_and": "짧아졌고"},
    },
}
"""Words for a move up or down; ``any`` fits every KPI, the others one family of units."""
