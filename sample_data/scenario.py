"""What tells one sample scenario from another."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# 2025-03-10 10:00 in Seoul. Every mail of a scenario is sent at this instant.
SENT_AT = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
# The list is drawn an hour earlier.
ASSIGNED_SECONDS = -3600
WINDOW_HOURS = 72
WINDOW_SECONDS = WINDOW_HOURS * 3600
REGISTERED_AT = SENT_AT - timedelta(days=2)
STOPPED_AT = SENT_AT + timedelta(days=4)


@dataclass(frozen=True)
class Scenario:
    """A mailing to be made up.

    Attributes:
        folder: Name on the command line and of the committed extract.
        key: Key of the experiment.
        name: Name of the experiment on screen.
        seed: Of the random numbers.
        named_seed: The first seed tried; ``seed`` is the first from there on with which the
            full size comes out as ``expected`` says.
        customers: At full size.
        first_customer: Number of the first; scenarios share no customer.
        nameless_share: Share of each arm's customers whose name is unknown.
        drops_nameless_control: Whether the mail tool leaves those of arm A out.
        assignment_seed: Salt of the product's hash; the experiment's key where None.
        choice_key: Key of a second test on the same list, whose purpose is to choose.
        expected: What an honest report says at full size.
    """

    folder: str
    key: str
    name: str
    seed: int
    named_seed: int
    customers: int
    first_customer: int
    expected: str
    nameless_share: float = 0.0
    drops_nameless_control: bool = False
    assignment_seed: str | None = None
    choice_key: str | None = None

    @property
    def hash_seed(self) -> str:
        """What the units are hashed with."""
        return self.assignment_seed or self.key
