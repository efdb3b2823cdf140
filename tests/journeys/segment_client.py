"""Sends events with Segment's library, as it is; run in an environment of its own.

Usage: segment_client.py URL KEY COUNT GZIP. Prints ``halfway`` once half were handed over,
and the errors that the library told, if any, at the end.
"""

import sys
import time
from datetime import UTC, datetime

SECONDS = 4.0


def main(url: str, key: str, count: int, gzip: bool) -> None:
    # Of that environment, and in no other.
    from segment import analytics  # type: ignore[import-not-found] # noqa: PLC0415

    errors: list[str] = []
    analytics.write_key = key
    analytics.host = url
    analytics.gzip = gzip
    analytics.on_error = lambda error, _: errors.append(str(error))
    # Small batches, so that the server is killed among them.
    analytics.upload_size = 10
    for number in range(7):
        customer, at = f"customer-{number}", datetime(2025, 3, 1, tzinfo=UTC)
        analytics.identify(
            customer, {"email": f"{number}@example.com"}, anonymous_id=f"a-{number}",
            timestamp=at, message_id=f"identify-{number}",
        )  # fmt: skip
        analytics.alias(
            f"guest-{number}", customer, timestamp=at, message_id=f"alias-{number}"
        )  # fmt: skip
    for number in range(count):
        analytics.track(
            f"customer-{number % 7}",
            "Order Completed",
            {"order_id": f"o-{number}", "revenue": 1000, "currency": "KRW"},
            timestamp=datetime(2025, 3, 10, 1, 0, number % 60, tzinfo=UTC),
            message_id=f"order-{number}",
        )
        if number == count // 2:
            print("halfway", flush=True)
        time.sleep(SECONDS / count)
    analytics.shutdown()
    print("done", errors, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "gzip")
