"""``truelift sample`` writes what is committed, and more if it is asked."""

from pathlib import Path

from click.testing import CliRunner

from api.cli import main

EXTRACTS = Path(__file__).resolve().parents[2] / "sample_data"


def test_it_writes_what_is_shipped(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["sample", str(tmp_path), "--scenario", "coupon"])
    assert (answer.exit_code, answer.output) == (0, f"{tmp_path / 'coupon'}: 2000 customers\n")
    for path in (EXTRACTS / "coupon").iterdir():
        assert (tmp_path / "coupon" / path.name).read_bytes() == path.read_bytes()


def test_it_writes_the_full_size(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["sample", "--full", str(tmp_path), "--scenario", "coupon"])
    assert "60000 customers" in answer.output
    rows = (tmp_path / "coupon" / "customers.csv").read_text(encoding="utf-8").count("\n")
    assert rows == 60_001


def test_an_unknown_scenario_is_refused_by_name(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["sample", str(tmp_path), "--scenario", "spring"])
    assert answer.exit_code == 2
    assert "no scenario 'spring'; there are broken_split, " in answer.output
