"""What a report says first: a headline, at most three facts, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """The verdict in one language, without markup.

    Attributes:
        headline: The verdict itself.
        sentences: At most three facts behind it, one each.
        next_step: What to do; the page puts an arrow before it.
    """

    headline: str
    sentences: tuple[str, ...]
    next_step: str
