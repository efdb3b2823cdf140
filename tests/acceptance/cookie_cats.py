"""Cookie Cats: a gate moved from level 30 to 40, and who came back.

Tactile Entertainment's data as published with DataCamp's project on the game.
"""

from tests.acceptance.study import ArmFact, LiftFact, Study, experiment, kpi

GATE_30, GATE_40 = "gate_30", "gate_40"
POINT = 0.0005

STUDY = Study(
    file="cookie_cats.csv.gz",
    kpis=(
        kpi("retention-d7", "Came back on day 7, per player", "returned_d7"),
        kpi("retention-d1", "Came back on day 1, per player", "returned_d1"),
        kpi(
            "rounds",
            "Rounds of 14 days, per player",
            "rounds_played",
            kind="mean",
            formula={"event": "rounds_played", "value": "amount", "window_hours": 336},
            unit_of_measure="count",
        ),
    ),
    experiment=experiment(
        "cookie-cats",
        "First gate at level 30 or 40",
        [
            {"key": GATE_30, "name": "Gate at level 30", "weight": 0.5, "control": True},
            {"key": GATE_40, "name": "Gate at level 40", "weight": 0.5},
        ],
        [
            {"kpi": "retention-d7", "role": "primary"},
            {"kpi": "retention-d1", "role": "secondary"},
            {"kpi": "rounds", "role": "secondary"},
        ],
        "in_app",
    ),
    mapping={
        "form": "wide",
        "experiment": "cookie-cats",
        "unit_id": {"column": "userid"},
        "variant": {"column": "version", "values": {GATE_30: GATE_30, GATE_40: GATE_40}},
        "exposure": "assigned",
        "at": "2017-01-01T00:00:00+00:00",
        "channel": "in_app",
        "events": [
            {"column": "sum_game_rounds", "type": "rounds_played", "amount": True},
            {"column": "retention_1", "type": "returned_d1"},
            {"column": "retention_7", "type": "returned_d7"},
        ],
    },
    arms=(
        ArmFact("retention-d7", GATE_30, 44_700, 8_502),
        ArmFact("retention-d7", GATE_40, 45_489, 8_279),
        ArmFact("retention-d1", GATE_30, 44_700, 20_034),
        ArmFact("retention-d1", GATE_40, 45_489, 20_119),
        ArmFact("rounds", GATE_30, 44_700, 2_344_795),
        ArmFact("rounds", GATE_40, 45_489, 2_333_530),
    ),
    lifts=(
        LiftFact("retention-d7", GATE_40, -0.008201, -0.013282, -0.003121, True, POINT),
        LiftFact("retention-d1", GATE_40, -0.005905, -0.012392, 0.000582, False, POINT),
        # One player of 49,854 rounds among them: the raw comparison, as published.
        LiftFact("rounds", GATE_40, -1.1575, -3.7197, 1.4047, False, 0.001),
    ),
    split_p_value=0.008608,
    verdict=("loss", GATE_40),
)
