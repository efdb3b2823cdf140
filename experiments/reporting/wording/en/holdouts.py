"""English sentences on holdouts."""

SENTENCES = {
    # A holdout.
    "holdout.gap": "The holdout cannot be compared. {reason}",
    "holdout.values": (
        "{kpi:capital}: {compared} of customers who get messages, {held} of those who get none."
    ),
    "holdout.shown": "A difference of {difference} is shown (allowing for error {range}).",
    "holdout.not_shown": (
        "The difference is {difference}, but it is not shown (allowing for error {range})."
    ),
    "holdout.total": (
        "Sending to the {customers} compared brought {total} more (allowing for error {range})."
    ),
    "holdout.returns": (
        "{ratio} times the cost of the messages, {cost}, came in on top (allowing for error "
        "{range} times)."
    ),
}
