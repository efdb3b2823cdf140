"""How a file becomes facts: the forms of a mapping, and what each names in the registry.

*Long*: one row per exposure, event or message. *Wide*: one row per customer. *Source*: items
in another tool's own form. *Aliases*: who a customer is.
"""

from experiments.ledger.imports.aliases import AliasMapping
from experiments.ledger.imports.long import LongMapping
from experiments.ledger.imports.source_items import SourceMapping
from experiments.ledger.imports.wide import WideMapping

ColumnMapping = WideMapping | LongMapping | SourceMapping | AliasMapping
FORMS = ("wide", "long", "source", "aliases")


def named_experiment(mapping: ColumnMapping) -> tuple[str | None, str]:
    """The experiment that a mapping names for all rows, and the path of it."""
    match mapping:
        case LongMapping():
            return mapping.constants.get("experiment"), "constants.experiment"
        case WideMapping():
            return mapping.experiment, "experiment"
        case _:
            return None, ""


def named_variants(mapping: ColumnMapping) -> dict[str, str]:
    """The variants of that experiment that a mapping names, by their path in it."""
    match mapping:
        case LongMapping():
            words = mapping.values.get("variant", {}).items()
            found = {f"values.variant.{cell[:60]}": key for cell, key in words if key}
            constant = mapping.constants.get("variant", "").strip()
            return found | ({"constants.variant": constant} if constant else {})
        case WideMapping():
            found = {f"variant.values.{cell[:60]}": key for cell, key in mapping.variants.items()}
            return found | ({"variant.constant": mapping.variant} if mapping.variant else {})
        case _:
            return {}


def tagged_experiments(mapping: ColumnMapping) -> dict[str, str]:
    """The experiments that a mapping's tags name, by their path in it."""
    match mapping:
        case LongMapping():
            tags, path = mapping.tags, "tags"
        case SourceMapping():
            tags, path = mapping.settings.tags, "settings.tags"
        case _:
            return {}
    return {f"{path}.{name[:60]}": tag.experiment for name, tag in tags.items()}
