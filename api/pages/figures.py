"""Numbers and times of the pages, as the person who looks reads them."""

from api.auth import caller
from api.i18n import current_language
from experiments.reporting.figures import Figures, lift_of

__all__ = ["Figures", "lift_of", "reader_figures"]


def reader_figures() -> Figures:
    """Those of the person who looks."""
    return Figures(current_language(), caller().project.time_zone)
