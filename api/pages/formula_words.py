"""A formula in words: what counts, of whom, within which time."""

from collections.abc import Iterator
from decimal import Decimal

from api.i18n import gettext
from api.pages.figures import reader_figures
from api.pages.labels import label, marked
from experiments.kpis.document import (
    Events,
    Filter,
    Formula,
    KpiDocument,
    Quantity,
    Requirement,
    Term,
    Tracking,
)
from experiments.kpis.measured import unmeasured_part

TAKEN = {
    "occurrence": marked("customers with at least %(least)s “%(event)s”"),
    "absence": marked("customers without “%(event)s”"),
    "count": marked("number of “%(event)s”"),
    "distinct": marked("number of different %(of)s of “%(event)s”"),
    "days": marked("days with “%(event)s”"),
    "amount": marked("sum of the amounts of “%(event)s”"),
    "number": marked("sum of the %(of)s of “%(event)s”"),
    "message_cost": marked("cost of the messages"),
    "series": marked("the series “%(event)s”"),
}
ONCE = marked("customers with “%(event)s”")
PER_CUSTOMER = marked("%(what)s, per customer")
HEADLINES = {
    "score": marked("score of the answers “%(event)s”"),
    "time_to_event": marked("time until “%(event)s”"),
}
QUANTILE = marked("%(share)s quantile of %(what)s")
CREDITS = {
    "any": marked("every event in the window counts"),
    "last_message": marked("only if this test's message was the last one before it"),
    "first_message": marked("only if this test's message was the first one in the window"),
    "own_tag": marked("only events that carry this test's tag"),
}
DESCRIPTIVE = {
    "series": marked("Its figures arrive added up and know no customers."),
    "answers": marked("It knows only the customers who answered."),
    "denominator": marked(
        "It divides by something that happens after the assignment, so its customers are not "
        "comparable between variants."
    ),
    "with_value": marked("It looks only at customers with such an event."),
    "since": marked("It starts at an event after the assignment."),
    "marked": marked("Its document says so."),
}
BOUNDS = {
    "over": marked("%(property)s over %(bound)s"),
    "at_least": marked("%(property)s at least %(bound)s"),
    "below": marked("%(property)s below %(bound)s"),
    "at_most": marked("%(property)s at most %(bound)s"),
}
Pair = tuple[str, str]


def counted(document: KpiDocument) -> str:
    """The KPI in one line.

    A ratio as a division, a funnel as its steps; a kind without words of its own by its name.
    """
    formula = document.formula
    match document.kind:
        case "funnel":
            return " → ".join(step.event for step in formula.steps)
        case "ratio" if formula.denominator is not None:
            return f"{_quantity(formula)} ÷ {_bracketed(formula.denominator)}"
        case "mean":
            return gettext(PER_CUSTOMER) % {"what": _quantity(formula)}
        case "quantile":
            share = reader_figures().share(float(formula.quantile or 0))
            return gettext(QUANTILE) % {"share": share, "what": _quantity(formula)}
        case "score" | "time_to_event":
            return gettext(HEADLINES[document.kind]) % {"event": formula.event}
    said = _quantity(formula)
    return said if document.kind == "proportion" else f"{label('kind', document.kind)}: {said}"


def within(formula: Formula) -> str:
    """The window; nothing where there is none."""
    if formula.window_hours is not None:
        return gettext("within %(window)s") % {
            "window": reader_figures().window(formula.window_hours)
        }
    if formula.days is None:
        return ""
    first, last = formula.days.first, formula.days.last
    if first == last:
        return gettext("on day D+%(day)s") % {"day": first}
    return gettext("from day D+%(first)s to D+%(last)s") % {"first": first, "last": last}


def details(document: KpiDocument) -> Iterator[Pair]:
    """What else the formula says, as pairs of a word and its value."""
    formula = document.formula
    for quantity in formula.quantities.values():
        for _, term in quantity.terms:
            yield from _conditions(term)
    for step in formula.then:
        yield from _conditions(step)
    for each in formula.requires:
        yield gettext("Who counts"), _required(each)
    yield from _parts(formula)
    if document.credit != "any":
        yield gettext("Two messages, one event"), gettext(CREDITS[document.credit])
    if document.covariate_days is not None:
        days = {"days": document.covariate_days}
        yield gettext("Sharpened by"), gettext("the same over %(days)s days before") % days


