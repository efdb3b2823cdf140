"""What a report says, sentence by sentence, in the reader's language."""

from dataclasses import dataclass

from experiments.registry.preflight import StartWarning
from experiments.reporting import wording
from experiments.reporting.adaptive.facts import BatchFact
from experiments.reporting.adaptive.wording import say_adaptive, say_not_told, say_stayed
from experiments.reporting.goal_facts import Comparison, Goal
from experiments.reporting.group_facts import DimensionFact, GroupFact
from experiments.reporting.health_facts import OpensFact, Split
from experiments.reporting.report import Report, State
from experiments.reporting.wording import Said


@dataclass(frozen=True)
class Speech:
    """The sentences of one report."""

    report: Report
    language: str

    def verdict(self) -> Said:
        """The verdict: headline, at most three facts, what to do."""
        return wording.say(self.report, self.language)

    def about(self, goal: Goal) -> list[tuple[str | None, list[str]]]:
        """What follows from a KPI's numbers, by variant; nothing while results are withheld.

        The variant's name is None where there is only one beside the control.
        """
        if self.report.withheld or goal.role == "guardrail":
            return []
        if not self.report.final:
            early = wording.say_before_the_end(self.language)
            # Where shares follow results, every comparison says itself why it has no range.
            told = goal.role == "primary" and self.report.adaptive is None
            return [(None, [early])] if told else []
        many = len(goal.comparisons) > 1
        said = [
            (entry.name if many else None, self._about(goal, entry)) for entry in goal.comparisons
        ]
        return [(name, sentences) for name, sentences in said if sentences]

    def guardrails(self, goal: Goal) -> list[tuple[str, ...]]:
        """Whether each variant does harm; nothing before the end, or if the split is broken."""
        if self.report.verdict.state is State.SPLIT_BROKEN or not self.report.ended:
            return []
        return [wording.say_guardrail(goal, fact, self.language) for fact in goal.guardrails]

    def depth(self, goal: Goal) -> tuple[wording.Note, ...]:
        """What stands behind a KPI's comparisons."""
        return wording.say_depth(self.report, goal, self.language)

    def looks(self) -> tuple[str, ...]:
        """The planned looks."""
        return wording.say_looks(self.report, self.language)

    def adaptive(self) -> tuple[str, ...]:
        """The batches of a test whose shares follow its results."""
        return say_adaptive(self.report, self.language)

    def not_told(self) -> tuple[str, ...]:
        """What such a report leaves out."""
        return say_not_told(self.report, self.language)

    def stayed(self, batch: BatchFact) -> str:
        """Why the shares of a batch stayed as they were."""
        return "" if batch.stayed is None else say_stayed(batch.stayed, self.language)

    def dimension(self, fact: DimensionFact) -> tuple[str, ...]:
        """Whether an effect differs by one thing known of the customers."""
        return wording.say_dimension(fact, self.language)

    def segment_gap(self, group: GroupFact) -> str:
        """Why a group takes no part in that."""
        return wording.say_segment_gap(group, self.language)

    def split(self, split: Split) -> tuple[str, ...]:
        """The planned split against the one met."""
        return wording.say_split(split, self.language)

    def way_forward(self) -> tuple[str, ...]:
        """From a broken split: what is missing, where, and what may be done."""
        return wording.say_causes(self.report, self.language)

    def opens(self, fact: OpensFact) -> tuple[str, ...]:
        """Opens counted three ways."""
        return wording.say_opens(self.report, fact, self.language)

    def quality(self) -> tuple[wording.Note, ...]:
        """What is to be known of the data."""
        return wording.say_quality(self.report, self.language)

    def warning(self, warning: StartWarning) -> str:
        """What was amber at the start."""
        return wording.say_warning(warning, self.language)

    def _about(self, goal: Goal, entry: Comparison) -> list[str]:
        arm = next(arm for arm in goal.arms if arm.variant == entry.variant)
        shown = "" if goal.role == "primary" else wording.say_shown(goal, entry, self.language)
        per_10000 = wording.per_10000(goal, entry, self.language)
        target = wording.say_target(goal, arm, self.language)
        rest = wording.say_rest(goal, entry, self.language)
        return [sentence for sentence in (shown, *target, per_10000, *rest) if sentence]
