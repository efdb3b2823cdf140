"""A whole mailing: customers, assignment, outcomes, events."""

from dataclasses import dataclass

import numpy as np

from sample_data.audience import VARIANTS, Audience, make_audience
from sample_data.dirt import Dirt, Soil, soil
from sample_data.event_rows import EventRows, clean_rows
from sample_data.outcomes import Outcomes, draw_outcomes
from sample_data.scenario import WINDOW_SECONDS, Scenario

REPEATED = (0.01, 0.03)  # of the events of arm A and arm B


@dataclass(frozen=True)
class Mailing:
    """Everything that the files of a scenario say."""

    scenario: Scenario
    audience: Audience
    outcomes: Outcomes
    events: EventRows
    dirt: Dirt

    @property
    def strangers(self) -> list[str]:
        """Ids of the customers never assigned, in the order of their index."""
        first = self.scenario.first_customer + 800_000
        return [f"c{first + number:06d}" for number in range(self.dirt.never_assigned)]


def make_mailing(scenario: Scenario, customers: int) -> Mailing:
    """Make up a mailing to so many customers; the same call gives the same mailing."""
    rng = np.random.Generator(np.random.PCG64(scenario.seed))
    audience = make_audience(scenario, customers, rng)
    outcomes = draw_outcomes(scenario, audience, rng)
    how = Soil(
        variants=VARIANTS,
        arms=audience.arms,
        starts=np.zeros(audience.arms.size, dtype=np.int64),
        window=WINDOW_SECONDS,
        repeated=REPEATED,
        early="open",
        early_units=np.flatnonzero(outcomes.delivered),
    )
    events, dirt = soil(clean_rows(outcomes), how, rng)
    return Mailing(scenario, audience, outcomes, events, dirt)
