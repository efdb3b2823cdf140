"""Documents hold every field, however the value came about."""

from decimal import Decimal

from experiments.registry.variants import Variant
from experiments.storage.codec import from_document, to_document


def test_a_value_read_from_a_short_document_is_written_in_full() -> None:
    read = from_document(Variant, {"key": "a", "name": "A안", "weight": "0.5"})
    assert to_document(read) == to_document(Variant("a", "A안", Decimal("0.5")))
    assert to_document(read) == {
        "key": "a",
        "name": "A안",
        "weight": "0.5",
        "control": False,
        "no_message": False,
        "payload": None,
        "send_at": None,
    }


def test_containers_are_written_as_json_has_them() -> None:
    assert to_document({"a": (Decimal("1.5"), None)}) == {"a": ["1.5", None]}
