"""The same mailing with a fault: the tool leaves customers without a name out of A only."""

from sample_data.scenario import Scenario

# With this salt the hash gives each arm exactly 30,900 of the 61,800 customers.
_EVEN_SALT = "broken-split-358"

BROKEN_SPLIT = Scenario(
    folder="broken_split",
    key="broken-split",
    name="3월 혜택 메일 제목(이름 누락)",
    seed=20250311,
    named_seed=20250311,
    customers=61_800,
    first_customer=100_001,
    nameless_share=1_800 / 30_900,
    drops_nameless_control=True,
    assignment_seed=_EVEN_SALT,
    expected=(
        "withhold every verdict: 50/50 was planned, 29,100 and 30,900 were sent "
        "(chi-square 54, p 2e-13)"
    ),
)
