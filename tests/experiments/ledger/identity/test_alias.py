"""Aliases: two spellings are one, and a refusal repeats nothing."""

import pytest

from experiments.ledger.identity.alias import Alias, UnfitAlias, check_alias, normalised


@pytest.mark.parametrize(
    ("kind", "said", "meant"),
    [
        ("email", " Minji@EXAMPLE.com\n", "minji@example.com"),
        ("email", "stra\N{LATIN SMALL LETTER SHARP S}e@x.de", "strasse@x.de"),
        ("email", "e\N{COMBINING ACUTE ACCENT}a@x.fr", "\N{LATIN SMALL LETTER E WITH ACUTE}a@x.fr"),
        ("phone", "+82 (0)10-1234-5678", "+8201012345678"),
        ("phone", " (+82) 10 1234 5678", "+821012345678"),
        ("phone", "010-1234-5678", "01012345678"),
        ("phone", "010\N{FULLWIDTH HYPHEN-MINUS}1234\N{FULLWIDTH DIGIT FIVE}", "01012345"),
        ("anonymous", " A-77 ", "A-77"),
        ("unit", " Customer 1 ", " Customer 1 "),
    ],
)
def test_two_spellings_of_an_alias_are_one(kind: str, said: str, meant: str) -> None:
    assert normalised(kind, said) == meant


@pytest.mark.parametrize("kind", ["email", "phone", "ga4_client", "k" * 32, "7.a-b"])
def test_an_alias_is_shown_without_its_value(kind: str) -> None:
    assert "0101234" not in repr(Alias(kind, "0101234"))


@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [
        ("E-Mail", "minji@example.com", "kind"), ("", "minji@example.com", "kind"),
        ("k" * 33, "minji@example.com", "kind"), (7, "minji@example.com", "kind"),
        ("minji@example.com", "email", "kind"), ("email\n", "minji@example.com", "kind"),
        ("email", "", "value"), ("email", "  ", "value"), ("email", None, "value"),
        ("email", 8212345678, "value"), ("email", "minji@example.com" * 100, "value"),
        ("email", "minji@example.com\0", "value"), ("email", "minji@example.com\ud800", "value"),
        ("phone", "minji@example.com", "value"), ("phone", "+", "value"),
    ],
)  # fmt: skip
def test_what_is_no_alias_is_refused_by_its_field_and_not_repeated(
    kind: object, value: object, field: str
) -> None:
    with pytest.raises(UnfitAlias) as refusal:
        check_alias(kind, value)
    assert refusal.value.field == field
    said = f"{refusal.value} {refusal.value.params}"
    assert "minji" not in said
    assert "8212345678" not in said
