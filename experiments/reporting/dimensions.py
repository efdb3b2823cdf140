"""By what the customers of a test can be told apart, and the groups of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from experiments.assignment.conditions.evaluate import matches
from experiments.errors import Invalid
from experiments.kpis.text import Text
from experiments.measurement.anchor_segments import AnchorSegment
from experiments.measurement.groups import Cell, Cells, known_of, texts_of
from experiments.measurement.history import HistorySegment
from experiments.measurement.ready_segments import READY
from experiments.registry.channels import CHANNELS
from experiments.registry.saved_segments import SavedSegment
from experiments.reporting.wording.labels import LABELS

INSIDE, OUTSIDE = "in", "rest"
# A property with more values than this names customers and no groups of them.
MOST_VALUES = 20
_REST = Text("그 밖의 고객", "Everybody else")
_NOT_SAID = Text("알 수 없음", "Not said")


class SegmentUnknown(Invalid):
    """A report is asked for customers whom nothing defines."""

    template = (
        "no segment {key!r} in this project: give the key of a saved or ready-made segment, "
        "channel:NAME, or property:NAME=VALUE"
    )


@dataclass(frozen=True)
class Dimension:
    """One thing known of customers at their anchor.

    Attributes:
        groups: Name on screen, by key.
        of: The group of a cell.
    """

    key: str
    kind: str
    name: Text
    groups: Mapping[str, Text]
    of: Callable[[Cell], str | None]


def dimensions_of(cells: Cells, saved: Sequence[SavedSegment]) -> tuple[Dimension, ...]:
    """Everything by which these customers differ, channels first."""
    return (
        *_by_channel(cells),
        *_by_property(cells),
        *(_by_rule(segment) for segment in saved if any(cell.properties for cell in cells.cells)),
        *(_by_history(segment) for segment in READY.values()),
    )


def _by_channel(cells: Cells) -> tuple[Dimension, ...]:
    met = sorted({cell.channel or "" for cell in cells.cells})
    if len(met) < 2:
        return ()
    named = {each: _named("channel", each) if each else _NOT_SAID for each in met}
    name = Text("채널", "Channel")
    return (Dimension("channel", "channel", name, named, lambda cell: cell.channel or ""),)


def _by_property(cells: Cells) -> tuple[Dimension, ...]:
    names = sorted({name for cell in cells.cells for name in cell.properties})
    found = ((name, _values(cells, name)) for name in names)
    return tuple(_property(name, met) for name, met in found if 1 < len(met) <= MOST_VALUES)


def _values(cells: Cells, name: str) -> list[str]:
    return sorted({cell.properties.get(name, "") for cell in cells.cells})


def _property(name: str, met: Sequence[str]) -> Dimension:
    named = {each: Text(each, each) if each else _NOT_SAID for each in met}

    def of(cell: Cell) -> str:
        return cell.properties.get(name, "")

    return Dimension(f"property:{name}", "property", Text(name, name), named, of)


def _by_rule(segment: SavedSegment) -> Dimension:
    def of(cell: Cell) -> str:
        return INSIDE if matches(segment.condition, cell.known) else OUTSIDE

    name = Text(segment.name, segment.name)
    return Dimension(f"saved:{segment.key}", "saved", name, _within(name), of)


def _by_history(segment: HistorySegment) -> Dimension:
    def of(cell: Cell) -> str:
        return INSIDE if segment.key in cell.segments else OUTSIDE

    return Dimension(f"history:{segment.key}", "history", segment.name, _within(segment.name), of)


def _within(name: Text) -> dict[str, Text]:
    return {INSIDE: name, OUTSIDE: _REST}


def _named(kind: str, key: str) -> Text:
    korean, english = LABELS[kind].get(key, (key, key))
    return Text(korean, english)


def segment_asked(
    key: str, saved: Mapping[str, SavedSegment], properties: Callable[[], Sequence[str]]
) -> HistorySegment | AnchorSegment:
    """The segment that an address names.

    Args:
        key: Of a saved or ready-made segment, with or without ``saved:`` or ``history:``;
            ``channel:NAME`` or ``property:NAME=VALUE``.
        saved: The project's, by key.
        properties: Gives every different properties of the test's exposures, as written.

    Raises:
        SegmentUnknown: If it names none.
    """
    kind, _, rest = key.partition(":")
    name, _, value = rest.partition("=")
    if kind == "channel" and rest in CHANNELS:
        return AnchorSegment(key, _named("channel", rest), channel=rest)
    if kind == "property" and name and "=" in rest:
        fits = tuple(each for each in properties() if texts_of(known_of(each)).get(name) == value)
        return AnchorSegment(key, Text(value, value), properties=fits)
    bare = rest if kind in {"saved", "history"} else key
    if bare in saved and kind != "history":
        found = saved[bare]
        fits = tuple(each for each in properties() if matches(found.condition, known_of(each)))
        return AnchorSegment(key, Text(found.name, found.name), properties=fits)
    if bare in READY and kind != "saved":
        return READY[bare]
    raise SegmentUnknown(field="segment", key=key)
