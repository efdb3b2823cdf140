"""A mapping proposed for a file, by the names of its columns and a look at its first rows."""

import re
from collections.abc import Sequence
from typing import Any

from experiments.ledger.imports.presets import fitting
from experiments.ledger.imports.presets.contract import Columns
from experiments.ledger.imports.presets.mail_tool import ADDRESSES, HAPPENINGS, SENT, UNITS

NAMES: dict[str, Sequence[str]] = {
    "source_id": ("source_id", "event_id", "id", "message_id", "order_id", "uuid", "이벤트 ID",
                  "주문번호"),
    "type": ("type", "event", "event_type", "event_name", "이벤트", "이벤트명", "유형", "행동"),
    "occurred_at": ("occurred_at", "time", "timestamp", "event_time", "created_at", "date",
                    "datetime", "일시", "발생일시", "시간", "시각", "날짜", "주문일시", *SENT),
    "value": ("value", "amount", "price", "revenue", "total", "금액", "결제금액", "주문금액",
              "매출"),
    "currency": ("currency", "통화"),
    "machine": ("machine", "machine_open", "is_machine", "bot", "자동 오픈"),
    "experiment": ("experiment", "experiment_key", "test", "테스트", "실험"),
    "variant": ("variant", "variation", "arm", "group", "segment", "version", "안", "그룹", "대안",
                "실험군"),
    "channel": ("channel", "채널"),
    "suppressed_reason": ("suppressed_reason", "미발송 사유"),
    "cost": ("cost", "발송 비용"),
}  # fmt: skip
_KIND, _VALUE = ("kind", "alias_kind", "종류"), ("value", "alias", "값")
_SINCE = ("valid_from", "since", "from", "유효 시작", "적용일")
_TELLING = {
    "sendgrid": {"sg_event_id"},
    "ga4_bigquery": {"event_timestamp", "event_params"},
    "braze": {"id", "time", "dispatch_id"},
    "hubspot": {"emailCampaignId", "recipient"},
    "mixpanel": {"event", "properties"},
    "amplitude": {"event_type", "insert_id"},
    "cloudevents": {"specversion", "source"},
    "customerio": {"event_id", "metric"},
    "brevo": {"event", "message-id"},
}
_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)\s*$")
_YEAR_LAST = re.compile(r"\s*(\d{1,2})[-./](\d{1,2})[-./]\d{4}\b")


def propose(header: Sequence[str], rows: Sequence[Sequence[str]], zone: str) -> dict[str, Any]:
    """The likeliest mapping; what only a person knows is left out of it.

    Args:
        header: Names of the columns.
        rows: The first rows, as cells.
        zone: Of times without offset.

    Examples:
        >>> propose(["user_id", "type", "time"], [["7", "open", "2025-03-10 10:00"]], "Asia/Seoul")
        ... # doctest: +NORMALIZE_WHITESPACE
        {'form': 'long', 'fact': 'event', 'columns': {'unit_id': 'user_id', 'type': 'type',
         'occurred_at': 'time'}, 'zone': 'Asia/Seoul'}
    """
    columns = Columns(header)
    preset = fitting(header)
    found = preset.propose(columns) if preset is not None else _by_names(columns)
    return found | _times(found, header, rows, zone)


def likely_source(item: object) -> str:
    """The source whose item this looks like; ``mapped`` if it looks like none.

    Examples:
        >>> likely_source({"sg_event_id": "1", "event": "open"}), likely_source({"a": 1})
        ('sendgrid', 'mapped')
    """
    first = item[0] if isinstance(item, list) and item else item
    fields = set(first) if isinstance(first, dict) else set()
    return next((name for name, telling in _TELLING.items() if telling <= fields), "mapped")


