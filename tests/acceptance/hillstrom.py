"""Hillstrom's e-mail test: three arms, 64,000 customers.

Kevin Hillstrom, MineThatData, 20 March 2008. Rates and arm sizes as published; intervals
are Wald's and Welch's. The file has no customer id: its row number is one.
"""

from tests.acceptance.study import ArmFact, LiftFact, Study, experiment, kpi

THIRD = 0.3333333
NO_EMAIL, MENS, WOMENS = "no-email", "mens", "womens"
POINT = 0.0005  # 0.05 percentage points

STUDY = Study(
    file="hillstrom.csv.gz",
    kpis=(
        kpi("visit", "Visit rate per customer", "visit"),
        kpi("conversion", "Conversion per customer", "conversion"),
        kpi(
            "spend",
            "Spend per customer",
            "purchase",
            kind="mean",
            formula={"event": "purchase", "value": "amount", "window_hours": 336},
            unit_of_measure="money",
            currency="USD",
        ),
    ),
    experiment=experiment(
        "hillstrom",
        "E-mail with men's or women's merchandise",
        [
            {
                "key": NO_EMAIL,
                "name": "No e-mail",
                "weight": THIRD,
                "control": True,
                "no_message": True,
            },
            {"key": MENS, "name": "Men's e-mail", "weight": THIRD},
            {"key": WOMENS, "name": "Women's e-mail", "weight": THIRD},
        ],
        [
            {"kpi": "visit", "role": "primary"},
            {"kpi": "conversion", "role": "secondary"},
            {"kpi": "spend", "role": "secondary"},
        ],
        "email",
    ),
    mapping={
        "form": "wide",
        "experiment": "hillstrom",
        "unit_id": {"row_number": True},
        "variant": {
            "column": "segment",
            "values": {"No E-Mail": NO_EMAIL, "Mens E-Mail": MENS, "Womens E-Mail": WOMENS},
        },
        "exposure": "assigned",
        "at": "2008-03-01T00:00:00+00:00",
        "channel": "email",
        "events": [
            {"column": "visit", "type": "visit"},
            {"column": "conversion", "type": "conversion"},
            {"column": "spend", "type": "purchase", "amount": True, "currency": "USD"},
        ],
    },
    arms=(
        ArmFact("visit", NO_EMAIL, 21_306, 2_262),
        ArmFact("visit", MENS, 21_307, 3_894),
        ArmFact("visit", WOMENS, 21_387, 3_238),
        ArmFact("conversion", NO_EMAIL, 21_306, 122),
        ArmFact("conversion", MENS, 21_307, 267),
        ArmFact("conversion", WOMENS, 21_387, 189),
        ArmFact("spend", NO_EMAIL, 21_306, 13_908.33),
        ArmFact("spend", MENS, 21_307, 30_311.69),
        ArmFact("spend", WOMENS, 21_387, 23_038.11),
    ),
    lifts=(
        LiftFact("visit", MENS, 0.076590, 0.069954, 0.083226, True, POINT),
        LiftFact("visit", WOMENS, 0.045233, 0.038894, 0.051572, True, POINT),
        LiftFact("conversion", MENS, 0.0068050, 0.0050002, 0.0086098, True, POINT),
        LiftFact("conversion", WOMENS, 0.0031111, 0.0014987, 0.0047234, True, POINT),
        LiftFact("spend", MENS, 0.769827, 0.485140, 1.054515, True, 0.0005),
        LiftFact("spend", WOMENS, 0.424412, 0.168957, 0.679868, True, 0.0005),
    ),
    split_p_value=0.9037,
    verdict=("win", MENS),
)
