"""Cohort and D+N tables: of those who began in a period, who came back when."""

from typing import Any

from marshmallow import RAISE

from api.auth import allow
from api.contract import Blueprint
from api.exploring import cohorts_of
from api.schemas.cohorts import CohortQuerySchema, CohortTableSchema
from api.schemas.explored import told_cohorts
from experiments.errors import Invalid

blueprint = Blueprint("cohorts", __name__, url_prefix="/api/v1")
_LONGEST = 4


@blueprint.get("/cohorts")
@allow(scope="read", role="viewer")
@blueprint.arguments(CohortQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, CohortTableSchema)
def table(query: dict[str, Any]) -> dict[str, Any]:
    """Say who came back, by cohort and local calendar days (D+N) or months later.

    A cell of customers who have not had the whole day or month yet is blank, with the reason.
    422 naming the parameter that does not fit.
    """
    return told_cohorts(cohorts_of(query | {"numbers": numbers_of(query["numbers"])}))


def numbers_of(text: str | None) -> tuple[int, ...]:
    """Whole numbers with commas between.

    Raises:
        Invalid: Naming ``numbers``.

    Examples:
        >>> numbers_of("1, 3,7")
        (1, 3, 7)
    """
    if not text:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and len(part) <= _LONGEST for part in parts):
        raise Invalid(field="numbers", expected="whole numbers with commas", got=text[:60])
    return tuple(map(int, parts))
