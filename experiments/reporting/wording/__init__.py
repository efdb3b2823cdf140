"""A report in Korean and English: whole sentences, without markup.

The sentences stand in ``ko`` and ``en``, the labels in ``labels``; the other modules choose
among them and fill in the values.
"""

from experiments.reporting.wording.depth import say_depth
from experiments.reporting.wording.facts import (
    per_10000,
    say_before_the_end,
    say_comparison,
    say_rest,
    say_secondary,
    say_shown,
    say_target,
)
from experiments.reporting.wording.harm import say_guardrail
from experiments.reporting.wording.labels import label, say_exclusion
from experiments.reporting.wording.looks import say_looks
from experiments.reporting.wording.quality import Note, say_quality
from experiments.reporting.wording.reasons import say_gap, say_warning
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.segments import say_dimension, say_segment_gap
from experiments.reporting.wording.trust import say_causes, say_opens, say_split, say_withheld
from experiments.reporting.wording.verdicts import say, shown_state

__all__ = [
    "Note", "Said", "label", "per_10000", "say", "say_before_the_end", "say_causes",
    "say_comparison",
    "say_depth", "say_dimension", "say_exclusion", "say_gap", "say_guardrail", "say_looks",
    "say_opens", "say_quality", "say_rest", "say_secondary", "say_segment_gap", "say_shown",
    "say_split", "say_target", "say_warning", "say_withheld", "shown_state",
]  # fmt: skip
