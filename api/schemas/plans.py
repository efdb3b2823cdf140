"""A test to be planned, as a question to the planner."""

from decimal import Decimal
from typing import Any

from marshmallow import fields, post_load, validate

from api.schemas.exact import BothLanguages, Number, StrictSchema, inside
from experiments.calculators.plan_question import (
    CAMPAIGNS,
    KIND_UNITS,
    MOMENTS,
    PlannedKpi,
    PlanQuestion,
)

Values = dict[str, Any]
_MOMENTS = tuple(dict.fromkeys(name for names in MOMENTS.values() for name in names))
_CAMPAIGN = tuple(dict.fromkeys(name for names in CAMPAIGNS.values() for name in names))
_KPI = ("kind", "name", "unit_of_measure", "currency")


class PlannedKpiSchema(StrictSchema):
    """A KPI as it is expected to be."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(KIND_UNITS)))
    name = BothLanguages()
    unit_of_measure = fields.String()
    currency = fields.String(allow_none=True)
    baseline = Number(metadata={"description": "Of the control; a rate is a fraction."})
    standard_deviation = Number(metadata={"description": "mean: of single customers' values."})
    denominator_mean = Number(metadata={"description": "ratio: per customer."})
    numerator_variance = Number(metadata={"description": "ratio."})
    denominator_variance = Number(metadata={"description": "ratio."})
    covariance = Number(metadata={"description": "ratio: of numerator and denominator."})
    promoters = Number(metadata={"description": "score: share of the answers."})
    detractors = Number(metadata={"description": "score: share of the answers."})


class GuardrailSchema(PlannedKpiSchema):
    """A KPI that must not get worse."""

    worse = fields.String(metadata={"description": "up or down is the harm; up where absent."})
    margin = Number(metadata={"description": "The limit thought of."})


class PlanQuestionSchema(PlannedKpiSchema):
    """A test to be planned: of effect, units and power one is open."""

    shape = fields.String(required=True, validate=validate.OneOf(tuple(CAMPAIGNS)))
    list_size = Number(metadata={"description": "one_blast, test_then_rest, recurring."})
    eligible_per_day = Number(metadata={"description": "triggered: customers a day."})
    sends = Number(metadata={"description": "recurring: to each customer."})
    days_between = Number(metadata={"description": "recurring: from one send to the next."})
    effect = Number(metadata={"description": "Least difference worth showing."})
    relative_effect = Number(metadata={"description": "The same as a share of the baseline."})
    units = fields.Integer(strict=True, metadata={"description": "To assign in all."})
    harm = fields.String(metadata={"description": "up or down: the effect is a margin then."})
    alpha = Number()
    power = Number()
    weights = fields.List(Number(), metadata={"description": "The control first; 1, 1."})
    looks = fields.Integer(strict=True)
    retention = Number(metadata={"description": "Share that can be analysed; 1."})
    covariate_correlation = Number()
    window_days = Number()
    prior_sd = Number(metadata={"description": "test_then_rest: how variants usually differ."})
    guardrails = fields.List(fields.Nested(GuardrailSchema), validate=validate.Length(max=20))

    @post_load
    def make(self, values: Values, **_: Any) -> PlanQuestion:
        """The question, checked; a refusal names its full path."""
        given = values.pop("guardrails", [])
        campaign = {name: values.pop(name) for name in _CAMPAIGN if name in values}
        if "weights" in values:
            values["weights"] = tuple(values["weights"])
        return PlanQuestion(
            kpi=_kpi(values),
            campaign=campaign,
            guardrails=tuple(_guarded(each, index) for index, each in enumerate(given)),
            **values,
        )


def _guarded(values: Values, index: int) -> PlannedKpi:
    with inside(f"guardrails.{index}"):
        own = {name: values.pop(name) for name in ("worse", "margin") if name in values}
        return _kpi(values, **own)


def _kpi(values: Values, **others: Any) -> PlannedKpi:
    """The fields of a KPI, taken out of the body."""
    moments: dict[str, Decimal] = {n: values.pop(n) for n in _MOMENTS if n in values}
    reading = {name: values.pop(name) for name in _KPI if name in values}
    return PlannedKpi(value=values.pop("baseline", None), moments=moments, **reading, **others)
