"""What a holdout is held against."""

from marshmallow import RAISE, Schema, fields


class HoldoutQuerySchema(Schema):
    """Which KPI, over which time."""

    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    kpi = fields.String(required=True, metadata={"description": "A rate, or a mean per customer."})
    since = fields.AwareDateTime(
        load_default=None, metadata={"description": "When the holdout began, if absent."}
    )
    until = fields.AwareDateTime(
        load_default=None, metadata={"description": "Now, or when the holdout ended, if absent."}
    )
