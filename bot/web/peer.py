"""Who is at the other end of the connection, before a proxy's headers say for whom it asks."""

import os

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

PEER = "careleaf.peer"


class NotePeer:
    """Keeps the address of the connection itself in the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take note, and go on."""
        if scope["type"] == "http":
            scope[PEER] = scope["client"][0] if scope.get("client") else ""
        await self._app(scope, receive, send)


def read_forwarded(app: FastAPI) -> None:
    """Read X-Forwarded-For of the proxies in FORWARDED_ALLOW_IPS, as uvicorn would, after the peer is noted.

    Uvicorn itself runs without it (``bot.web.server``): it would put the client in the proxy's place unseen. Where it
    runs with it all the same, the peer is the client, and no proxy's sign-in is believed.
    """
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"))
    app.add_middleware(NotePeer)
