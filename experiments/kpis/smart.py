"""The SMART check: what a KPI document still lacks to be a goal that can be missed.

The five letters are Doran's (1981), "There's a S.M.A.R.T. way to write management's goals
and objectives", Management Review 70, 35-36, in today's reading.
"""

from dataclasses import dataclass, fields
from decimal import Decimal

from experiments.kpis.document import KpiDocument, KpiTarget, Text


@dataclass(frozen=True)
class Criterion:
    """One letter.

    Attributes:
        missing: Paths in the document of what it lacks; nothing where it is met.
    """

    missing: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True)
class SmartCheck:
    """The five letters.

    Attributes:
        specific: It says what it is for and who answers for it.
        measurable: It says where its events come from, and what the value is today.
        achievable: Its target rests on something, and lies on the wanted side of today.
        relevant: It serves a parent KPI, or is itself a strategic one.
        time_bound: It says by when, and how often one looks.
    """

    specific: Criterion
    measurable: Criterion
    achievable: Criterion
    relevant: Criterion
    time_bound: Criterion

    @property
    def met(self) -> bool:
        """Whether all five are."""
        return not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """Everything that is missing, each path once."""
        paths = [path for item in fields(self) for path in getattr(self, item.name).missing]
        return tuple(dict.fromkeys(paths))


def smart_check(document: KpiDocument) -> SmartCheck:
    """Hold a document against the five letters.

    Examples:
        >>> from decimal import Decimal
        >>> from experiments.kpis.document import Formula, Text
        >>> document = KpiDocument(
        ...     key="open", name=Text("오픈율", "open rate"), kind="proportion",
        ...     formula=Formula("open", "occurrence", 72), unit_of_measure="rate",
        ...     source="sendgrid", baseline=Decimal("0.177"),
        ... )
        >>> smart_check(document).measurable.met, smart_check(document).time_bound.missing
        (True, ('target.due_on', 'report_cycle'))
    """
    target = document.target
    return SmartCheck(
        specific=_absent(
            purpose=_said(document.purpose), owner=document.owner, stage=document.stage
        ),
        measurable=_absent(source=document.source, baseline=document.baseline is not None),
        achievable=_achievable(document),
        relevant=Criterion() if document.tier == "strategic" else _absent(parent=document.parent),
        time_bound=Criterion(
            (() if target and target.due_on else ("target.due_on",))
            + (() if document.report_cycle else ("report_cycle",))
        ),
    )


def _absent(**present: object) -> Criterion:
    return Criterion(tuple(name for name, value in present.items() if not value))


def _said(purpose: str | Text) -> bool:
    return bool(purpose.ko or purpose.en) if isinstance(purpose, Text) else bool(purpose)


def _achievable(document: KpiDocument) -> Criterion:
    target = document.target
    if target is None:
        return Criterion(("target",))
    missing = [] if target.basis else ["target.basis"]
    if target.basis == "benchmark" and not target.basis_source:
        missing.append("target.basis_source")
    if document.baseline is None:
        missing.append("baseline")
    elif not _leads_onward(target, document.baseline, document.direction):
        missing.append("target.value")
    return Criterion(tuple(missing))


def _leads_onward(target: KpiTarget, baseline: Decimal, direction: str) -> bool:
    """Whether the target is better than the baseline."""
    growth = target.value if target.relative else target.value - baseline
    return growth > 0 if direction == "up" else growth < 0
