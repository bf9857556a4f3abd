"""A question that was answered before, in the same bytes, is answered in the same bytes: before it is parsed or routed.

Nothing but time is saved. An answer is a pure function of the request and the pipeline, and what is kept belongs to one
pipeline; limits, logs and metrics stand around this and see every request.
"""

from types import SimpleNamespace

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.api.parts import parts_of
from bot.web.api.rendered import ASKED, Asked
from bot.web.metrics import count_answer

ADDRESS = "/api/v1/ask"
READ = (b"content-type", b"accept", b"accept-language")
"""Headers on which an answer depends."""


class RepeatedAnswers:
    """Sends again what the route sent for the same request; any other request goes on, its body unread or handed on."""

    def __init__(self, app: ASGIApp, of: FastAPI) -> None:
        self._app = app
        self._of = of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what was kept, or go on."""
        pipeline = self._of.state.pipeline
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != ADDRESS or pipeline is None:
            await self._app(scope, receive, send)
            return
        first = await receive()
        if first["type"] != "http.request" or first.get("more_body", False):
            await self._app(scope, begun_with(first, receive), send)
            return
        asked = read_asked(scope, first.get("body", b""))
        found = parts_of(pipeline).rendered.find(asked)
        if found is None:
            scope.setdefault("state", {})[ASKED] = asked
            await self._app(scope, begun_with(first, receive), send)
            return
        count_answer(found.kind)
        scope["route"] = SimpleNamespace(path=ADDRESS)  # for whoever counts requests by route
        await send({"type": "http.response.start", "status": 200, "headers": list(found.headers)})
        await send({"type": "http.response.body", "body": found.body})


def read_asked(scope: Scope, body: bytes) -> Asked:
    """Return what an answer follows from."""
    sent: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in READ:
            sent[name] = sent[name] + b"\n" + value if name in sent else value
    return (body, *(sent.get(name, b"") for name in READ))


def begun_with(first: Message, receive: Receive) -> Receive:
    """Return a receive that gives a message that was received already, and then what comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return first

    return again
