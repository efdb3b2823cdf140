"""Changes of a running test: its allocation, and its testers."""

from typing import Any

from marshmallow import Schema, fields, post_load

from api.schemas.exact import Flag, Number, StrictSchema
from api.schemas.experiments import BucketRangeSchema
from experiments.registry.allocation import Reallocation, WantedAllocation

Values = dict[str, Any]


class ReallocationRequestSchema(StrictSchema):
    """A change of weights, of coverage or of both; what is left out stays as it is."""

    weights = fields.Dict(
        keys=fields.String(),
        values=Number(),
        metadata={"description": "Share of every variant by key; 0 takes one out."},
    )
    coverage = Number(metadata={"description": "Of customers that take part; never less."})
    dry_run = Flag(load_default=False, metadata={"description": "Only say what it would do."})

    @post_load
    def make(self, values: Values, **_: Any) -> tuple[WantedAllocation, bool]:
        """The change, checked, and whether it is only asked about."""
        dry_run = values.pop("dry_run")
        return WantedAllocation(**values), dry_run


class VariantChangeSchema(Schema):
    """Buckets of one variant, of 10,000."""

    variant = fields.String()
    before = fields.Integer()
    after = fields.Integer()
    gained = fields.Integer(metadata={"description": "Taken over from other variants."})
    lost = fields.Integer(metadata={"description": "Given up to other variants."})


class ExposedMoveSchema(Schema):
    """Customers met so far who get another variant from now on."""

    before = fields.String()
    after = fields.String()
    units = fields.Integer()


class ReallocationSchema(Schema):
    """What a change does, or would do."""

    experiment = fields.String()
    dry_run = fields.Boolean()
    phase = fields.Integer(metadata={"description": "That it opens."})
    weights = fields.Dict(keys=fields.String(), values=Number())
    coverage = Number()
    buckets_moved = fields.Integer()
    share_moved = Number(
        metadata={"description": "Of all customers, those in the test who change variants."}
    )
    buckets_added = fields.Integer()
    variants = fields.List(fields.Nested(VariantChangeSchema))
    ranges = fields.List(fields.Nested(BucketRangeSchema))
    exposed = fields.Integer(metadata={"description": "Customers met so far."})
    exposed_moving = fields.Integer(
        allow_none=True,
        metadata={"description": "Of these, who change; null where the ids alone do not say."},
    )
    exposed_moves = fields.List(fields.Nested(ExposedMoveSchema), allow_none=True)


class OverridesSchema(StrictSchema):
    """The variant of each tester, by unit id; all of them, up to 1,000."""

    overrides = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


def told(key: str, planned: Reallocation, *, dry_run: bool) -> Values:
    """What a change does, as :class:`ReallocationSchema` describes it."""
    moves = planned.exposed_moves
    body: Values = ReallocationSchema().dump(
        {
            **vars(planned),
            "experiment": key,
            "dry_run": dry_run,
            "weights": planned.allocation.weights,
            "coverage": planned.allocation.coverage,
            "buckets_moved": planned.moves.buckets_moved,
            "share_moved": planned.share_moved,
            "buckets_added": sum(planned.moves.added.values()),
            "exposed_moving": None if moves is None else sum(each.units for each in moves),
        }
    )
    return body
