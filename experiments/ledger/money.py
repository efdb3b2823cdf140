"""Numbers as the ledger keeps them: whole, within 64 bits, never rounded.

Money is kept in minor units of its currency (ISO 4217), any other number times 1,000,000.
Sums of integers are the same in any order and on any engine; sums of floats are not.
"""

from decimal import Decimal

from experiments.errors import Invalid
from experiments.ledger.fields import brief

LARGEST = 2**63 - 1
NUMBER_DECIMALS = 6
_MOST_DIGITS = 40

# ISO 4217, the money in use in 2025, by the number of decimals of its minor unit.
_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN"
        " BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP"
        " GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT"
        " LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN"
        " NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE"
        " SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES"
        " WST XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_UNIT_DECIMALS = {
    code: decimals for decimals, codes in _DECIMALS.items() for code in codes.split()
}


def check_currency(code: object, field: str = "currency") -> str:
    """Give the code back if it is money in use.

    Raises:
        Invalid: If it is not an ISO 4217 code, in capitals.
    """
    if not isinstance(code, str) or code not in MINOR_UNIT_DECIMALS:
        raise Invalid(field=field, expected="an ISO 4217 code in capitals, such as KRW", got=code)
    return code


def check_amount(value: object, currency: object, field: str) -> None:
    """Refuse an amount that is no finite number, or a currency that is none or has no amount.

    Raises:
        Invalid: Naming ``field`` or ``currency``.
    """
    if currency is not None:
        check_currency(currency)
    if value is None:
        raise Invalid(field=field, expected="an amount, since a currency is given", got=None)
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise Invalid(field=field, expected="a number", got=brief(value))
    if isinstance(value, Decimal) and not value.is_finite():
        raise Invalid(field=field, expected="a finite number", got=brief(value))


def scaled(value: Decimal | int, currency: str | None, field: str = "value") -> int:
    """The number as the ledger keeps it.

    Args:
        value: An amount in units of ``currency``, or without one any number.
        currency: ISO 4217 code, or None.
        field: Path of the number in the caller's input.

    Returns:
        Minor units of the currency, or millionths.

    Raises:
        Invalid: If it is no finite number, has more decimals than are kept, or is beyond
            64 bits once scaled.

    Examples:
        >>> scaled(42000, "KRW"), scaled(Decimal("13.50"), "USD"), scaled(Decimal("0.5"), None)
        (42000, 1350, 500000)
    """
    decimals = NUMBER_DECIMALS if currency is None else MINOR_UNIT_DECIMALS[currency]
    if isinstance(value, int):
        return _within_64_bits(value * 10**decimals, value, field)
    if not value.is_finite():
        raise Invalid(field=field, expected="a finite number", got=brief(value))
    # Powers of ten are counted before any is multiplied out: 1E+999999 is a short text.
    if value and value.adjusted() + decimals > _MOST_DIGITS:
        raise Invalid(field=field, expected="a number within 64 bits", got=brief(value))
    return _within_64_bits(_exactly(value, decimals, field), value, field)


def unscaled(value: int, currency: str | None) -> Decimal:
    """The number as it was reported.

    Examples:
        >>> unscaled(1350, "USD")
        Decimal('13.50')
    """
    decimals = NUMBER_DECIMALS if currency is None else MINOR_UNIT_DECIMALS[currency]
    return Decimal(value).scaleb(-decimals)


def _exactly(value: Decimal, decimals: int, field: str) -> int:
    if not value:
        return 0
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - finite, so not a letter
    surplus = -exponent - decimals
    if surplus > 0 and any(digits[-surplus:]):
        raise Invalid(field=field, expected=f"at most {decimals} decimals", got=brief(value))
    kept = digits[:-surplus] if surplus > 0 else digits + (0,) * -surplus
    whole = int("".join(map(str, kept)) or "0")
    return -whole if sign else whole


def _within_64_bits(whole: int, value: Decimal | int, field: str) -> int:
    if not -LARGEST <= whole <= LARGEST:
        raise Invalid(field=field, expected="a number within 64 bits", got=brief(value))
    return whole
