"""The same mailing to a list of 3,000: what so few customers can and cannot tell."""

from sample_data.scenario import Scenario

SMALL_LIST = Scenario(
    folder="small_list",
    key="small-list",
    name="3월 혜택 메일 제목(작은 목록)",
    seed=20250313,
    named_seed=20250312,
    customers=3_000,
    first_customer=200_001,
    choice_key="small-list-choice",
    expected=(
        "too small to tell: the difference of opens is not shown; the test that learns stays "
        "undecided, the one that chooses sends B as a choice and not a proof"
    ),
)
"""Of the second test on the same list and split only the purpose differs: it chooses."""
