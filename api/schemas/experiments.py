"""Experiments: the draft as sent, the experiment as answered, a decision as taken."""

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, post_load, pre_dump
from marshmallow.validate import OneOf

from api.i18n import gettext
from api.paging import PageSchema
from api.schemas.audience import (
    AudienceSchema,
    ContactCapSchema,
    CoolDownSchema,
    LayerSlotsSchema,
)
from api.schemas.exact import AnyJson, Flag, Number, StrictSchema, inside
from api.schemas.sending import SendTimeSchema
from experiments.decisions.decision import Reason
from experiments.korean.particles import filled
from experiments.registry.experiment import (
    STATES,
    Adaptive,
    Experiment,
    ExperimentDraft,
    GoalTarget,
    KpiGoal,
    Plan,
    Schedule,
    Variant,
)
from experiments.registry.preflight import StartWarning
from experiments.registry.send_times import SendTime

Values = dict[str, Any]


class VariantSchema(StrictSchema):
    """One arm."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    weight = Number(required=True, metadata={"description": "Planned share, a fraction."})
    control = Flag()
    no_message = Flag(metadata={"description": "Customers of this arm are left alone."})
    payload = AnyJson(
        allow_none=True, metadata={"description": "What an app gets; any JSON value."}
    )
    send_at = fields.Nested(SendTimeSchema, allow_none=True)


class GoalTargetSchema(StrictSchema):
    """What a variant's KPI should reach."""

    value = Number(required=True)
    relative = Flag(metadata={"description": "Whether it is growth over the control."})


class KpiGoalSchema(StrictSchema):
    """A KPI in its role in the experiment."""

    kpi = fields.String(required=True, metadata={"description": "Key of a KPI."})
    role = fields.String(
        required=True, metadata={"description": "primary, secondary or guardrail."}
    )
    minimum_effect = Number(allow_none=True)
    target = fields.Nested(GoalTargetSchema, allow_none=True)
    margin = Number(allow_none=True, metadata={"description": "Guardrails: harmless harm."})


class PlanSchema(StrictSchema):
    """Error rates and looks, fixed before the data."""

    alpha = Number()
    power = Number()
    looks = fields.Integer(strict=True)
    window_hours = fields.Integer(strict=True, allow_none=True)
    correction = fields.String()
    units_planned = fields.Integer(strict=True, allow_none=True)

    @post_load
    def make(self, values: Values, **_: Any) -> Plan:
        """The plan, checked."""
        return Plan(**values)


class ScheduleSchema(StrictSchema):
    """When the test is meant to open and to close."""

    starts_at = fields.AwareDateTime(allow_none=True)
    ends_at = fields.AwareDateTime(allow_none=True)

    @post_load
    def make(self, values: Values, **_: Any) -> Schedule:
        """The schedule, checked."""
        return Schedule(**values)


class AdaptiveSchema(StrictSchema):
    """How the shares follow the results while the test runs."""

    method = fields.String(metadata={"description": "thompson."})
    floor = Number(metadata={"description": "Least share of a variant; 0.1 where absent."})
    batch = fields.String(metadata={"description": "How long shares stay: day or week."})

    @post_load
    def make(self, values: Values, **_: Any) -> Adaptive:
        """The option, checked."""
        return Adaptive(**values)


