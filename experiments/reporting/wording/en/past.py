"""On what an expectation rests, in English."""

SENTENCES = {
    "expected.past": "This is based on {tests} tests with this kind of KPI that have ended here.",
    "expected.usual": (
        "Fewer than {least} tests with this kind of KPI have ended here so far ({tests}), so this "
        "is based on how large differences usually are."
    ),
}
