"""Middleware in plain ASGI: no body larger than allowed is read, and every response says how it may be used."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.problems import SAFE_HEADERS, problem_response

DOCS_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SAFE = tuple((name.encode(), value.encode()) for name, value in SAFE_HEADERS.items())
"""As they go over the wire."""


class BodyLimit:
    """Refuses a request whose body is larger than ``most`` bytes, announced or not."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what arrives, and answer 413 where it is too much."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > self._most:
            await self._refuse(request, scope, receive, send)
            return
        arrived = 0
        started = False

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            # What comes after the limit is not handed on: the application sees the client leave.
            return {"type": "http.disconnect"} if arrived > self._most else message

        async def noted(message: Message) -> None:
            nonlocal started
            if arrived > self._most and not started:
                return
            started = True
            await send(message)

        await self._app(scope, counted, noted)
        if arrived > self._most and not started:
            await self._refuse(request, scope, receive, send)

    async def _refuse(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"The body is larger than {self._most:,} bytes, which is the most that is read. Send less."
        response = problem_response(request, "body-too-large", "The request is too large", 413, detail)
        response.headers["connection"] = "close"
        await response(scope, receive, send)


class SafeHeaders:
    """Adds ``SAFE_HEADERS`` to every response; the API page needs its own inline script and style."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        documentation = scope["path"].startswith(("/docs", "/redoc"))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = message.setdefault("headers", [])
                present = {name for name, _ in sent}
                message["headers"] = [*sent, *(header for header in SAFE if header[0] not in present)]
                if documentation:
                    MutableHeaders(scope=message)["content-security-policy"] = DOCS_POLICY
            await send(message)

        await self._app(scope, receive, with_headers)
