"""What a number of units can show of the KPI that is asked about."""

from dataclasses import dataclass

from stats.direction import Direction
from stats.planning.question import Question, room
from stats.planning.sizing import detectable_size, power_reached


@dataclass(frozen=True)
class Effect:
    """An effect on both scales.

    Attributes:
        absolute: Treatment minus control, in the KPI's unit of measure.
        relative: As a share of the baseline; None if that is not above 0.
    """

    absolute: float
    relative: float | None


@dataclass(frozen=True)
class Visible:
    """What so many units show with the power of the rules.

    Attributes:
        units: In all, before rounding.
        increase: Least increase; None if even the greatest possible one is too small to be shown.
        decrease: Least decrease, below 0; None likewise.
        power: Chance to show the question's effect; None if the effect is asked.
    """

    units: float
    increase: Effect | None
    decrease: Effect | None
    power: float | None


def visible_effects(question: Question, units: float) -> Visible:
    """Find what so many units show.

    Args:
        question: With ``harm`` only that direction is looked at: the least margin that a harmless
            variant is shown to keep.
        units: In all, above 0.
    """
    return Visible(
        units=units,
        increase=_least(question, units, Direction.INCREASE),
        decrease=_least(question, units, Direction.DECREASE),
        power=(
            None
            if question.effect is None
            else power_reached(question.contrast, units, question.rules)
        ),
    )


def _least(question: Question, units: float, direction: Direction) -> Effect | None:
    if question.harm not in {None, direction} or room(question.baseline, direction) == 0:
        return None
    found = detectable_size(question.towards(direction), units, question.rules)
    if found is None or not question.reachable(found):
        return None
    value = question.baseline.value
    return Effect(found, found / value if value > 0 else None)
