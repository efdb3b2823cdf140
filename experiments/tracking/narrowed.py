"""A KPI's document as one question asks for it: one channel, one value of a split."""

from dataclasses import replace
from typing import TypeVar

from experiments.kpis.document import KpiDocument
from experiments.kpis.terms import Events, Filter, Quantity, Term
from experiments.kpis.tracking import Tracking
from experiments.tracking.series import SeriesRequest, Split

Some = TypeVar("Some", bound=Events)
# What a message reports of itself: of one channel, only that of the channel.
OF_MESSAGES = (
    "sent", "delivered", "bounced", "deferred", "dropped", "open", "click", "unsubscribe",
    "complaint",
)  # fmt: skip
EVERYBODY = Tracking(by="period")


def tracking_of(document: KpiDocument) -> Tracking:
    """How the document is tracked; by period over everybody where it does not say.

    Figures that arrive added up are summed.
    """
    if document.tracking is not None:
        return document.tracking
    total = bool(document.formula.series) and document.kind == "mean"
    return replace(EVERYBODY, aggregate="total") if total else EVERYBODY


def narrowed(request: SeriesRequest) -> KpiDocument:
    """The document that a request asks for, with the ``tracking`` that holds."""
    document = replace(request.document, tracking=tracking_of(request.document))
    if request.split is not None:
        document = _split(document, request.split)
    return document if request.channel is None else _of_channel(document, request.channel)


def _split(document: KpiDocument, split: Split) -> KpiDocument:
    """Only numerators: what a ratio divides by stays whole."""
    wanted = Filter(split.property, one_of=(split.value,))
    formula = document.formula
    return replace(
        document,
        formula=replace(
            formula,
            filters=(*formula.filters, wanted),
            plus=tuple(replace(term, filters=(*term.filters, wanted)) for term in formula.plus),
            minus=tuple(replace(term, filters=(*term.filters, wanted)) for term in formula.minus),
        ),
    )


def _of_channel(document: KpiDocument, channel: str) -> KpiDocument:
    tracking = document.tracking or EVERYBODY
    types = None if tracking.by == "period" else OF_MESSAGES
    formula = document.formula
    below, since = formula.denominator, formula.since
    return replace(
        document,
        tracking=replace(
            tracking,
            base=None if tracking.base is None else _only(tracking.base, channel, None),
        ),
        formula=replace(
            _only(formula, channel, types),
            plus=_terms(formula.plus, channel, types),
            minus=_terms(formula.minus, channel, types),
            denominator=None if below is None else _below(below, channel, types),
            since=None if since is None else _only(since, channel, types),
            then=tuple(_only(step, channel, types) for step in formula.then),
        ),
    )


def _below(quantity: Quantity, channel: str, types: tuple[str, ...] | None) -> Quantity:
    return replace(
        _only(quantity, channel, types),
        plus=_terms(quantity.plus, channel, types),
        minus=_terms(quantity.minus, channel, types),
    )


def _terms(
    terms: tuple[Term, ...], channel: str, types: tuple[str, ...] | None
) -> tuple[Term, ...]:
    return tuple(_only(term, channel, types) for term in terms)


def _only(events: Some, channel: str, types: tuple[str, ...] | None) -> Some:
    """The events of one channel; where types are named, others stay as they are."""
    if types is not None and events.event not in types:
        return events
    mine = not events.channels or channel in events.channels
    # Of a channel that the document leaves out, there are none.
    return replace(events, channels=(channel,) if mine else ("-",))
