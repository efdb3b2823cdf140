"""How GrowthBook's clients are answered, by the web process and by the one that streams."""

from api.client_keys import ClientKeyRefused, TooManyRequests
from experiments.errors import TrueliftError, Unavailable

AGAIN_AFTER_SECONDS = 2
# Any site may call: what a client key opens is public, and no cookie is looked at.
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, X-Config-Age, x-sse-support, Retry-After",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, If-None-Match, Cache-Control, Last-Event-ID",
    "Access-Control-Max-Age": "86400",
}


class NotStreamed(TrueliftError):
    """No process that streams is set up behind this address."""

    template = "changes are not streamed here; ask for the features again from time to time"


def status_of(refusal: TrueliftError) -> int:
    """The status by which clients know what to make of a refusal."""
    match refusal:
        case Unavailable():
            return 503
        case TooManyRequests():
            return 429
        case NotStreamed():
            return 404
        case _:
            return 400


def headers_of(refusal: TrueliftError) -> dict[str, str]:
    """What goes with a refusal: when to come again, or that there is no use."""
    match refusal:
        case ClientKeyRefused():
            return {"x-unrecoverable": "1"}
        case TooManyRequests():
            return {"Retry-After": str(refusal.params["seconds"])}
        case Unavailable():
            return {"Retry-After": str(AGAIN_AFTER_SECONDS)}
        case _:
            return {}
