"""What a draft refers to, looked up: layer, lists, saved segments, holdouts."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from experiments.assignment.conditions import portable
from experiments.errors import Conflict, Invalid
from experiments.registry.experiment import ExperimentDraft, LayerSlots
from experiments.registry.seeds import check_test_seed
from experiments.storage.projects import Project
from experiments.storage.tables import (
    experiments,
    holdouts,
    layers,
    saved_segments,
    unit_lists,
)

# Kinds of list, by what a test may do with them.
EXCLUDED_KINDS = ("suppression", "test")
REQUIRED_KINDS = ("consent", "test")
# States in which a test's slots are its own; a stopped one keeps them until it gives them back.
RESERVING = ("scheduled", "running", "paused", "stopped", "decided")


class UnknownReference(Invalid):
    """The draft names something that the project does not have."""

    template = "no {what} {key!r} in this project"


class SlotsTaken(Conflict):
    """Another test of the layer owns some of the slots."""

    template = (
        "slots {start} to {end} of the layer {layer!r} overlap those of the test {other!r}, "
        "which is {state}"
    )


def check_references(db: Connection, project: Project, draft: ExperimentDraft) -> None:
    """Refuse a draft that names what the project does not have, or cannot be used so.

    Raises:
        UnknownReference: Naming the field.
        Invalid: If a list is of the wrong kind, or the layer goes by another attribute.
        SeedTaken: If a layer or a holdout draws with the test's seed.
    """
    check_test_seed(db, project, draft.salt)
    if draft.layer is not None:
        layer = _layer(db, project, draft.layer.key)
        if layer.hash_attribute != draft.hash_attribute:
            raise Invalid(
                field="layer.key",
                expected=f"a layer by the attribute {draft.hash_attribute!r}",
                got=layer.hash_attribute,
            )
    saved_rules(db, project, draft.audience.segments)
    _check_lists(db, project, draft.audience.exclude_lists, "exclude_lists", EXCLUDED_KINDS)
    _check_lists(db, project, draft.audience.require_lists, "require_lists", REQUIRED_KINDS)


def saved_rules(db: Connection, project: Project, keys: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """The conditions of saved segments, in the order of the keys.

    Raises:
        UnknownReference: Naming the place in ``audience.segments``.
    """
    named = (saved_segments.c.project_id == project.id) & saved_segments.c.key.in_(keys)
    rows = db.execute(select(saved_segments).where(named)) if keys else ()
    found = {row.key: row.condition for row in rows}
    for index, key in enumerate(keys):
        if key not in found:
            field = f"audience.segments.{index}"
            raise UnknownReference(field=field, what="saved segment", key=key)
    return [found[key] for key in keys]


def whole_condition(
    db: Connection, project: Project, draft: ExperimentDraft
) -> Mapping[str, Any] | None:
    """The audience's own condition and its saved segments as one; None where all are meant.

    It is written so that every client, and this service, reads it alike.
    """
    own = draft.audience.conditions
    rules = [*([own] if own else []), *saved_rules(db, project, draft.audience.segments)]
    if not rules:
        return None
    return portable(rules[0] if len(rules) == 1 else {"$and": rules})


def holdouts_of(db: Connection, project: Project, draft: ExperimentDraft) -> tuple[int, ...]:
    """Row ids of the holdouts that a test starting now keeps to: the project's and its layer's."""
    of_layer = holdouts.c.layer_id.is_(None)
    if draft.layer is not None:
        of_layer |= holdouts.c.layer_id == _layer(db, project, draft.layer.key).id
    present = (holdouts.c.project_id == project.id) & holdouts.c.ended_at.is_(None)
    return tuple(
        db.execute(select(holdouts.c.id).where(present, of_layer).order_by("id")).scalars()
    )


def reserve_slots(db: Connection, project: Project, draft: ExperimentDraft) -> None:
    """Refuse slots that another test owns; nobody else takes any until the transaction ends.

    Raises:
        SlotsTaken: Naming the other test.
    """
    if draft.layer is not None:
        _layer(db, project, draft.layer.key, lock=True)
        check_slots(db, project, draft)


def check_slots(db: Connection, project: Project, draft: ExperimentDraft) -> None:
    """Refuse slots that another test owns at this moment.

    Raises:
        SlotsTaken: Naming the other test.
    """
    if draft.layer is None:
        return
    for row, slots in reserved_slots(db, project):
        if row.key != draft.key and slots.overlaps(draft.layer):
            raise SlotsTaken(
                field="layer",
                start=draft.layer.start,
                end=draft.layer.end,
                layer=draft.layer.key,
                other=row.key,
                state=row.state,
            )


def reserved_slots(db: Connection, project: Project) -> list[tuple[Row[Any], LayerSlots]]:
    """Every test of the project that owns slots of a layer, by key: (row, slots)."""
    owning = (
        (experiments.c.project_id == project.id)
        & experiments.c.state.in_(RESERVING)
        & experiments.c.slots_released_at.is_(None)
    )
    rows = db.execute(select(experiments).where(owning).order_by(experiments.c.key))
    return [(row, LayerSlots(**slots)) for row in rows if (slots := row.draft.get("layer"))]


def _layer(db: Connection, project: Project, key: str, *, lock: bool = False) -> Row[Any]:
    query = select(layers).where(layers.c.project_id == project.id, layers.c.key == key)
    row = db.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise UnknownReference(field="layer.key", what="layer", key=key)
    return row


def _check_lists(
    db: Connection, project: Project, keys: tuple[str, ...], name: str, kinds: tuple[str, ...]
) -> None:
    named = (unit_lists.c.project_id == project.id) & unit_lists.c.key.in_(keys)
    rows = db.execute(select(unit_lists.c.key, unit_lists.c.kind).where(named)) if keys else ()
    found: dict[str, str] = {row.key: row.kind for row in rows}
    for index, key in enumerate(keys):
        field = f"audience.{name}.{index}"
        if key not in found:
            raise UnknownReference(field=field, what="list", key=key)
        if found[key] not in kinds:
            expected = "a list of kind " + " or ".join(kinds)
            raise Invalid(field=field, expected=expected, got=found[key])
