"""What a calculator answers, as plain text for a terminal."""

from experiments.calculators.analysis import Analysis
from experiments.reporting.text import render_summary


def analysis_text(found: Analysis, language: str) -> str:
    """The analysis in lines of at most 100 columns.

    Args:
        found: As analysed.
        language: ``ko``, or anything else for English.
    """
    return render_summary(found.report, found.said(language), language)
