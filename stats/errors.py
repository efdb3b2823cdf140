"""Why a question to `stats` has no answer."""


class StatsError(Exception):
    """The base of every refusal of this package."""


class NotEnoughData(StatsError):
    """The samples met cannot answer the question; the message says what is missing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
