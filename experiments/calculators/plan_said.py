"""A plan in plain words: how many customers, what that shows, what to know before the start."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from typing import Any

from experiments.calculators.plan import Plan, in_own_unit, plan_document
from experiments.calculators.plan_question import PlannedKpi
from experiments.calculators.plan_words import SENTENCES
from experiments.korean.particles import Word
from experiments.reporting.wording.numbers import count, relative
from experiments.reporting.wording.phrases import EnglishWord
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.scales import Scale
from experiments.storage.codec import to_document
from stats.planning.guards import GuardrailPlan
from stats.planning.plan import Caution
from stats.planning.question import Unknown
from stats.planning.visibility import Effect, Visible

LANGUAGES = ("ko", "en")
_TOO_SMALL = frozenset({Caution.LIST_BELOW_NEED, Caution.LOW_POWER, Caution.SMALL_LIST})


def say_plan(found: Plan, language: str) -> Said:
    """What a plan says first.

    Args:
        found: As planned.
        language: ``ko``, or anything else for English.
    """
    telling = _Telling(found, language)
    next_step = "next.too_small" if _TOO_SMALL & set(found.plan.cautions) else "next.fits"
    return Said(telling.headline(), tuple(telling.facts()), telling.phrase(next_step))


def say_cautions(found: Plan, language: str) -> tuple[str, ...]:
    """What to know before the start, one sentence each."""
    telling = _Telling(found, language)
    return tuple(telling.caution(caution) for caution in found.plan.cautions)


def plan_answer(found: Plan) -> dict[str, Any]:
    """The plan as a JSON document: its numbers, and what is said of them in both languages."""
    said = {
        language: to_document(say_plan(found, language))
        | {"cautions": list(say_cautions(found, language))}
        for language in LANGUAGES
    }
    return {"said": said, **plan_document(found)}


def plan_text(found: Plan, language: str) -> str:
    """The plan as plain text for a terminal."""
    said = say_plan(found, language)
    lines = [said.headline, *(f"  {fact}" for fact in said.sentences)]
    lines += [f"  ! {caution}" for caution in say_cautions(found, language)]
    return "\n".join([*lines, f"  → {said.next_step}"]) + "\n"


@dataclass(frozen=True)
class _Telling:
    found: Plan
    language: str

    @property
    def kpi(self) -> PlannedKpi:
        return self.found.asked.kpi

    def phrase(self, key: str, **values: str) -> str:
        """The sentence of that key in the reader's language."""
        korean = self.language == "ko"
        kind = Word if korean else EnglishWord
        text = SENTENCES[key][0 if korean else 1]
        return text.format(**{name: kind(value) for name, value in values.items()})

    def headline(self) -> str:
        """What was asked for."""
        plan = self.found.plan
        total = self.customers(sum(plan.per_variant))
        match plan.question.unknown:
            case Unknown.UNITS:
                return self._units(total)
            case Unknown.EFFECT:
                visible = self.visible(plan.visible)
                if not visible:
                    return self.phrase("effect.headline.none", total=total)
                return self.phrase("effect.headline", total=total, visible=visible)
        return self.phrase(
            "power.headline", effect=self.wanted(), total=total, times=_times(plan.power)
        )

    def _units(self, total: str) -> str:
        sizes = self.found.plan.per_variant
        if len(set(sizes)) == 1:
            return self.phrase("units.headline", per_variant=self.customers(sizes[0]), total=total)
        split = ", ".join(count(size) for size in sizes)
        return self.phrase("units.headline.unequal", per_variant=split, total=total)

    def facts(self) -> Iterator[str]:
        """What stands behind it, the most important first."""
        plan, question = self.found.plan, self.found.plan.question
        if question.effect is not None and question.unknown is Unknown.UNITS:
            yield self._kept()
        yield self._days()
        if len(plan.looks) > 1:
            inflation = relative(plan.inflation - 1).removeprefix("+")
            yield self.phrase("looks", looks=str(len(plan.looks)), inflation=inflation)
        if len(question.rules.weights) > 2 and question.harm is None:
            yield self.phrase("dunnett")
        if plan.profit is not None:
            yield self.phrase(
                "profit",
                per_variant=self.customers(round(plan.profit.per_variant)),
                rest=self.customers(round(plan.profit.rest)),
            )
        for kpi, guard in zip(self.found.asked.guardrails, plan.guardrails, strict=True):
            yield from self._guardrail(kpi, guard)

    def _kept(self) -> str:
        plan = self.found.plan
        key = "keeps" if plan.question.harm is None else "keeps.harm"
        baseline = in_own_unit(self.kpi, plan.question.baseline.value)
        return self.phrase(
            key,
            kpi=self.name(self.kpi),
            baseline=self.scale(self.kpi).values(baseline)[0],
            effect=self.wanted(),
            times=_times(plan.power),
        )

    def _days(self) -> str:
        plan = self.found.plan
        verdict = self.days(plan.days_to_verdict)
        if plan.days is None:
            return self.phrase("days.at_once", verdict=verdict)
        return self.phrase("days", days=self.days(plan.days), verdict=verdict)

    def _guardrail(self, kpi: PlannedKpi, guard: GuardrailPlan) -> Iterator[str]:
        name, limit = self.name(kpi), guard.limit
        margin = None if kpi.margin is None else float(kpi.margin)
        numbers = [
            in_own_unit(kpi, limit) if limit is not None else None,
            margin,
        ]
        shown = iter(self.scale(kpi).of_differences.sizes(*(n for n in numbers if n is not None)))
        if limit is None:
            yield self.phrase("guardrail.none", kpi=name)
        else:
            yield self.phrase("guardrail", kpi=name, limit=next(shown))
        if guard.safe_chance is not None and margin is not None:
            times = _times(guard.safe_chance)
            yield self.phrase("guardrail.chance", margin=next(shown), times=times)

    def caution(self, caution: Caution) -> str:
        """One thing to know before the start."""
        plan = self.found.plan
        values = {}
        if plan.whole_list is not None:
            values["visible"] = self.visible(plan.whole_list)
            values["list"] = self.customers(plan.question.shape.list_size or 0)
        return self.phrase(caution.value, **values)

    def visible(self, visible: Visible) -> str:
        """The differences that can be shown; nothing where there are none."""
        up, down = visible.increase, visible.decrease
        if self.found.plan.question.harm is not None:
            seen = up or down
            return self.phrase("visible.harm", limit=self.size(seen)) if seen else ""
        values = {
            name: self.size(effect)
            for name, effect in (("up", up), ("down", down))
            if effect is not None
        }
        if not values:
            return ""
        key = "visible.both" if len(values) > 1 else f"visible.{next(iter(values))}"
        return self.phrase(key, **values)

    def size(self, effect: Effect) -> str:
        """An effect without its sign, and its share of the baseline."""
        (shown,) = self.scale(self.kpi).of_differences.sizes(in_own_unit(self.kpi, effect.absolute))
        if effect.relative is None or self.kpi.kind == "score":
            return shown
        share = relative(effect.relative)
        return f"{shown}({share})" if self.language == "ko" else f"{shown} ({share})"

    def wanted(self) -> str:
        """The question's effect, as stated."""
        effect = self.found.plan.question.effect or 0.0
        baseline = self.found.plan.question.baseline.value
        return self.size(Effect(effect, effect / baseline if baseline > 0 else None))

    def scale(self, kpi: PlannedKpi) -> Scale:
        return Scale(kpi.unit, kpi.currency, self.language)

    def name(self, kpi: PlannedKpi) -> str:
        return kpi.name.in_language(self.language)

    def days(self, number: int) -> str:
        if self.language == "ko":
            return f"{number:,}일"
        return f"{number:,} day" if number == 1 else f"{number:,} days"

    def customers(self, number: int) -> str:
        return f"{count(number)}명" if self.language == "ko" else f"{count(number)} customers"


def _times(chance: float) -> str:
    """A chance as times in 100, never rounded up to all."""
    return str(floor(100 * chance + 1e-9))
