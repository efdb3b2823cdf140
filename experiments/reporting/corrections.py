"""Several comparisons at once: how sure each interval has to be, by the role of the KPI.

Variants that meet one control are corrected by Dunnett's method, or by Holm's where their
correlations are unknown; secondary KPIs all together by Benjamini and Hochberg, since they are
hints and a share of false ones is accepted. Guardrails are not corrected: each has to pass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from experiments.registry.experiment import ExperimentDraft
from experiments.reporting.setting import Setting
from stats.lift import Lift
from stats.multiplicity import adjust_bh, adjust_holm, family_of

# Share of false hints accepted among the secondary KPIs.
FALSE_SHARE = 0.10
# Their estimates correlate in a way that sizes alone do not tell.
_UNKNOWN_CORRELATION = frozenset({"quantile", "time_to_event"})

Key = TypeVar("Key")


@dataclass(frozen=True)
class Correction:
    """What is asked of one comparison among several.

    Attributes:
        confidence: Of its interval, which leaves out no difference exactly if one is shown.
        p_value: With all comparisons considered.
        alpha: Below this a difference is shown.
    """

    confidence: float
    p_value: float
    alpha: float

    @property
    def shown(self) -> bool:
        """Whether a difference is shown, all comparisons considered."""
        return self.p_value < self.alpha


def method_among_variants(draft: ExperimentDraft, kind: str | None) -> str:
    """How several variants are corrected: ``dunnett``, ``holm`` or ``none``.

    Args:
        draft: The test as registered.
        kind: Of the KPI; None if there is none.
    """
    planned = draft.plan.correction
    unknown = kind in _UNKNOWN_CORRELATION or draft.adaptive is not None
    return "holm" if unknown and planned != "none" else planned


def among_variants(setting: Setting, lifts: Mapping[str, Lift]) -> dict[str, Correction]:
    """By variant, for all treatments of a KPI together."""
    alpha = float(setting.draft.plan.alpha)
    if setting.draft.plan.correction == "none" or len(lifts) < 2:
        return {
            key: Correction(setting.confidence, lift.p_value, alpha) for key, lift in lifts.items()
        }
    p_values = {key: lift.p_value for key, lift in lifts.items()}
    if method_among_variants(setting.draft, setting.kind) == "holm":
        return _by_holm(p_values, alpha)
    family = family_of(setting.control, [setting.samples[key] for key in lifts])
    adjusted = family.adjust(list(p_values.values()))
    stricter = family.confidence(setting.confidence)
    return {
        key: Correction(stricter, p_value, alpha)
        for key, p_value in zip(lifts, adjusted, strict=True)
    }


def among_secondaries(p_values: Mapping[Key, float]) -> dict[Key, Correction]:
    """For all secondary KPIs together.

    The intervals are those of Benjamini and Yekutieli (2005), "False discovery rate-adjusted
    multiple confidence intervals for selected parameters", Journal of the American Statistical
    Association 100, 71-81: with R of m differences shown, each at 1 - R q / m.
    """
    if not p_values:
        return {}
    adjusted = adjust_bh(list(p_values.values()))
    shown = sum(p_value < FALSE_SHARE for p_value in adjusted)
    # One that is not shown keeps no difference within its interval at one step further.
    step = FALSE_SHARE / len(p_values)
    levels = {True: 1 - step * max(1, shown), False: 1 - step * min(len(p_values), shown + 1)}
    return {
        key: Correction(levels[p_value < FALSE_SHARE], p_value, FALSE_SHARE)
        for key, p_value in zip(p_values, adjusted, strict=True)
    }


def _by_holm(p_values: Mapping[Key, float], alpha: float) -> dict[Key, Correction]:
    """Each interval at the step at which Holm's procedure stopped, or passed it."""
    adjusted = dict(zip(p_values, adjust_holm(list(p_values.values())), strict=True))
    order = sorted(p_values, key=lambda key: p_values[key])
    passed = [key for key in order if adjusted[key] < alpha]
    steps = {key: _step(order, place, len(passed)) for place, key in enumerate(order)}
    return {key: Correction(1 - alpha / steps[key], adjusted[key], alpha) for key in p_values}


def _step(order: Sequence[Key], place: int, passed: int) -> int:
    return len(order) - min(place, passed)
