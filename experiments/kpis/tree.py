"""The KPI tree: every KPI below the one that it serves."""

from collections.abc import Iterable
from dataclasses import dataclass

from experiments.kpis.document import TIERS, KpiDocument


@dataclass(frozen=True)
class Branch:
    """A KPI with those that serve it.

    Attributes:
        document: Its document.
        children: By tier, then by key.
    """

    document: KpiDocument
    children: tuple["Branch", ...] = ()

    @property
    def size(self) -> int:
        """How many KPIs there are, this one too."""
        return 1 + sum(child.size for child in self.children)


def grow(documents: Iterable[KpiDocument]) -> tuple[Branch, ...]:
    """The trees of a project's documents: those that serve nobody, and all below them.

    No document stands above itself; one whose parent is not among them is at the top.
    """
    found = {document.key: document for document in documents}
    below: dict[str | None, list[KpiDocument]] = {}
    for document in sorted(found.values(), key=_in_order):
        parent = document.parent if document.parent in found else None
        below.setdefault(parent, []).append(document)

    def branch(document: KpiDocument) -> Branch:
        return Branch(document, tuple(branch(child) for child in below.get(document.key, ())))

    return tuple(branch(document) for document in below.get(None, ()))


def _in_order(document: KpiDocument) -> tuple[int, str]:
    tier = document.tier
    return (len(TIERS) if tier is None else TIERS.index(tier), document.key)
