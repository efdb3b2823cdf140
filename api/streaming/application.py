"""The ASGI application of ``truelift stream``: ``GET /sub/{client_key}``, and whether it lives."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from api.client_answers import CROSS_ORIGIN, PREFLIGHT, NotStreamed, headers_of, status_of
from api.client_keys import RateLimit, address_of
from api.i18n import LANGUAGES, translations
from api.streaming.feed import Feed, Listener
from experiments.assignment.snapshot import SnapshotKeeper
from experiments.errors import TrueliftError
from experiments.korean.particles import filled

Message = MutableMapping[str, Any]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PREFIX = "/sub/"
HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b":\n\n"
# A large event goes out piece by piece: what waits for a slow listener is a few pieces of it.
PIECE_BYTES = 16 * 1024
# Browsers come back after so many milliseconds; not all at once.
COME_BACK_MS = (2000, 6000)
STREAMED = {
    **CROSS_ORIGIN,
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
ANSWERED = {
    **CROSS_ORIGIN,
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class NoSuchAddress(NotStreamed):
    """Something else than the streams was asked for."""

    template = "only GET /sub/ and a client key are answered here"


@dataclass(frozen=True)
class Streaming:
    """The application.

    Attributes:
        feed: Whom to tell what.
        keeper: The configuration, refreshed while the application lives.
        limit: How often one address may come.
        proxies: How many proxies of our own stand in front.
        heartbeat_seconds: A sign of life comes at least so often.
    """

    feed: Feed
    keeper: SnapshotKeeper
    limit: RateLimit
    proxies: int = 0
    heartbeat_seconds: float = HEARTBEAT_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or live from the server's start to its end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] in {"/healthz", "/readyz"}:
            await self._tell_state(scope, send)
        elif scope["method"] == "OPTIONS":
            await _answer(send, 200, b"", {**ANSWERED, **PREFLIGHT})
        else:
            await self._admit(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.keeper.start()
        watching = asyncio.create_task(self.feed.watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        await asyncio.to_thread(self.keeper.stop)
        await send({"type": "lifespan.shutdown.complete"})

    async def _tell_state(self, scope: Scope, send: Send) -> None:
        ready = self.keeper.loaded or scope["path"] == "/healthz"
        state = {
            "status": "ok" if ready else "no configuration",
            "configuration_age_seconds": self.keeper.age_seconds,
            "listeners": self.feed.listeners,
        }
        await _answer(send, 200 if ready else 503, msgspec.json.encode(state), ANSWERED)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            key = _key_of(scope)
            with self.feed.listening(key) as listener:
                self.limit.take(key, self._address(scope))
                await self._stream(listener, receive, send)
        except TrueliftError as refusal:
            await _refuse(scope, send, refusal)

    async def _stream(self, listener: Listener, receive: Receive, send: Send) -> None:
        await send(_start(200, STREAMED))
        leaving = asyncio.create_task(_leave_with(receive, listener))
        try:
            await _more(send, f"retry: {random.randint(*COME_BACK_MS)}\n".encode())  # noqa: S311 - spreads load, keeps no secret
            while self.feed.welcome(listener):
                listener.news.clear()
                await self._tell(listener, send)
                await self._wait(listener)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            leaving.cancel()

    async def _tell(self, listener: Listener, send: Send) -> None:
        """The present features, or a sign of life where they are known."""
        told = self.feed.told(listener.project_id)
        if told.etag == listener.etag:
            await _more(send, HEARTBEAT)
            return
        listener.etag = told.etag
        for start in range(0, len(told.event), PIECE_BYTES):
            await _more(send, told.event[start : start + PIECE_BYTES])

    async def _wait(self, listener: Listener) -> None:
        # Spread, since all listeners are told of a change at one instant.
        seconds = self.heartbeat_seconds * random.uniform(0.8, 1)  # noqa: S311 - spreads load, keeps no secret
        try:
            async with asyncio.timeout(seconds):
                await listener.news.wait()
        except TimeoutError:
            pass

    def _address(self, scope: Scope) -> str:
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        peer = (scope.get("client") or ("",))[0]
        return address_of(peer, b",".join(forwarded).decode("latin-1"), self.proxies)


def _key_of(scope: Scope) -> str:
    path: str = scope["path"]
    if scope["method"] != "GET" or not path.startswith(PREFIX):
        raise NoSuchAddress
    return path.removeprefix(PREFIX)


async def _leave_with(receive: Receive, listener: Listener) -> None:
    """See the listener go."""
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.leave()


async def _refuse(scope: Scope, send: Send, refusal: TrueliftError) -> None:
    """A refusal in the form and the language that the client reads."""
    wished = b",".join(value for name, value in scope["headers"] if name == b"accept-language")
    accepted = parse_accept_header(wished.decode("latin-1"), LanguageAccept)
    catalogue = translations(accepted.best_match(LANGUAGES, default="en") or "en")
    sentence = filled(catalogue.gettext(refusal.template), refusal.params)
    status = status_of(refusal)
    body = msgspec.json.encode({"status": status, "error": sentence})
    await _answer(send, status, body, {**ANSWERED, **headers_of(refusal)})


async def _answer(send: Send, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    await send(_start(status, {**headers, "Content-Length": str(len(body))}))
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _more(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _start(status: int, headers: Mapping[str, str]) -> Message:
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": encoded}
