"""Every Korean sentence of a report, by what it speaks of.

A placeholder such as ``{kpi:이/가}`` takes the particle that fits its value.
"""

from experiments.reporting.wording.ko import (
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
from experiments.reporting.wording.ko.moves import MOVES

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
