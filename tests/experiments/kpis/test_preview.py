from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.kpis.preview import Preview, PreviewRequest, PreviewsKpi
from tests.experiments.kpis.documents import open_rate

AS_OF = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"months": 2}, "months"),
        ({"months": 7}, "months"),
        ({"period": "year"}, "period"),
        ({"as_of": datetime(2025, 6, 1)}, "as_of"),  # noqa: DTZ001 - the refusal is tested
    ],
)
def test_a_past_that_cannot_be_asked_for_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        replace(PreviewRequest(1, open_rate(), AS_OF), **changes)
    assert refusal.value.field == field


def test_whoever_measures_answers_with_a_preview() -> None:
    def nothing_yet(request: PreviewRequest) -> Preview:
        return Preview((), None, None, {}, {}, position=request.project_id, sql="")

    preview: PreviewsKpi = nothing_yet
    assert preview(PreviewRequest(7, open_rate(), AS_OF)).position == 7
