"""The data frame: numbers as numbers, what is missing as missing."""

import pandas as pd

from experiments.reporting.report import State
from tests.experiments.reporting.factories import example


def test_a_report_becomes_a_data_frame() -> None:
    report = example(State.WIN)
    frame = report.to_frame()
    opens = frame.query("kpi == 'human_open' and figure == 'value'").set_index("variant")
    assert opens.loc["b", "value"] == report.goals[0].arms[1].value
    assert opens.loc["a", "control"]
    missing = frame[frame["value"].isna() & frame["text"].isna()]
    assert missing["reason"].notna().all()
    assert frame["as_of"].unique() == [pd.Timestamp(report.as_of)]


def test_differences_can_be_put_side_by_side() -> None:
    frame = example(State.WIN).to_frame("ko")
    wide = frame.pivot_table(index="kpi_name", columns="figure", values="value", aggfunc="last")
    assert {"difference", "difference_lower", "difference_upper"} <= set(wide.columns)
    assert "오픈율" in wide.index