def tracked(document: KpiDocument) -> str:
    """How values outside of tests come about; nothing where the KPI is not tracked."""
    tracking = document.tracking
    if tracking is None:
        return ""
    said = _followed(document, tracking)
    if tracking.rolling_days is not None:
        said += " · " + gettext("the last %(days)s days") % {"days": tracking.rolling_days}
    if tracking.split_by:
        said += " · " + gettext("split by %(names)s") % {"names": ", ".join(tracking.split_by)}
    return said


def _followed(document: KpiDocument, tracking: Tracking) -> str:
    base = {"event": tracking.base.event if tracking.base is not None else ""}
    if tracking.by == "cohort":
        return gettext("customers by their first “%(event)s” in the period") % base
    if tracking.aggregate == "total":
        return gettext("total of the period")
    if document.kind in {"ratio", "score", "quantile"}:
        return gettext("events of the period")
    if tracking.base is None:
        return gettext("all customers of the period")
    return gettext("customers with “%(event)s” in the period") % base


def why_descriptive(document: KpiDocument) -> str | None:
    """Why no verdict may rest on the KPI; None where one may."""
    reason = document.descriptive_because
    return None if reason is None else gettext(DESCRIPTIVE[reason])


def not_measured_yet(document: KpiDocument) -> bool:
    """Whether this version can follow the KPI in a test no more than on paper."""
    return document.descriptive_because is None and unmeasured_part(document) is not None


def _quantity(quantity: Quantity) -> str:
    first, *others = quantity.terms
    further = (f" {'+' if sign > 0 else '−'} {_term(term)}" for sign, term in others)
    return _term(first[1]) + "".join(further)


def _bracketed(quantity: Quantity) -> str:
    said = _quantity(quantity)
    return f"({said})" if len(quantity.terms) > 1 else said


def _term(term: Term) -> str:
    values = {"event": term.event, "of": term.of, "least": term.at_least or 1}
    said = gettext(ONCE if _is_once(term) else TAKEN[term.value]) % values
    return said if term.times is None else f"{said} × {_plain(term.times)}"


def _is_once(term: Term) -> bool:
    return term.value == "occurrence" and (term.at_least or 1) == 1


def _conditions(events: Events) -> Iterator[Pair]:
    for each in events.conditions:
        yield gettext("Only if"), _condition(each)
    if events.channels:
        channels = ", ".join(label("channel", channel) for channel in events.channels)
        yield gettext("Channels"), channels


def _condition(each: Filter) -> str:
    if each.one_of:
        return f"{each.property} = {', '.join(each.one_of)}"
    if each.present is not None:
        said = (
            marked("%(property)s is there") if each.present else marked("%(property)s is missing")
        )
        return gettext(said) % {"property": each.property}
    bounds = {name: getattr(each, name) for name in BOUNDS}
    return ", ".join(
        gettext(BOUNDS[name]) % {"property": each.property, "bound": _plain(bound)}
        for name, bound in bounds.items()
        if bound is not None
    )


def _required(each: Requirement) -> str:
    values = {"event": each.event, "days": each.within_days, "least": each.at_least}
    if each.within_days is None:
        said = (
            marked("had fewer than %(least)s “%(event)s” before")
            if each.absent
            else marked("had at least %(least)s “%(event)s” before")
        )
    else:
        said = (
            marked("had fewer than %(least)s “%(event)s” in the %(days)s days before")
            if each.absent
            else marked("had at least %(least)s “%(event)s” in the %(days)s days before")
        )
    return gettext(said) % values


def _parts(formula: Formula) -> Iterator[Pair]:
    if formula.cap is not None:
        cap = f"{_plain(formula.cap.at)} ({formula.cap.source})"
        yield gettext("At most, per customer"), cap
    if formula.since is not None:
        yield gettext("Starts at"), formula.since.event
    if formula.over == "with_value":
        yield gettext("Who counts"), gettext("only customers with such an event")
    if formula.bands is not None:
        bands = formula.bands
        yield (
            gettext("Score"),
            gettext("promoters from %(from)s, detractors to %(to)s")
            % {"from": bands.promoters_from, "to": bands.detractors_to},
        )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():,f}"
