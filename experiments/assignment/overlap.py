"""How many units are in two tests at once: worked out from slots, holdouts and buckets.

Draws under different seeds are independent (tests/experiments/assignment/test_draws.py), so
the share of units that pass several is the product of their shares; where two tests share a
draw (a layer, a holdout, a seed), a unit must pass both with the same bucket.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np
import numpy.typing as npt

from experiments.assignment.buckets import owners
from experiments.assignment.evaluation import UNIT, AssignableExperiment
from experiments.assignment.hashing import BUCKETS

Flags = npt.NDArray[np.bool_]
# (attribute that is hashed, seed) -> which buckets let a unit in.
Draws = dict[tuple[str, str], Flags]


@dataclass(frozen=True)
class Presence:
    """How many units one test reaches.

    Attributes:
        experiment: Its key.
        share: Of all units, a fraction.
        at_most: Whether lists, rules or caps may keep more of them out.
    """

    experiment: str
    share: float
    at_most: bool


@dataclass(frozen=True)
class Overlap:
    """How many units two tests share.

    Attributes:
        first: Key of the one.
        second: Key of the other.
        share: Of all units, those in both.
        of_first: Of the units of the one, those in the other too; None if it reaches nobody.
        of_second: The other way round.
        at_most: Whether lists, rules or caps may keep more of them out.
    """

    first: str
    second: str
    share: float
    of_first: float | None
    of_second: float | None
    at_most: bool


def presence(experiment: AssignableExperiment) -> Presence:
    """How many units a running test reaches.

    Examples:
        >>> from experiments.assignment.buckets import BucketRange
        >>> half = (BucketRange("a", 0, 2500), BucketRange("b", 5000, 7500))
        >>> presence(AssignableExperiment(1, "subject", 1, "running", "subject", half)).share
        0.5
    """
    return Presence(
        experiment.key, prod(map(_mean, _draws(experiment).values())), _has_rules(experiment)
    )


def overlaps(experiments: Sequence[AssignableExperiment]) -> list[Overlap]:
    """Every pair of running tests, in the order given."""
    drawn = [_draws(experiment) for experiment in experiments]
    shares = [{draw: _mean(inside) for draw, inside in each.items()} for each in drawn]
    alone = [prod(each.values()) for each in shares]
    found = []
    for i, j in combinations(range(len(experiments)), 2):
        shared = {
            draw: _mean(drawn[i][draw] & drawn[j][draw]) for draw in drawn[i].keys() & drawn[j]
        }
        both = prod((shares[i] | shares[j] | shared).values())
        one, other = experiments[i], experiments[j]
        found.append(
            Overlap(
                first=one.key,
                second=other.key,
                share=both,
                of_first=both / alone[i] if alone[i] else None,
                of_second=both / alone[j] if alone[j] else None,
                at_most=_has_rules(one) or _has_rules(other),
            )
        )
    return found


def _draws(experiment: AssignableExperiment) -> Draws:
    covered = np.array([owner is not None for owner in owners(experiment.ranges)])
    by, places = experiment.hash_attribute, np.arange(BUCKETS)
    found: Draws = {(by, experiment.seed): covered}
    if (layer := experiment.layer) is not None:
        slots = (places >= layer.start) & (places < layer.end)
        found = _joined(found, {(by, layer.seed): slots})
    for holdout in experiment.holdouts:
        found = _joined(found, {(UNIT, holdout.seed): places >= holdout.buckets})
    return found


def _joined(one: Mapping[tuple[str, str], Flags], other: Draws) -> Draws:
    """The draws of both: a shared one lets in whom both let in."""
    joined = dict(one)
    for draw, inside in other.items():
        joined[draw] = joined[draw] & inside if draw in joined else inside
    return joined


def _mean(inside: Flags) -> float:
    return float(inside.mean())


def _has_rules(experiment: AssignableExperiment) -> bool:
    return experiment.has_lists or experiment.condition is not None
