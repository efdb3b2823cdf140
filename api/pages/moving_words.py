"""What is said of two KPIs that may move together: over time, and across past tests."""

from collections.abc import Sequence

from api.i18n import current_language, gettext, ngettext
from api.pages.figures import Figures
from api.pages.labels import marked
from experiments.kpis.document import KpiDocument
from experiments.reporting.pictures.layout import step_within
from experiments.tracking.correlations import (
    FEWEST_PAIRS,
    FEWEST_TESTS,
    NO_VARIATION,
    TOO_FEW,
    Correlation,
    Foretelling,
    LagCorrelation,
)

SAME_TIME = {
    "day": marked("on the same day"),
    "week": marked("in the same week"),
    "month": marked("in the same month"),
    "quarter": marked("in the same quarter"),
}
LEFT_OUT = {
    "not_final": marked("not at its end, or customers' windows were open"),
    "withheld": marked("its results are withheld"),
    "no_comparison": marked("not both KPIs could be compared"),
}
# Below this the errors of the leading lifts blur the relation a good deal.
_RELIABLE = 0.8


def name_of(document: KpiDocument) -> str:
    """The KPI's short name in the reader's language."""
    return (document.short_name or document.name).in_language(current_language())


def long(number: int, period: str) -> str:
    """So many periods."""
    match period:
        case "day":
            said = ngettext("%(number)s day", "%(number)s days", number)
        case "week":
            said = ngettext("%(number)s week", "%(number)s weeks", number)
        case "month":
            said = ngettext("%(number)s month", "%(number)s months", number)
        case _:
            said = ngettext("%(number)s quarter", "%(number)s quarters", number)
    return said % {"number": number}


def together_said(first: KpiDocument, second: KpiDocument, found: Correlation) -> list[str]:
    """Whether they moved together, in one or two sentences."""
    if found.gap is not None:
        return [_gap_said(found)]
    if found.strongest is None:
        told = gettext(
            "No relation is shown: up to %(reach)s apart, the two went together no more than "
            "chance would have it."
        )
        return [told % {"reach": long(max(each.lag for each in found.lags), found.period)}]
    return [_relation_said(first, second, found, found.strongest), _size_said(found)]


def _gap_said(found: Correlation) -> str:
    if found.gap == TOO_FEW:
        told = gettext(
            "Not enough is known yet: both KPIs have steps from one whole period to the next in "
            "%(pairs)s, and at least %(fewest)s are needed."
        )
        fewest = long(FEWEST_PAIRS, found.period)
        return told % {"pairs": long(found.pairs, found.period), "fewest": fewest}
    return gettext("One of the two does not vary, so that nothing can be seen to move with it.")


def _relation_said(
    first: KpiDocument, second: KpiDocument, found: Correlation, strongest: LagCorrelation
) -> str:
    rising = gettext(
        "When “%(first)s” rose more than usual, “%(second)s” tended to rise too, %(when)s."
    )
    falling = gettext(
        "When “%(first)s” rose more than usual, “%(second)s” tended to fall, %(when)s."
    )
    ahead, behind = (first, second) if strongest.lag >= 0 else (second, first)
    return (rising if (strongest.correlation or 0.0) > 0 else falling) % {
        "first": name_of(ahead),
        "second": name_of(behind),
        "when": _when(abs(strongest.lag), found.period),
    }


def _when(lag: int, period: str) -> str:
    if lag == 0:
        return gettext(SAME_TIME[period])
    return gettext("%(time)s later") % {"time": long(lag, period)}


def _size_said(found: Correlation) -> str:
    strongest = found.strongest
    assert strongest is not None  # noqa: S101 - narrows a type: asked for only where there is one
    lower, upper = strongest.interval or (-1.0, 1.0)
    told = gettext(
        "The correlation is %(value)s (%(lower)s to %(upper)s, allowing for chance), seen in "
        "%(pairs)s."
    )
    return told % {
        "value": written(strongest.correlation),
        "lower": written(lower),
        "upper": written(upper),
        "pairs": long(strongest.pairs, found.period),
    }


def written(correlation: float | None) -> str:
    """A correlation, with its sign.

    Examples:
        >>> written(-0.618), written(None)
        ('−0.62', '–')
    """
    return "–" if correlation is None else f"{correlation:+.2f}".replace("-", "−")


def lag_said(lag: int, period: str) -> str:
    """Where a lag stands in words: the second KPI so much later, or earlier."""
    if lag == 0:
        return gettext(SAME_TIME[period])
    time = long(abs(lag), period)
    told = gettext("%(time)s later") if lag > 0 else gettext("%(time)s earlier")
    return told % {"time": time}


def past_said(
    leading: KpiDocument, lagging: KpiDocument, found: Foretelling, figures: Figures
) -> list[str]:
    """Whether lifts of the one foretold those of the other, in a few sentences."""
    if found.gap is not None:
        return [_past_gap_said(found)]
    said = [_slope_said(leading, lagging, found, figures), _direction_said(found)]
    if found.reliability is not None and found.reliability < _RELIABLE:
        told = gettext(
            "The lifts of “%(leading)s” are uncertain themselves: about %(share)s of their spread "
            "is more than chance. That makes a relation look weaker than it is."
        )
        share = figures.share(found.reliability)
        said.append(told % {"leading": name_of(leading), "share": share})
    return said


def _past_gap_said(found: Foretelling) -> str:
    if found.gap == NO_VARIATION:
        return gettext("The lifts of the leading KPI are all the same: no line can be drawn.")
    told = gettext(
        "Ended tests that can tell of both KPIs: %(number)s. At least %(fewest)s are needed for a "
        "line through them."
    )
    return told % {"number": len(found.tests), "fewest": FEWEST_TESTS}


def _slope_said(
    leading: KpiDocument, lagging: KpiDocument, found: Foretelling, figures: Figures
) -> str:
    slope, (lower, upper) = found.slope or 0.0, found.interval or (0.0, 0.0)
    step = usual_step([each.leading for each in found.tests])
    change, between = figures.scale(lagging).of_differences.signed_with_range(
        slope * step, lower * step, upper * step
    )
    more = gettext(
        "In %(number)s past tests, a larger lift of “%(leading)s” went with a larger lift of "
        "“%(lagging)s”: for %(step)s of the one, %(change)s of the other (%(between)s, allowing "
        "for chance)."
    )
    less = gettext(
        "In %(number)s past tests, a larger lift of “%(leading)s” went with a smaller lift of "
        "“%(lagging)s”: for %(step)s of the one, %(change)s of the other (%(between)s, allowing "
        "for chance)."
    )
    none = gettext(
        "In %(number)s past tests, the lift of “%(leading)s” is not shown to have foretold that "
        "of “%(lagging)s”: for %(step)s of the one, %(change)s of the other (%(between)s, "
        "allowing for chance)."
    )
    return (none if not found.shown else more if slope > 0 else less) % {
        "number": len(found.tests),
        "leading": name_of(leading),
        "lagging": name_of(lagging),
        "step": figures.scale(leading).of_differences.signed(step)[0],
        "change": change,
        "between": between,
    }


def _direction_said(found: Foretelling) -> str:
    told = gettext("Both went the same way in %(same)s of %(number)s tests.")
    return told % {"same": found.same_direction, "number": len(found.tests)}


def usual_step(lifts: Sequence[float]) -> float:
    """A round lift of the size that tests had.

    Examples:
        >>> usual_step([0.012, -0.027, 0.004])
        0.01
    """
    middle = sorted(abs(each) for each in lifts)[len(lifts) // 2]
    return step_within(middle) if middle else 1.0
