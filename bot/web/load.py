"""No more requests at a time than a worker can answer, and none that waits for ever: 503 with ``Retry-After``."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.metrics import in_flight, refused
from bot.web.problems import problem_response

FREE = ("/healthz", "/readyz", "/metrics")
"""An orchestrator is told how a busy process is."""

RETRY_AFTER = "1"


class LoadLimit:
    """Answers 503 where ``most`` requests are being answered, or where one has not begun to be in ``timeout`` seconds.

    A place is free again when the work is over, not when its client was told to wait.
    """

    def __init__(self, app: ASGIApp, most: int, timeout: float) -> None:
        self._app = app
        self._most = most
        self._timeout = timeout
        self._working: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that there is no time."""
        if scope["type"] != "http" or scope["path"].startswith(FREE):
            await self._app(scope, receive, send)
            return
        if len(self._working) >= self._most:
            await self._refuse("busy", "All places are taken", scope, receive, send)
            return
        await self._answer_in_time(scope, receive, send)

    async def _answer_in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = asyncio.Event()
        late = False

        async def noted(message: Message) -> None:
            if late:
                return
            begun.set()
            await send(message)

        task = asyncio.create_task(self._work(scope, receive, noted))
        self._working.add(task)
        in_flight.inc()
        task.add_done_callback(self._over)
        try:
            await asyncio.wait({task}, timeout=self._timeout)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done() or begun.is_set():
            await task
            return
        late = True
        task.cancel()
        await self._refuse("late", f"There was no answer in {self._timeout:g} seconds", scope, receive, send)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        in_flight.dec()
        # A task that was given up has nobody who asks for its error.
        if not task.cancelled():
            task.exception()

    async def _refuse(self, why: str, what: str, scope: Scope, receive: Receive, send: Send) -> None:
        refused.labels(why).inc()
        detail = (
            f"{what}. Try again in a moment. "
            "If someone is in danger now, call your emergency number; do not wait for Careleaf."
        )
        response = problem_response(Request(scope), why, "Careleaf is busy", 503, detail)
        response.headers["retry-after"] = RETRY_AFTER
        await response(scope, receive, send)
