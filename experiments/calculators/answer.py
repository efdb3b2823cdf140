"""An analysis as it is answered: the document, with the second lens where it was asked for."""

from typing import Any

from experiments.calculators.analysis import Analysis, analysis_document
from experiments.calculators.second_lens import second_lens


def analysis_answer(found: Analysis) -> dict[str, Any]:
    """Values, sentences in both languages, and, on request, what to believe besides."""
    document = analysis_document(found)
    if found.question.second_lens:
        document["second_lens"] = second_lens(found)
    return document
