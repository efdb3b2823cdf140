"""Alias facts, read strictly from JSON, and as rows of the ledger."""

from datetime import UTC, datetime
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.facts import TwoCustomers, read_event, read_exposure
from experiments.ledger.identity.alias import Alias, UnfitAlias
from experiments.ledger.identity.facts import AliasFact, alias_fact, read_alias_fact
from experiments.ledger.identity.key import IdentityKey
from experiments.ledger.resolve import AliasesNotTaken, Context, NoVariantForAlias, resolve
from tests.experiments.ledger.factories import AT, event, event_item, exposure, exposure_item, known

HASHER = IdentityKey(b"k" * 32).hasher("shop")
CONTEXT = Context({"spring": known()}, "KRW", HASHER)
MINJI = Alias("email", "minji@example.com")
ITEM = {"kind": "email", "value": "minji@example.com", "unit_id": "1"}


def test_an_alias_fact_is_read_with_everything_it_may_carry() -> None:
    item = ITEM | {"valid_from": "2025-03-10T10:00:00+09:00", "source_id": "crm-1"}
    assert read_alias_fact(item) == AliasFact(MINJI, "1", AT, "crm-1")
    assert read_alias_fact(ITEM | {"valid_from": None}).valid_from == datetime(
        1970, 1, 1, tzinfo=UTC
    )
    assert alias_fact("email", "minji@example.com", "1") == read_alias_fact(ITEM)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": None}, "kind"), ({"value": None}, "value"), ({"unit_id": None}, "unit_id"),
        ({"kind": "minji@example.com"}, "kind"), ({"value": ["minji@example.com"]}, "value"),
        ({"value": "minji" * 300}, "value"), ({"unit_id": ""}, "unit_id"),
        ({"valid_from": "2025-03-10"}, "valid_from"), ({"source_id": ""}, "source_id"),
        ({"email": "x"}, "email"), ({"kind": "unit", "value": "1"}, "value"),
        ({"kind": "phone"}, "value"), ({"value": {}}, "value"),
    ],
)  # fmt: skip
def test_an_unfit_alias_fact_is_refused_by_its_field_without_the_value(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        read_alias_fact(ITEM | changes)
    assert refusal.value.field == field
    assert "minji" not in f"{refusal.value}"


def test_an_alias_facts_row_says_kind_hash_unit_and_time() -> None:
    row = resolve(AliasFact(MINJI, "1", AT, "crm-1"), CONTEXT)
    assert (row.fact, row.type, row.unit_id) == ("alias", "email", "1")
    assert row.alias == HASHER.hashed(MINJI)
    assert row.source_id == "crm-1"
    assert row.occurred_at == 1741568400000000
    assert "minji" not in f"{row}"


def test_a_merge_names_the_unit_that_was() -> None:
    row = resolve(AliasFact(Alias("unit", "guest-5"), "1"), CONTEXT)
    assert (row.type, row.alias, row.unit_id, row.occurred_at) == ("unit", "unit:guest-5", "1", 0)


def test_without_an_id_what_is_said_is_the_id() -> None:
    def id_of(fact: AliasFact) -> str:
        return resolve(fact, CONTEXT).source_id

    said = AliasFact(MINJI, "1", AT)
    assert id_of(said) == id_of(AliasFact(Alias("email", " MINJI@example.com"), "1", AT))
    others = [AliasFact(MINJI, "2", AT), AliasFact(MINJI, "1"), AliasFact(Alias("x", "m"), "1", AT)]
    assert len({id_of(said), *map(id_of, others)}) == 4


def test_a_fact_has_a_unit_or_an_alias_and_not_both() -> None:
    named = {"kind": "email", "value": "minji@example.com"}
    assert read_event(event_item(unit_id=None, alias=named)) == event(unit_id=None, alias=MINJI)
    read = read_exposure(exposure_item(unit_id=None, alias=named))
    assert read == exposure(unit_id=None, alias=MINJI)
    with pytest.raises(TwoCustomers) as both:
        read_event(event_item(alias=named))
    assert both.value.field == "alias"
    with pytest.raises(Invalid) as neither:
        read_event(event_item(unit_id=None))
    assert neither.value.field == "unit_id"


@pytest.mark.parametrize(
    ("alias", "field"),
    [
        ("minji@example.com", "alias"), ({"kind": "email"}, "alias"), ([], "alias"),
        ({"kind": "email", "value": "m", "minji": 1}, "alias"),
        ({"kind": "minji@example.com", "value": "m"}, "alias.kind"),
        ({"kind": "email", "value": ["minji"]}, "alias.value"),
        ({"kind": "unit", "value": "minji"}, "alias.kind"),
    ],
)  # fmt: skip
def test_an_unfit_alias_of_a_fact_is_refused_without_being_repeated(
    alias: object, field: str
) -> None:
    with pytest.raises(UnfitAlias) as refusal:
        read_event(event_item(unit_id=None, alias=alias))
    assert refusal.value.field == field
    assert "minji" not in str(refusal.value)


def test_a_fact_under_an_alias_keeps_its_hash_and_its_reported_variant() -> None:
    row = resolve(exposure(unit_id=None, alias=MINJI, variant="b"), CONTEXT)
    assert (row.unit_id, row.alias) == (None, HASHER.hashed(MINJI))
    assert (row.variant, row.expected_variant) == ("b", None)
    assert resolve(event(unit_id=None, alias=MINJI), CONTEXT).alias == row.alias


def test_a_variant_is_not_worked_out_for_an_alias() -> None:
    with pytest.raises(NoVariantForAlias, match="known by an alias") as refusal:
        resolve(exposure(unit_id=None, alias=MINJI, variant=None), CONTEXT)
    assert refusal.value.field == "variant"


def test_the_digest_covers_the_alias_by_its_keyed_hash() -> None:
    other = Context(CONTEXT.experiments, "KRW", IdentityKey(b"o" * 32).hasher("shop"))
    fact = event(unit_id=None, alias=MINJI)
    digests = {
        resolve(fact, CONTEXT).digest,
        resolve(fact, other).digest,
        resolve(event(unit_id=None, alias=Alias("email", "haru@example.com")), CONTEXT).digest,
        resolve(event(unit_id="minji@example.com"), CONTEXT).digest,
    }
    assert len(digests) == 4
    spelt = event(unit_id=None, alias=Alias("email", "MINJI@example.com"))
    assert resolve(spelt, CONTEXT).digest in digests


def test_an_id_that_holds_for_the_customer_only_gets_the_hash() -> None:
    device = Alias("ga4_client", "1.2", tells_facts=True)
    row = resolve(event(source_id="ga4:x", unit_id=None, alias=device), CONTEXT)
    assert row.source_id == f"ga4:x:{HASHER.hashed(device)}"
    long = resolve(event(source_id="ga4:" + "x" * 250, unit_id=None, alias=device), CONTEXT)
    assert len(long.source_id) == 68


def test_without_a_key_nobody_is_named_by_an_alias() -> None:
    with pytest.raises(AliasesNotTaken) as refusal:
        resolve(event(unit_id=None, alias=MINJI), Context({}, "KRW"))
    assert refusal.value.field == "alias"


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"cost": 30}, (30, "KRW")), ({"cost": 0}, (0, "KRW")), ({}, (None, None)),
        ({"cost": 2, "currency": "USD"}, (200, "USD")),
    ],
)  # fmt: skip
def test_what_a_message_cost_is_kept_in_minor_units(
    changes: dict[str, Any], kept: tuple[int | None, str | None]
) -> None:
    row = resolve(read_exposure(exposure_item(**changes)), CONTEXT)
    assert (row.value, row.currency) == kept


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cost": -1}, "cost"), ({"cost": "30"}, "cost"), ({"cost": True}, "cost"),
        ({"currency": "KRW"}, "cost"), ({"cost": 1, "currency": "won"}, "currency"),
    ],
)  # fmt: skip
def test_an_unfit_cost_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_exposure(exposure_item(**changes))
    assert refusal.value.field == field