def _by_names(columns: Columns) -> dict[str, Any]:
    unit, alias = _customer(columns)
    known = {name: columns.find(names) for name, names in NAMES.items()}
    fields = _each_once({"unit_id": unit} | known)
    kind = columns.find(_KIND)
    if kind is not None and unit and alias is None and columns.find(_VALUE):
        return _aliases(columns, {"kind": {"column": kind}}, columns.find(_VALUE) or "", unit)
    if _is_list_of_aliases(columns, unit, alias, fields):
        kind, value = _address(columns) or ("", "")
        return _aliases(columns, {"kind": kind}, value, unit or "")
    if "type" in fields and "occurred_at" in fields:
        return _long("event", fields, alias, columns)
    if "variant" in fields:
        wanted = ("source_id", "unit_id", "experiment", "variant", "occurred_at", "channel")
        sent = {name: fields[name] for name in wanted if name in fields}
        return _long("exposure", sent, alias, columns) | {"constants": {"type": "sent"}}
    if "value" in fields and "occurred_at" in fields:
        return _long("event", fields, alias, columns) | {"constants": {"type": "purchase"}}
    return _wide(columns, unit, alias)


def _customer(columns: Columns) -> tuple[str | None, str | None]:
    """The column of the customer, and the kind of the aliases in it."""
    unit = columns.find(UNITS)
    if unit is not None:
        return unit, None
    address = _address(columns)
    return (address[1], address[0]) if address else (None, None)


def _address(columns: Columns) -> tuple[str, str] | None:
    known = ((kind, columns.find(names)) for kind, names in ADDRESSES.items())
    return next(((kind, column) for kind, column in known if column is not None), None)


def _is_list_of_aliases(
    columns: Columns, unit: str | None, alias: str | None, fields: dict[str, str]
) -> bool:
    """Whether a file says nothing but who has which address."""
    says_more = {"type", "variant", "value"} & set(fields)
    happened = any(each.column(columns) for each in HAPPENINGS)
    return bool(unit and alias is None and _address(columns)) and not says_more and not happened


def _aliases(columns: Columns, kind: dict[str, Any], value: str, unit: str) -> dict[str, Any]:
    since = columns.find(_SINCE)
    return {
        "form": "aliases", **kind, "value": {"column": value}, "unit_id": {"column": unit},
        **({"valid_from": {"column": since}} if since else {}),
    }  # fmt: skip


def _long(fact: str, fields: dict[str, str], alias: str | None, columns: Columns) -> dict[str, Any]:
    found: dict[str, Any] = {"form": "long", "fact": fact, "columns": fields}
    known = columns.properties(fields.values())
    return found | ({"alias": alias} if alias else {}) | ({"properties": known} if known else {})


def _wide(columns: Columns, unit: str | None, alias: str | None) -> dict[str, Any]:
    customer: dict[str, Any] = {"column": unit} if unit else {"row_number": True}
    events = [each.column(columns) for each in HAPPENINGS]
    return {
        "form": "wide",
        "unit_id": customer | ({"alias": alias} if alias else {}),
        "exposure": "sent",
        "events": [each for each in events if each is not None],
    } | ({"properties": known} if (known := columns.properties()) else {})


def _each_once(fields: dict[str, str | None]) -> dict[str, str]:
    """A column for the first field that could be it, and for no other."""
    taken: dict[str, str] = {}
    for name, column in fields.items():
        if column is not None and column not in taken.values():
            taken[name] = column
    return taken


def _times(
    found: dict[str, Any], header: Sequence[str], rows: Sequence[Sequence[str]], zone: str
) -> dict[str, str]:
    """The zone of times without offset, and the order of dates if it needs to be said."""
    named = _time_columns(found)
    places = [index for index, name in enumerate(header) if name in named]
    cells = [row[index] for row in rows for index in places if index < len(row) and row[index]]
    local = [cell for cell in cells if not _OFFSET.search(cell)]
    if "zone" in found:
        return {}
    ends = [match for cell in local if (match := _YEAR_LAST.match(cell))]
    if not ends:
        return {"zone": zone}
    first_is_day = any(int(match[1]) > 12 for match in ends)
    return {"zone": zone, "date_order": "dmy" if first_is_day else "mdy"}


def _time_columns(found: dict[str, Any]) -> set[str]:
    named = {found.get("columns", {}).get("occurred_at")}
    for each in (found.get("at"), found.get("valid_from")):
        named |= {each["column"]} if isinstance(each, dict) else set()
    for event in found.get("events", []):
        named |= {event["column"]} if event.get("reads") == "time" else set()
        named |= {event["at"]["column"]} if "at" in event else set()
    return {name for name in named if name}
