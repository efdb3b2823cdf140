"""docs/kpis.md says what the code does."""

from pathlib import Path

import pytest

from experiments.kpis.kinds import KINDS, KpiKind
from experiments.registry.channels import REPORTS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "kpis.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]


def row_of(name: str) -> list[str]:
    """Cells of the row whose first cell names it."""
    return next(cells for cells in ROWS if f"`{name}`" in cells[0])


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_every_kind_has_its_row(kind: KpiKind) -> None:
    _, _, values, units, primary = row_of(kind.key)
    assert set(values.replace("`", "").split(", ")) == kind.values
    assert set(units.replace("`", "").split(", ")) == kind.units_of_measure
    assert (primary == "yes") is kind.can_be_primary


@pytest.mark.parametrize("channel", REPORTS)
def test_every_channel_has_its_row(channel: str) -> None:
    said = row_of(channel)[1].replace(" on a tagged link", "")
    assert set(said.split(", ")) == REPORTS[channel]
