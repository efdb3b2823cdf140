"""On what an expectation rests, in English."""

SENTENCES = {
    "expected.past": "This rests on the {tests} tests of this kind of KPI that have ended here.",
    "expected.usual": (
        "Fewer than {least} tests of this kind of KPI have ended here so far ({tests}), so it "
        "rests on what differences usually are."
    ),
}
