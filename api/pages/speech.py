"""What a report says, sentence by sentence, in the reader's language."""

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.registry.preflight import StartWarning
from experiments.reporting import wording
from experiments.reporting.report import Arm, Goal, OpensFact, Report, Split
from experiments.reporting.wording import Said


@dataclass(frozen=True)
class Speech:
    """The sentences of one report."""

    report: Report
    language: str

    def verdict(self) -> Said:
        """The verdict: headline, at most three facts, what to do."""
        return wording.say(self.report, self.language)

    def about(self, goal: Goal) -> list[str]:
        """What follows from a KPI's numbers; nothing while results are withheld."""
        if self.report.withheld:
            return []
        if not self.report.final:
            return [wording.say_before_the_end(self.language)] if goal.role == "primary" else []
        return [sentence for arm in goal.arms for sentence in self._about(goal, arm)]

    def guardrails(self, goal: Goal) -> list[tuple[str, ...]]:
        """Whether each variant does harm; nothing while results are withheld."""
        if self.report.withheld or not self.report.final:
            return []
        return [wording.say_guardrail(goal, fact, self.language) for fact in goal.guardrails]

    def split(self, split: Split) -> tuple[str, ...]:
        """The planned split against the one met."""
        return wording.say_split(split, self.language)

    def opens(self, fact: OpensFact) -> tuple[str, ...]:
        """Opens counted three ways."""
        return wording.say_opens(self.report, fact, self.language)

    def warning(self, warning: StartWarning) -> str:
        """What was amber at the start."""
        return wording.say_warning(warning, self.language)

    def _about(self, goal: Goal, arm: Arm) -> Iterator[str]:
        yield from wording.say_target(goal, arm, self.language)
        for entry in goal.comparisons:
            if entry.variant == arm.variant and goal.role != "guardrail":
                said = (
                    wording.say_shown(goal, entry, self.language),
                    wording.per_10000(goal, entry, self.language),
                )
                yield from (sentence for sentence in said if sentence)
