"""English sentences on planned looks."""

SENTENCES = {
    # A planned look.
    "look.win": "At check {number} of {looks}, {variant} is shown to be better.",
    "look.loss": "At check {number} of {looks}, {variant} is shown to be worse.",
    "look.why": "We check {looks} times, so the bar was set higher, and it was passed.",
    "look.range": (
        "{kpi:capital}: the difference was {difference} then; allowing for error {range}."
    ),
    "look.win.next": "You may end the test now and use {variant}.",
    "look.unsure.next": (
        "You may end the test now, but a guardrail is not yet shown to be safe: the owner should "
        "decide."
    ),
    "look.loss.next": "You may end the test now and keep {control}.",
    "look.came": "Check {number} ({at}): {seen} of the planned customers, {findings}.",
    "look.due": "Check {number}: once {share} of the planned customers are counted.",
    "look.shown": "a difference shown for {variant}",
    "look.not_shown": "no difference shown for {variant}",
}
