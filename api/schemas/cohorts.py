"""Cohort tables: what is asked, and what is answered."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from api.schemas.moments import MomentSchema, told
from experiments.tracking.cohorts import COHORTS, UNITS


class CohortQuerySchema(MomentSchema):
    """Which table."""

    base = fields.String(required=True, metadata=told("Type of event that starts a customer."))
    back = fields.String(required=True, metadata=told("Type of event that is a return."))
    cohort = fields.String(validate=OneOf(COHORTS), load_default="week")
    unit = fields.String(validate=OneOf(UNITS), load_default="day")
    numbers = fields.String(
        load_default=None, metadata=told("With commas; 1,3,7,30 days or 1 to 6 months.")
    )
    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)


class CohortCellSchema(Schema):
    """One cohort, so many days or months later."""

    number = fields.Integer()
    customers = fields.Integer()
    returned = fields.Integer()
    waiting = fields.Integer()
    rate = fields.Float(allow_none=True)
    gap = fields.String(allow_none=True, metadata=told("immature or nobody: why it is blank."))
    whole_on = fields.Date(allow_none=True)


class CohortRowSchema(Schema):
    """A cohort."""

    starts_on = fields.Date(allow_none=True)
    customers = fields.Integer()
    cells = fields.List(fields.Nested(CohortCellSchema))


class CohortTableSchema(Schema):
    """Who came back, of those who began in each period."""

    base = fields.String()
    back = fields.String()
    cohort = fields.String()
    unit = fields.String()
    rows = fields.List(fields.Nested(CohortRowSchema))
    whole = fields.Nested(CohortRowSchema)
    as_of = fields.AwareDateTime()
    position = fields.Integer()
    sql = fields.String()
