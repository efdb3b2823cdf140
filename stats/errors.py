"""Why a question to `stats` has no answer."""


class StatsError(Exception):
    """The base of every refusal of this package."""


class NotEnoughData(StatsError):
    """The samples met cannot answer the question; the message says what is missing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AdaptiveAllocation(StatsError):
    """The shares of the variants followed the results, so samples of all batches must not be added.

    A p-value or interval of added samples would be wrong: see `stats.propensity`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
