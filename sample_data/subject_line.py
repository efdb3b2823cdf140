"""A subject line by e-mail: B is opened more, and sales cannot tell yet."""

from sample_data.scenario import Scenario

SUBJECT_LINE = Scenario(
    folder="subject_line",
    key="subject-line",
    name="3월 혜택 메일 제목",
    seed=20250312,
    named_seed=20250310,
    customers=60_000,
    first_customer=1,
    expected=(
        "ship B on opens: human opens per sent are higher and hold the target of 19.7 %, A does "
        "not reach it; unsubscribes are shown safe; sales are unproven"
    ),
)
