"""Every English sentence of a report, under the same keys as the Korean ones.

A placeholder such as ``{kpi:capital}`` begins with a capital letter.
"""

from experiments.reporting.wording.en import (
    answers,
    depth,
    facts,
    groups,
    harm,
    holdouts,
    looks,
    past,
    quality,
    trust,
    waiting,
)
from experiments.reporting.wording.en.moves import MOVES

__all__ = ["MOVES", "SENTENCES"]

SENTENCES = {
    **answers.SENTENCES,
    **waiting.SENTENCES,
    **looks.SENTENCES,
    **trust.SENTENCES,
    **quality.SENTENCES,
    **harm.SENTENCES,
    **facts.SENTENCES,
    **depth.SENTENCES,
    **past.SENTENCES,
    **groups.SENTENCES,
    **holdouts.SENTENCES,
}
