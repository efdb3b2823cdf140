"""The figures of a test, as a question to the analysis."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from marshmallow import fields, post_load, validate

from api.schemas.exact import BothLanguages, Flag, Number, StrictSchema, inside
from api.schemas.experiments import GoalTargetSchema
from experiments.calculators.figures import KINDS
from experiments.calculators.question import AnalysisQuestion
from experiments.errors import Invalid
from experiments.registry.experiment import GoalTarget, Plan, Variant
from experiments.registry.variants import MOST_VARIANTS

Values = dict[str, Any]
_FIGURES = tuple(dict.fromkeys(name for kind in KINDS.values() for name in kind.figures))
_PLAN = ("alpha", "power", "correction", "units_planned")


class CountedVariantSchema(StrictSchema):
    """One variant and its figures; which ones depends on the kind of KPI."""

    key = fields.String(metadata={"description": "a, b, c ... where absent."})
    name = fields.String(metadata={"description": "The key where absent."})
    control = Flag(metadata={"description": "The first variant is the control if none is."})
    weight = Number(metadata={"description": "Planned share; equal shares where absent."})
    units = fields.Integer(strict=True, metadata={"description": "Customers analysed."})
    successes = fields.Integer(strict=True, metadata={"description": "proportion."})
    mean = Number(metadata={"description": "mean: per customer, those with 0 included."})
    variance = Number(metadata={"description": "mean: sample variance (divisor n - 1)."})
    numerator_mean = Number(metadata={"description": "ratio: per customer."})
    numerator_variance = Number(metadata={"description": "ratio."})
    denominator_mean = Number(metadata={"description": "ratio: per customer."})
    denominator_variance = Number(metadata={"description": "ratio."})
    covariance = Number(metadata={"description": "ratio: of numerator and denominator."})
    promoters = fields.Integer(strict=True, metadata={"description": "score: answers 9 and 10."})
    passives = fields.Integer(strict=True, metadata={"description": "score: answers 7 and 8."})
    detractors = fields.Integer(strict=True, metadata={"description": "score: answers 0 to 6."})


class AnalysisQuestionSchema(StrictSchema):
    """A test of which only the figures are known."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(KINDS)))
    variants = fields.List(
        fields.Nested(CountedVariantSchema),
        required=True,
        validate=validate.Length(min=2, max=MOST_VARIANTS),
    )
    name = BothLanguages()
    unit_of_measure = fields.String()
    currency = fields.String(allow_none=True)
    direction = fields.String(metadata={"description": "up or down is better."})
    purpose = fields.String(metadata={"description": "learn or choose."})
    alpha = Number(metadata={"description": "Two-sided error rate, 0.05 where absent."})
    power = Number(metadata={"description": "For the customers still needed, 0.8 where absent."})
    correction = fields.String(metadata={"description": "dunnett or none."})
    finished = Flag(
        metadata={"description": "false: the test still runs; only what always holds is told."}
    )
    units_planned = fields.Integer(
        strict=True, metadata={"description": "Of all variants together, while it runs."}
    )
    minimum_effect = Number(metadata={"description": "In the KPI's own unit."})
    target = fields.Nested(GoalTargetSchema)
    margin = Number(metadata={"description": "Makes the KPI a guardrail with this limit."})
    check_split = Flag(metadata={"description": "false: units need not follow the weights."})

    second_lens = Flag(
        metadata={"description": "true: posterior chances and the lift to expect, beside it."}
    )

    @post_load
    def make(self, values: Values, **_: Any) -> AnalysisQuestion:
        """The question, checked; a refusal names its full path."""
        given = values.pop("variants")
        figures = tuple({name: each[name] for name in _FIGURES if name in each} for each in given)
        target = values.pop("target", None)
        plan = {name: values.pop(name) for name in _PLAN if name in values}
        with _unprefixed("plan."):
            return AnalysisQuestion(
                variants=_variants(given),
                figures=figures,
                plan=Plan(**plan),
                target=GoalTarget(**target) if target else None,
                **values,
            )


@contextmanager
def _unprefixed(prefix: str) -> Iterator[None]:
    """Name a field as the body does, where the domain keeps it one level deeper."""
    try:
        yield
    except Invalid as refusal:
        refusal.field = refusal.field and refusal.field.removeprefix(prefix)
        raise


def _variants(given: list[Values]) -> tuple[Variant, ...]:
    """The variants with what was left out: keys, names, equal weights, the first as control."""
    weights = [each.get("weight") for each in given]
    if any(weight is None for weight in weights) and any(weight is not None for weight in weights):
        raise Invalid(
            field=f"variants.{weights.index(None)}.weight",
            expected="a weight for every variant, or for none",
            got=None,
        )
    equal = Decimal(1) / len(given)
    marked = any(each.get("control") for each in given)
    return tuple(
        _variant(index, each, weights[index] or equal, marked or index > 0)
        for index, each in enumerate(given)
    )


def _variant(index: int, given: Values, weight: Decimal, by_mark: bool) -> Variant:
    key = given.get("key", _key(index))
    control = given.get("control", False) if by_mark else True
    with inside(f"variants.{index}"):
        return Variant(key, given.get("name", key.upper()), weight, control=control)


def _key(index: int) -> str:
    """a, b, ... z, v27, v28."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[index] if index < len(letters) else f"v{index + 1}"
