"""A KPI over time in words: its levels, its pace, its forecast, its periods."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from api.i18n import gettext
from api.pages.figures import Figures
from api.pages.labels import marked
from experiments.kpis.document import KpiDocument
from experiments.tracking.forecast import Forecast

if TYPE_CHECKING:
    from experiments.tracking.tracked import Outlook

HAPPENED = {
    "campaign": marked("Campaign"),
    "holiday": marked("Holiday"),
    "price": marked("Price"),
    "outage": marked("Outage"),
    "other": marked("Something else"),
    "test_started": marked("Test started"),
    "test_stopped": marked("Test ended"),
}
PARTS = {
    "level": marked("the recent level"),
    "trend": marked("a trend"),
    "weekday": marked("weekdays"),
    "holidays": marked("holidays"),
    "campaigns": marked("campaigns"),
    "outages_left_out": marked("without the outages noted"),
}
GAPS = {
    "too_little_history": marked("There is too little past for a forecast."),
    "too_far": marked("That is further ahead than the past reaches back: no forecast."),
    "nothing_to_come": marked("Nothing is left to forecast: the day has come."),
    "does_not_vary": marked("The past does not vary: there is nothing to learn a range from."),
}
PERIOD_NAMES = {
    "day": marked("by day"),
    "week": marked("by week"),
    "month": marked("by month"),
    "quarter": marked("by quarter"),
}
CERTAIN = {
    "yes": marked("yes, allowing for chance too"),
    "no": marked("no, allowing for chance too"),
    "unclear": marked("not certain"),
}


@dataclass(frozen=True)
class Row:
    """One level of the target, in words."""

    name: str
    value: str
    due: str
    reached: str
    tone: str
    holds: str
    expected: str


def between_said(document: KpiDocument, found: "Outlook", figures: Figures) -> str:
    """The range of the actual; nothing where there is none."""
    ends = found.series.between
    if ends is None or ends[0] is None or ends[1] is None:
        return ""
    return figures.scale(document).values_between((float(ends[0]), float(ends[1])))[0]


def level_rows(document: KpiDocument, found: "Outlook", figures: Figures) -> Iterator[Row]:
    """The levels of the target."""
    names = {
        "realistic": gettext("Target"),
        "bold": gettext("Bold target"),
        "milestone": gettext("Milestone"),
    }
    for each in found.standing.levels if found.standing else ():
        reached = {True: gettext("reached"), False: gettext("not reached"), None: "–"}
        yield Row(
            name=names[each.level],
            value=figures.value(document, each.value),
            due="–" if each.due_on is None else figures.day(each.due_on),
            reached=reached[each.reached],
            tone={True: "good", False: "caution", None: ""}[each.reached],
            holds=gettext(CERTAIN[each.holds]) if each.holds else "–",
            expected=gettext(CERTAIN[each.expected]) if each.expected else "–",
        )


def pace_said(document: KpiDocument, found: "Outlook", figures: Figures) -> str:
    """Where it should be by now, and whether it is."""
    pace = found.standing.pace if found.standing else None
    if pace is None:
        return ""
    if pace.expected is None:
        return {
            "no_due_date": gettext("The target has no date, so there is no pace to keep."),
            "no_baseline": gettext("Without a baseline there is no pace to keep."),
        }.get(pace.gap or "", "")
    told = gettext("On the way to the target, %(value)s would be due today.")
    said = told % {"value": figures.value(document, pace.expected)}
    if pace.on_pace is None:
        return said
    more = gettext("That is reached.") if pace.on_pace else gettext("That is not reached yet.")
    return f"{said} {more}"


def forecast_said(document: KpiDocument, ahead: Forecast, figures: Figures) -> Iterator[str]:
    """What may come, what that rests on, and how it would have done; or why nothing is said."""
    if ahead.gap is not None:
        yield gettext(GAPS[ahead.gap])
        if ahead.needed is not None:
            needed = gettext("It needs %(needed)s whole periods (%(period)s) and has %(known)s.")
            yield needed % {
                "needed": ahead.needed,
                "known": ahead.learned_from,
                "period": gettext(PERIOD_NAMES[ahead.period]),
            }
        return
    last, period = ahead.points[-1], ahead.period
    if ahead.summed and ahead.summed_by:
        last, period = ahead.summed[-1], ahead.summed_by
    told = gettext("%(when)s: about %(value)s, within %(range)s.")
    yield told % {
        "when": when(last.starts_on, period, figures),
        "value": figures.value(document, last.value),
        "range": figures.scale(document).values_between((float(last.lower), float(last.upper)))[0],
    }
    parts = ", ".join(gettext(PARTS[part]) for part in ahead.method if part in PARTS)
    how = gettext("It rests on %(parts)s, learned from %(number)s values %(period)s.")
    yield how % {
        "parts": parts,
        "number": ahead.learned_from,
        "period": gettext(PERIOD_NAMES[ahead.period]),
    }
    yield _tested(document, ahead, figures)


def _tested(document: KpiDocument, ahead: Forecast, figures: Figures) -> str:
    test = ahead.back_test
    if test is None:
        return ""
    told = gettext(
        "Tried on the past %(origins)s times: off by %(error)s on average (%(naive)s if one says "
        '"as before"); %(coverage)s of what came lay in the range, %(wanted)s should.'
    )
    scale = figures.scale(document).of_differences
    error, naive = scale.sizes(float(test.error), float(test.naive_error))
    return told % {
        "origins": test.origins,
        "error": error,
        "naive": naive,
        "coverage": figures.share(float(test.coverage)),
        "wanted": figures.share(float(test.confidence)),
    }


def when(day: date, period: str, figures: Figures) -> str:
    """A period in words, by its first day."""
    korean = figures.language == "ko"
    match period:
        case "week":
            return gettext("week of %(day)s") % {"day": figures.day(day)}
        case "month":
            return f"{day.year}년 {day.month}월" if korean else f"{day:%B %Y}"
        case "quarter":
            number = (day.month + 2) // 3
            return f"{day.year}년 {number}분기" if korean else f"Q{number} {day.year}"
        case _:
            return figures.day(day)
