"""On SIGTERM: not ready any more, still answering for a moment, then the server's own graceful end."""

import asyncio
import signal
import threading
from types import FrameType

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def drain_on_sigterm(app: FastAPI, seconds: float) -> None:
    """Put ``seconds`` between SIGTERM and the server's own handler, in which ``/readyz`` says 503.

    A second SIGTERM ends the wait. Outside the main thread (a test's client) there are no signals, and nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    end = signal.getsignal(signal.SIGTERM)
    if not callable(end):
        return

    def begin(number: int, frame: FrameType | None) -> None:
        if app.state.draining or not seconds:
            end(number, frame)
            return
        app.state.draining = True
        loop.call_soon_threadsafe(loop.call_later, seconds, end, number, None)

    signal.signal(signal.SIGTERM, begin)


class CloseWhileDraining:
    """Asks clients to close their connection while the process drains, so that none is cut between two requests."""

    def __init__(self, app: ASGIApp, state: FastAPI) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add ``connection: close`` while draining."""

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self._state.state.draining:
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self._app(scope, receive, closing if scope["type"] == "http" else send)
