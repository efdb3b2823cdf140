"""Guided registration: four questions, the rest has defaults that can be changed later."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.db import reading, transaction
from api.errors import localised
from api.i18n import current_language, gettext
from api.runtime import runtime
from experiments.errors import Invalid, TrueliftError
from experiments.kpis.catalog import Kpi, list_kpis
from experiments.kpis.document import STAGES, KpiDocument
from experiments.kpis.measured import unmeasured_part
from experiments.registry import registration
from experiments.registry.channels import CHANNELS
from experiments.registry.experiment import (
    ELEMENTS,
    PURPOSES,
    SHAPES,
    Adaptive,
    ExperimentDraft,
    GoalTarget,
    KpiGoal,
    Plan,
    Variant,
)

registration_pages = Blueprint("registration_pages", __name__)
MOST_KPIS = 500
HALF = Decimal("0.5")
# How the shares of the variants behave: they stay, or follow the results from batch to batch.
BATCHES = ("stay", "day", "week")
# One arm may be silent or late in these shapes: everybody planned is counted.
ANCHORS = {"triggered": "trigger", "recurring": "planned_send"}


class NotANumber(Invalid):
    """A field of the form wants a number."""

    template = "expected a number, got {got!r}"


class KpiNotChosen(Invalid):
    """The second question is not answered."""

    template = "choose the KPI that decides the test"


@registration_pages.get("/experiments/new")
@allow(role="marketer")
def form() -> str:
    """The four questions."""
    return _page({}, None)


@registration_pages.post("/experiments/new")
@allow(role="marketer")
def register() -> Response | tuple[str, int]:
    """Register the draft, or show the form again with what does not fit."""
    me, answers = caller(), request.form
    try:
        with transaction() as db:
            kpis = {
                kpi.document.key: kpi.document for kpi in list_kpis(db, me.project, limit=MOST_KPIS)
            }
            draft = Answers(answers, kpis, current_language()).draft()
            registration.register(db, me.project, draft, actor=me.actor, now=runtime().clock())
    except TrueliftError as refusal:
        return _page(answers, refusal), 422
    flash(gettext("The test is registered. It does not run yet."), "good")
    return redirect(url_for("experiment_pages.one", key=draft.key))


def _page(answers: Mapping[str, str], refusal: TrueliftError | None) -> str:
    with reading() as db:
        kpis = list_kpis(db, caller().project, limit=MOST_KPIS)
    return render_template(
        "new.html",
        answers=answers,
        refusal=localised(refusal) if refusal else None,
        wrong=refusal.field if refusal else None,
        stages=STAGES,
        kpis=sorted((kpi for kpi in kpis if _can_decide(kpi.document)), key=_by_stage),
        channels=CHANNELS,
        elements=ELEMENTS,
        shapes=SHAPES,
        purposes=PURPOSES,
        batches=BATCHES,
    )


def _can_decide(document: KpiDocument) -> bool:
    return document.descriptive_because is None and unmeasured_part(document) is None


def _by_stage(kpi: Kpi) -> tuple[int, str]:
    stage = kpi.document.stage
    return (STAGES.index(stage) if stage else len(STAGES), kpi.document.key)


@dataclass(frozen=True)
class Answers:
    """The form as sent, beside the KPIs it may name."""

    form: Mapping[str, str]
    kpis: Mapping[str, KpiDocument]
    language: str

    def draft(self) -> ExperimentDraft:
        """The draft that the answers describe.

        Raises:
            Invalid: Naming the field.
        """
        shape = self._text("shape") or "one_blast"
        return ExperimentDraft(
            key=self._text("key") or "",
            name=self._text("name") or "",
            hypothesis=self._text("hypothesis") or "",
            owner=self._text("owner"),
            channels=(self._text("channel") or "email",),
            element=self._text("element") or "other",
            shape=shape,
            purpose=self._text("purpose") or "learn",
            anchor=ANCHORS.get(shape, "sent"),
            variants=self._variants(),
            goals=(self._goal(),),
            plan=Plan(units_planned=self._whole("units_planned")),
            adaptive=self._adaptive(),
        )

    def _variants(self) -> tuple[Variant, ...]:
        names = ("A안", "B안") if self.language == "ko" else ("A", "B")
        control, treatment = (
            self._text(field) or name
            for field, name in zip(("control", "treatment"), names, strict=True)
        )
        return (
            Variant("a", control, HALF, control=True),
            Variant("b", treatment, HALF),
        )

    def _adaptive(self) -> Adaptive | None:
        """Shares that stay, unless a length of batches is chosen."""
        batch = self._text("adaptive")
        return None if batch in {None, "stay"} else Adaptive(batch=batch or "day")

    def _goal(self) -> KpiGoal:
        document = self.kpis.get(self._text("kpi") or "")
        if document is None:
            raise KpiNotChosen(field="kpi")
        target = self._level("target", document)
        return KpiGoal(
            kpi=document.key,
            role="primary",
            target=None if target is None else GoalTarget(target),
            minimum_effect=self._level("minimum_effect", document),
        )

    def _level(self, field: str, document: KpiDocument) -> Decimal | None:
        """A level in the KPI's unit; rates are asked for in per cent."""
        number = self._number(field)
        if number is None or document.unit_of_measure != "rate":
            return number
        return number / 100

    def _number(self, field: str) -> Decimal | None:
        text = self._text(field)
        if text is None:
            return None
        try:
            number = Decimal(text.replace(",", "").rstrip("%").strip())
        except InvalidOperation as error:
            raise NotANumber(field=field, got=text[:50]) from error
        if not number.is_finite():
            raise NotANumber(field=field, got=text[:50])
        return number

    def _whole(self, field: str) -> int | None:
        number: Any = self._number(field)
        if number is not None and number != int(number):
            raise NotANumber(field=field, got=str(number)[:50])
        return None if number is None else int(number)

    def _text(self, field: str) -> str | None:
        return self.form.get(field, "").strip() or None