class ExperimentDraftSchema(StrictSchema):
    """An experiment, as registered."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    hypothesis = fields.String()
    anchor = fields.String(
        required=True, metadata={"description": "assignment, trigger, planned_send or sent."}
    )
    shape = fields.String(
        required=True,
        metadata={"description": "one_blast, test_then_rest, triggered or recurring."},
    )
    purpose = fields.String(metadata={"description": "learn or choose."})
    channels = fields.List(fields.String(), required=True)
    element = fields.String()
    allocation = fields.String(metadata={"description": "truelift or external."})
    coverage = Number()
    seed = fields.String(allow_none=True)
    hash_attribute = fields.String(
        metadata={"description": "Whose value decides the variant; id is the unit itself."}
    )
    audience = fields.Nested(AudienceSchema)
    layer = fields.Nested(LayerSlotsSchema, allow_none=True)
    contact_cap = fields.Nested(ContactCapSchema, allow_none=True)
    cool_down = fields.Nested(CoolDownSchema, allow_none=True)
    advertising = Flag(metadata={"description": "Whether the messages are advertising."})
    night_consent = Flag(
        metadata={"description": "Whether everybody agreed to advertising at night."}
    )
    time_zone_attribute = fields.String(
        allow_none=True, metadata={"description": "Which attribute names a customer's zone."}
    )
    adaptive = fields.Nested(
        AdaptiveSchema,
        allow_none=True,
        metadata={"description": "Shares that follow the results; null: they stay."},
    )
    variants = fields.List(fields.Nested(VariantSchema), required=True)
    goals = fields.List(fields.Nested(KpiGoalSchema))
    plan = fields.Nested(PlanSchema)
    schedule = fields.Nested(ScheduleSchema)
    owner = fields.String(allow_none=True)
    tags = fields.List(fields.String())

    @post_load
    def make(self, values: Values, **_: Any) -> ExperimentDraft:
        """The draft, checked; a refusal names its full path."""
        parts = {
            "channels": tuple(values["channels"]),
            "tags": tuple(values.get("tags", ())),
            "variants": tuple(
                _variant(each, f"variants.{index}") for index, each in enumerate(values["variants"])
            ),
            "goals": tuple(
                _goal(each, f"goals.{index}") for index, each in enumerate(values.get("goals", ()))
            ),
        }
        return ExperimentDraft(**values | parts)


def _variant(values: Values, path: str) -> Variant:
    with inside(f"{path}.send_at"):
        given = values.pop("send_at", None)
        send_at = SendTime(**given) if given else None
    with inside(path):
        return Variant(**values, send_at=send_at)


def _goal(values: Values, path: str) -> KpiGoal:
    with inside(path):
        target = values.pop("target", None)
        return KpiGoal(**values, target=GoalTarget(**target) if target else None)


class BucketRangeSchema(Schema):
    """Buckets of a variant, of 10,000."""

    variant = fields.String()
    start = fields.Integer(metadata={"description": "First bucket."})
    end = fields.Integer(metadata={"description": "Bucket after the last."})


class PhaseSchema(Schema):
    """A stretch of a test under one allocation."""

    number = fields.Integer()
    seed = fields.String()
    ranges = fields.List(fields.Nested(BucketRangeSchema))
    weights = fields.Dict(keys=fields.String(), values=Number(), allow_none=True)
    coverage = Number(allow_none=True)
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)


class DecisionSchema(Schema):
    """What was decided, and the three lines that say why."""

    variant = fields.String(allow_none=True)
    saw = fields.String(attribute="reason.saw")
    why = fields.String(attribute="reason.why")
    next = fields.String(attribute="reason.next")
    decided_by = fields.String()
    decided_at = fields.AwareDateTime()


class ExperimentSchema(ExperimentDraftSchema):
    """An experiment, as answered."""

    state = fields.String()
    revision = fields.Integer()
    kpi_versions = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        allow_none=True,
        metadata={"description": "Version of each KPI, fixed at the start."},
    )
    phases = fields.List(fields.Nested(PhaseSchema))
    decision = fields.Nested(DecisionSchema, allow_none=True)
    created_at = fields.AwareDateTime()
    created_by = fields.String()
    updated_at = fields.AwareDateTime()
    started_at = fields.AwareDateTime(allow_none=True)
    stopped_at = fields.AwareDateTime(allow_none=True)
    slots_released_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When it gave its layer's slots back."}
    )

    @pre_dump
    def flatten(self, experiment: Experiment, **_: Any) -> Values:
        """The draft's fields beside the experiment's own."""
        return vars(experiment.draft) | vars(experiment)


class WarningSchema(Schema):
    """Something amber."""

    code = fields.String()
    field = fields.String()
    message = fields.Function(lambda warning: filled(gettext(warning.template), warning.params))


class ExperimentInFullSchema(ExperimentSchema):
    """An experiment with what is amber about it."""

    warnings = fields.List(fields.Nested(WarningSchema))


class ExperimentListSchema(Schema):
    """A page of experiments."""

    items = fields.List(fields.Nested(ExperimentSchema))
    next = fields.String(allow_none=True)


class ExperimentPageSchema(PageSchema):
    """The query of the list of experiments."""

    state = fields.List(
        fields.String(validate=OneOf(STATES)),
        metadata={"description": "Only in this state; may be given several times."},
    )


@dataclass(frozen=True)
class Choice:
    """A decision as a caller sends it."""

    variant: str | None
    reason: Reason


class ChoiceSchema(StrictSchema):
    """The variant that goes out, and the three lines that say why."""

    variant = fields.String(
        required=True, allow_none=True, metadata={"description": "null: nothing changes."}
    )
    saw = fields.String(required=True, metadata={"description": "What we saw."})
    why = fields.String(required=True, metadata={"description": "Why we think so."})
    next = fields.String(required=True, metadata={"description": "What we do next."})

    @post_load
    def make(self, values: Values, **_: Any) -> Choice:
        """The decision, its lines checked."""
        return Choice(values.pop("variant"), Reason(**values))


def in_full(experiment: Experiment, warnings: list[StartWarning]) -> Values:
    """The experiment as :class:`ExperimentInFullSchema` describes it."""
    body: Values = ExperimentSchema().dump(experiment)
    return body | {"warnings": WarningSchema(many=True).dump(warnings)}
