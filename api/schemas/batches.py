"""Batches of a test whose shares follow its results."""

from typing import Any

from marshmallow import Schema, fields

from api.schemas.exact import Flag, Number, StrictSchema
from api.schemas.experiments import AdaptiveSchema
from experiments.assignment.reallocation import Moves
from experiments.registry.batches import Batch
from experiments.registry.experiment import Experiment

Values = dict[str, Any]


class BatchRequestSchema(StrictSchema):
    """Open the next batch, or ask what it would be."""

    dry_run = Flag(load_default=False, metadata={"description": "Only say what it would be."})


class BatchSchema(Schema):
    """A batch: a phase of the allocation, and why its shares are what they are."""

    number = fields.Integer(metadata={"description": "Of the phase that it is."})
    opened_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    method = fields.String(
        allow_none=True, metadata={"description": "null: the registered weights."}
    )
    floor = Number(metadata={"description": "Least share of a variant."})
    propensities = fields.Dict(
        keys=fields.String(),
        values=Number(),
        metadata={"description": "Chance of a customer to get each variant; they sum to 1."},
    )
    best = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        allow_none=True,
        metadata={"description": "Chance of each variant to be the best, by the batches before."},
    )
    units = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "Customers that this rests on; their windows had closed."},
    )
    stayed = fields.String(
        allow_none=True,
        metadata={
            "description": "Why the shares stayed: no_closed_windows, not_enough_data or "
            "split_broken; null where they follow the results."
        },
    )
    as_of = fields.AwareDateTime(allow_none=True)
    ledger_position = fields.Integer(allow_none=True)


class NewBatchSchema(Schema):
    """The next batch, opened or asked about."""

    experiment = fields.String()
    dry_run = fields.Boolean()
    batch = fields.Nested(BatchSchema)
    buckets_moved = fields.Integer(
        metadata={"description": "Of 10,000: customers to come who get another variant by it."}
    )


class BatchListSchema(Schema):
    """The batches of a test, and when the next one may open."""

    experiment = fields.String()
    adaptive = fields.Nested(AdaptiveSchema, allow_none=True)
    next_opens_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "null unless the test runs in batches."}
    )
    batches = fields.List(fields.Nested(BatchSchema))


def told(experiment: Experiment, batch: Batch) -> Values:
    """The batch with the times of its phase; of one that is only planned there are none."""
    phase = next((each for each in experiment.phases if each.number == batch.number), None)
    times = {
        "opened_at": None if phase is None else phase.started_at,
        "ended_at": None if phase is None else phase.ended_at,
    }
    return vars(batch) | times


def new_batch(experiment: Experiment, batch: Batch, moves: Moves, *, dry_run: bool) -> Values:
    """What a batch does, as :class:`NewBatchSchema` describes it."""
    body: Values = NewBatchSchema().dump(
        {
            "experiment": experiment.key,
            "dry_run": dry_run,
            "batch": told(experiment, batch),
            "buckets_moved": moves.buckets_moved,
        }
    )
    return body
