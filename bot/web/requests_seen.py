"""What is noted of each request: method, route, status, time. Never what was asked, nor by whom."""

import re
import time
import uuid
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,128}")
"""An id of the sender's that is taken over; anything else is replaced, since it is written into logs."""

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

UNMATCHED = "unmatched"

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that was answered. ``route`` is the pattern that matched, such as ``/api/v1/faq/{topic}/{name}``."""

    method: str
    route: str
    status: int
    seconds: float
    request_id: str


class RequestsSeen:
    """Gives each request an id, sends it back as ``X-Request-ID``, and tells observers of what was answered."""

    def __init__(self, app: ASGIApp, observers: Sequence[Callable[[Seen], None]]) -> None:
        self._app = app
        self._observers = tuple(observers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and tell."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        own = sent if WELL_FORMED.fullmatch(sent) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = own
        mark = request_id.set(own)
        started = time.perf_counter()
        status = 500

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = own
            await send(message)

        try:
            await self._app(scope, receive, with_id)
        finally:
            seen = Seen(method_of(scope), route_of(scope), status, time.perf_counter() - started, own)
            for tell in self._observers:
                tell(seen)
            request_id.reset(mark)


def method_of(scope: Scope) -> str:
    """Return the method, or OTHER: what is counted by a sender's own words grows without end."""
    return scope["method"] if scope["method"] in METHODS else "OTHER"


def route_of(scope: Scope) -> str:
    """Return the pattern of the route that matched; an address itself could hold a question.

    A route of an included router knows its own part of the pattern only; what stands before is taken from the address,
    where no pattern of ours has parameters.
    """
    own = getattr(scope.get("route"), "path", None)
    if own is None or ":path}" in own:
        return own or UNMATCHED
    address = scope["path"].split("/")
    return "/".join(address[: len(address) - own.count("/")]) + str(own)
