"""POST /webhooks/<channel>: a signed message in, a short answer out. A channel that is not set up does not exist."""

import time

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bot.channels.adapter import Channel, Incoming, Reply
from bot.channels.shorten import shorten
from bot.pipeline import Pipeline
from bot.schema import QuestionRefused
from bot.web.state import Answering

router = APIRouter(include_in_schema=False)


@router.post("/webhooks/{name}")
async def receive(name: str, request: Request, pipeline: Answering) -> Response:
    """Answer a message of a channel, if the channel's signature holds."""
    channel: Channel | None = request.app.state.channels.get(name)
    if channel is None:
        raise HTTPException(404, "no such channel is set up; docs/channels.md says how")
    public = request.app.state.settings.public_url
    message = Incoming(
        headers={key.lower(): value for key, value in request.headers.items()},
        url=seen_address(request, public),
        body=await request.body(),
        now=time.time(),
    )
    if not channel.verify(message):
        raise HTTPException(403, "the signature does not hold; see CARELEAF_PUBLIC_URL and the channel's secret")
    reply = await run_in_threadpool(reply_to, channel, message, pipeline, public)
    return Response(reply.body, media_type=reply.media_type)


def reply_to(channel: Channel, message: Incoming, pipeline: Pipeline, public: str | None) -> Reply:
    """Return the short answer; a question that is refused is answered with the reason."""
    try:
        answer = pipeline.ask(channel.read(message))
    except QuestionRefused as refused:
        return channel.write(str(refused), None)
    return channel.write(shorten(answer, pipeline.renderer, channel.limit(message), public), answer)


def seen_address(request: Request, public: str | None) -> str:
    """Return the address as the sender knows it: behind a proxy the request's own is another."""
    if public is None:
        return str(request.url)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{public.rstrip('/')}{request.url.path}{query}"
